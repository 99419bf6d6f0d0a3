/** Stock keys against the orders that claim them and the merchant's changes. Pure but for its sums. */

import { BLANK, changeStock, type KeyClaim, type NumberChange } from '@holdfast/core';
import type { Findings } from './audit-findings.js';
import { believed } from '../documents/damage.js';
import type { StockChangeDoc, StockDoc } from '../documents/documents.js';

export type Balances = Omit<StockDoc, '_id'>;

/** What the audit reads of a change. */
export type AuditedChange = Pick<
  StockChangeDoc,
  '_id' | 'stockKey' | 'version' | 'type' | 'quantity' | 'unsettled' | 'before' | 'after'
>;

/** What was read of a key, all put together. */
export interface KeyAccount {
  /** none: it has no document */
  stock: Balances | undefined;
  /** sums of the claims of orders; sold includes those that were removed since */
  held: number;
  sold: number;
  refunded: number;
  /** the balances after the last change by the merchant, in their order */
  last: Balances | undefined;
}

export interface StockTotals {
  /** of keys that have a number */
  free: number;
  held: number;
  sold: number;
  refunded: number;
  unlimitedKeys: number;
}

export class StockAudit {
  readonly #keys = new Map<string, KeyAccount>();

  constructor(private readonly findings: Findings) {}

  get size(): number {
    return this.#keys.size;
  }

  addStock({ _id, ...stock }: StockDoc): void {
    this.#keys.set(_id, { stock, held: 0, sold: 0, refunded: 0, last: undefined });
  }

  /** Changes come in the order of their versions, key by key. All stock has been added. */
  addChange(change: AuditedChange): void {
    const { _id, stockKey, before, after } = change;
    const sums = this.#key(stockKey);
    // Every key starts blank.
    const last = sums.last ?? BLANK;
    const { findings } = this;
    const isCorrection = change.type === 'correct';
    // A correction may put the version right, too.
    const versionBefore = isCorrection ? change.version - 1 : before.version;
    findings.compare('change-gap', stockKey, `the version before change ${_id}`, last.version, versionBefore);
    findings.compare(
      'change-gap',
      stockKey,
      `the number of change ${_id}`,
      versionBefore + 1,
      change.version,
    );
    // A correction begins with what did not add up, and ends where the last change left the key.
    findings.compare(
      'change-drift',
      stockKey,
      `the sum of all its units ${isCorrection ? 'after' : 'before'} change ${_id}`,
      totalOf(last),
      totalOf(isCorrection ? after : before),
    );
    if (isCorrection) {
      sums.last = after;
      return;
    }
    const expected = afterOf(change);
    for (const balance of BALANCES) {
      const what = `${balance} after change ${_id}`;
      findings.compare('change-drift', stockKey, what, expected[balance], after[balance]);
    }
    sums.last = after;
  }

  /** Units of orders that were removed; they stay sold. */
  addPruned(stockKey: string, sold: number): void {
    this.#key(stockKey).sold += sold;
  }

  /** All stock and all changes have been added. */
  addClaims(subject: string, claims: readonly KeyClaim[]): void {
    for (const claim of claims) {
      // A refused order names keys that nobody may ever have ordered from: they need no document.
      if (claim.held === 0 && claim.sold === 0 && claim.refunded === 0) continue;
      const sums = this.#key(claim.stockKey);
      sums.held += claim.held;
      sums.sold += claim.sold;
      if (claim.refunded === 0) continue;
      const settlement = sums.last?.settlement ?? 0;
      if (claim.settlement === settlement) sums.refunded += claim.refunded;
      if (claim.settlement > settlement) {
        this.findings.compare(
          'claim-ahead',
          subject,
          `its settlement of ${claim.stockKey}`,
          settlement,
          claim.settlement,
        );
      }
    }
  }

  /** Compares every key; all orders and changes have been added. @param onKey is given those that differ */
  finish(onKey?: (stockKey: string, account: KeyAccount) => void): StockTotals {
    const totals: StockTotals = { free: 0, held: 0, sold: 0, refunded: 0, unlimitedKeys: 0 };
    for (const [stockKey, sums] of this.#keys) {
      const { stock } = sums;
      if (!stock) {
        this.findings.add(
          'stock-missing',
          stockKey,
          `${stockKey}: is named by orders or changes, but has no document`,
        );
        onKey?.(stockKey, sums);
        continue;
      }
      const before = this.findings.total;
      this.#compare(stockKey, sums, stock);
      if (this.findings.total > before) onKey?.(stockKey, sums);
      const { free, held, sold, refunded } = believed(stock);
      if (free === null) totals.unlimitedKeys += 1;
      totals.free += free ?? 0;
      totals.held += held;
      totals.sold += sold;
      totals.refunded += refunded;
    }
    return totals;
  }

  #compare(stockKey: string, sums: KeyAccount, stock: Balances): void {
    const { findings } = this;
    const { last, held, sold, refunded } = sums;
    findings.compare('held', stockKey, 'held', held, stock.held);
    findings.compare('sold', stockKey, 'sold', sold, stock.sold);
    findings.compare('refunded', stockKey, 'refunded', refunded, stock.refunded);
    const total = last ? totalOf(last) : null;
    const free = total === null ? null : total - held - sold - refunded;
    findings.compare('free', stockKey, 'free', free, stock.free);
    findings.compare('stock-version', stockKey, 'its version', last?.version ?? 0, stock.version);
    findings.compare('stock-version', stockKey, 'its settlement', last?.settlement ?? 0, stock.settlement);
  }

  #key(stockKey: string): KeyAccount {
    let sums = this.#keys.get(stockKey);
    if (!sums) {
      sums = { stock: undefined, held: 0, sold: 0, refunded: 0, last: undefined };
      this.#keys.set(stockKey, sums);
    }
    return sums;
  }
}

const BALANCES = ['free', 'held', 'sold', 'refunded', 'settlement', 'version'] as const;

/** What the change makes of the balances before it. */
function afterOf(made: AuditedChange): Balances {
  const decision = changeStock(made.before, changeOf(made));
  return decision.kind === 'changed' ? decision.stock : made.before;
}

function changeOf({ type, quantity, unsettled = 0 }: AuditedChange): NumberChange {
  switch (type) {
    case 'set':
      return { type, quantity };
    case 'adjust':
      return { type, by: quantity ?? 0 };
    case 'restore':
      return { type, quantity, unsettled };
    case 'correct':
      throw new Error('a correction follows from the orders, not from the numbers before it');
  }
}

/** All units of a key; `null` while it is blank. */
export function totalOf({ free, held, sold, refunded }: Balances): number | null {
  return free === null ? null : free + held + sold + refunded;
}
