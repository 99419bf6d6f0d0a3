/**
 * The published outcomes against the database: the topic is the ledger, so its sums are the balances, each
 * outcome is there by its id, and an order's first deliveries are in the order of its versions. Pure.
 */

import { createHash } from 'node:crypto';
import type { StockOutcome } from '@holdfast/contracts';
import { Findings, type Difference } from './audit-findings.js';
import type { OrderDoc, OrderFactDoc, StockDoc } from '../documents/documents.js';

export const LEDGER_DIFFERENCES = {
  balance: 'the sum of the published deltas is not the balance of the stock key',
  unlimited: 'what was last published of a key being unlimited is not so',
  'key-version': "the highest published version of a key is not the stock's",
  conflict: 'two messages of the same outcomeId say different things',
  order: 'first deliveries of an order are not in the order of its versions, or one is left out',
  missing: 'an outcome that an order made was not published',
  unknown: 'an outcome was published that no order made',
} as const;
export type LedgerDifferenceKind = keyof typeof LEDGER_DIFFERENCES;

export interface LedgerReport {
  clean: boolean;
  /** messages given, copies included */
  messages: number;
  copies: number;
  /** different outcomes of each kind */
  outcomes: Partial<Record<StockOutcome['outcome'], number>>;
  stockKeys: number;
  differences: number;
  counts: Partial<Record<LedgerDifferenceKind, number>>;
  listed: Difference<LedgerDifferenceKind>[];
}

export interface LedgerAgainst {
  stock: Iterable<StockDoc>;
  /** ids that the orders made, `expectedOutcomes` of each; absent: not checked */
  outcomeIds?: Iterable<string>;
}

type Balance = 'free' | 'held' | 'sold' | 'refunded';
const BALANCES: readonly Balance[] = ['free', 'held', 'sold', 'refunded'];

interface KeySum extends Record<Balance, number> {
  keyVersion: number;
  unlimited: boolean;
}

/** Takes the messages as they come, and compares at the end. */
export class Ledger {
  readonly #seen = new Map<string, string>();
  readonly #keys = new Map<string, KeySum>();
  readonly #versions = new Map<string, number>();
  readonly #findings: Findings<LedgerDifferenceKind>;
  readonly #outcomes: LedgerReport['outcomes'] = {};
  #messages = 0;

  /** @param maxListed differences kept; all are counted */
  constructor(maxListed = 1_000) {
    this.#findings = new Findings(maxListed);
  }

  /** Messages of one partition in the order of their offsets; partitions in any order. */
  add(message: StockOutcome): void {
    this.#messages += 1;
    const { outcomeId } = message;
    const content = createHash('sha1').update(JSON.stringify(message)).digest('base64');
    const before = this.#seen.get(outcomeId);
    if (before !== undefined) {
      if (before !== content)
        this.#findings.add('conflict', outcomeId, `${outcomeId}: said twice, differently`);
      return;
    }
    this.#seen.set(outcomeId, content);
    this.#outcomes[message.outcome] = (this.#outcomes[message.outcome] ?? 0) + 1;
    if (message.orderId !== undefined) this.#follow(message.storeId + '/' + message.orderId, message);
    for (const delta of message.deltas) this.#sum(delta);
  }

  /** How far the order has come by what was published. */
  versionOf(storeId: string, orderId: string): number {
    return this.#versions.get(storeId + '/' + orderId) ?? 0;
  }

  has(outcomeId: string): boolean {
    return this.#seen.has(outcomeId);
  }

  compare({ stock, outcomeIds }: LedgerAgainst): LedgerReport {
    const unseen = new Set(this.#keys.keys());
    for (const doc of stock) {
      unseen.delete(doc._id);
      this.#compareKey(doc);
    }
    for (const stockKey of unseen) {
      this.#findings.add('balance', stockKey, `${stockKey}: was published, but is not in the stock`);
    }
    if (outcomeIds) this.#compareIds(outcomeIds);
    const { total, counts, listed } = this.#findings;
    return {
      clean: total === 0,
      messages: this.#messages,
      copies: this.#messages - this.#seen.size,
      outcomes: this.#outcomes,
      stockKeys: this.#keys.size,
      differences: total,
      counts,
      listed,
    };
  }

  /** An order's transitions follow each other; one may have several outcomes. */
  #follow(order: string, { version, outcomeId }: StockOutcome): void {
    const last = this.#versions.get(order) ?? 0;
    if (version !== last && version !== last + 1) {
      const message = `${outcomeId}: came after version ${last} of its order`;
      this.#findings.add('order', order, message, { expected: last + 1, actual: version });
    }
    if (version > last) this.#versions.set(order, version);
  }

  #sum(delta: StockOutcome['deltas'][number]): void {
    let sum = this.#keys.get(delta.stockKey);
    if (!sum) {
      sum = { free: 0, held: 0, sold: 0, refunded: 0, keyVersion: 0, unlimited: true };
      this.#keys.set(delta.stockKey, sum);
    }
    for (const balance of BALANCES) sum[balance] += delta[balance];
    if (delta.keyVersion === undefined || delta.keyVersion <= sum.keyVersion) return;
    sum.keyVersion = delta.keyVersion;
    sum.unlimited = delta.unlimited === true;
  }

  #compareKey(doc: StockDoc): void {
    const findings = this.#findings;
    const none: KeySum = { free: 0, held: 0, sold: 0, refunded: 0, keyVersion: 0, unlimited: true };
    const sum = this.#keys.get(doc._id) ?? none;
    for (const balance of BALANCES) {
      findings.compare('balance', doc._id, `${balance} in the stock`, sum[balance], doc[balance] ?? 0);
    }
    findings.compare('key-version', doc._id, 'its version in the stock', sum.keyVersion, doc.version);
    const [published, is] = [String(sum.unlimited), String(doc.free === null)];
    findings.compare('unlimited', doc._id, 'being unlimited in the stock', published, is);
  }

  #compareIds(expected: Iterable<string>): void {
    const made = new Set<string>();
    for (const id of expected) {
      made.add(id);
      if (!this.#seen.has(id)) this.#findings.add('missing', id, `${id}: was not published`);
    }
    for (const id of this.#seen.keys()) {
      if (id.endsWith('/StockChanged') || made.has(id)) continue;
      this.#findings.add('unknown', id, `${id}: was published, but no order made it`);
    }
  }
}

/** All messages at once; see `Ledger`. */
export function auditLedger(messages: Iterable<StockOutcome>, against: LedgerAgainst): LedgerReport {
  const ledger = new Ledger();
  for (const message of messages) ledger.add(message);
  return ledger.compare(against);
}

/** The ids of all outcomes that an order has made. @param facts its facts, the placement left out */
export function expectedOutcomes(doc: OrderDoc, facts: readonly OrderFactDoc[]): string[] {
  const made = doc.placed ? [doc.placed, ...facts] : facts;
  return made.flatMap(({ version, outcomes, askedBack }) => {
    const base = `${doc._id}/${version}/`;
    const others = (outcomes ?? []).filter((outcome) => outcome !== 'RefundRequired');
    const required = (askedBack ?? []).map((paymentId) => `${base}RefundRequired/${paymentId}`);
    return [...others.map((outcome) => base + outcome), ...required];
  });
}
