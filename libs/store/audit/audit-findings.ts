/** What an audit has found: every difference counted, the first of them kept. */

import { shown } from '../documents/damage.js';

/** Each kind, with what it means; shown by `ops audit --help` and in the runbook. */
export const DIFFERENCES = {
  held: 'held units of a stock key are not the sum of the orders that hold them',
  sold: 'sold units of a stock key are not the sum of the orders that bought them',
  refunded: 'refunded units of a stock key are not the sum of the claims that wait to be put back',
  free: 'what is left of a stock key is not what the merchant set, less what orders took since',
  'stock-missing': 'orders or changes name a stock key that has no document',
  'stock-version': 'a stock key has another version or settlement than its last change says',
  'change-gap': "the merchant's changes of a stock key are not numbered without gaps",
  'change-drift': 'units appeared or vanished between two changes of a stock key, or in one',
  'order-damaged': 'an order was changed by hand, and cannot be read any more',
  'order-state': "an order's state is not what its facts say",
  'order-due': 'an order that holds nothing has a due time, or one that holds has another than its facts say',
  'order-claim': "an order's stored claim is not what its facts say",
  'order-version': "an order's transitions are not numbered without gaps, or its version is another",
  'claim-ahead': 'a claim is settled more often than its stock key',
  'fact-missing': 'an order has lost a fact',
  'fact-repeated': 'an order knows the same payment, refund or restock twice',
  'fact-orphan': 'a fact belongs to no order, or is numbered beyond what its order has',
  'hold-overdue': 'a hold is still there long after it fell due',
  unpublished: 'outcomes or dead letters wait in the outbox for too long',
} as const;
export type DifferenceKind = keyof typeof DIFFERENCES;

export interface Difference<Kind extends string = DifferenceKind> {
  kind: Kind;
  /** the stock key, order, fact or outbox document */
  subject: string;
  expected?: number | string | null;
  actual?: number | string | null;
  /** for people */
  message: string;
}

export class Findings<Kind extends string = DifferenceKind> {
  readonly listed: Difference<Kind>[] = [];
  readonly counts: Partial<Record<Kind, number>> = {};
  total = 0;

  /** @param maxListed differences kept; the rest is only counted */
  constructor(private readonly maxListed: number) {}

  add(
    kind: Kind,
    subject: string,
    message: string,
    values: Pick<Difference, 'expected' | 'actual'> = {},
  ): void {
    this.total += 1;
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    if (this.listed.length < this.maxListed) this.listed.push({ kind, subject, ...values, message });
  }

  /** Adds a difference when the two are not the same. */
  compare(
    kind: Kind,
    subject: string,
    what: string,
    expected: number | string | null,
    actual: number | string | null,
  ): void {
    if (expected === actual) return;
    const isText = typeof expected === 'string';
    const found = isText ? String(actual) : shown(actual);
    const wanted = isText ? expected : shown(expected);
    const message = `${subject}: ${what} is ${found}, and should be ${wanted}`;
    this.add(kind, subject, message, { expected, actual });
  }
}
