/**
 * What the merchant does to a key, and how that is taken back. Orders are never consulted: a number says what can
 * still be ordered.
 */

import type { Stock, StockDelta } from './stock.js';

export type MerchantChange =
  /** what can still be ordered from now on; `null` = unlimited */
  { type: 'set'; quantity: number | null } | { type: 'adjust'; by: number };

/** What can happen to a key's numbers: what the merchant asks for, and what takes it back. */
export type NumberChange =
  | MerchantChange
  /** takes a `set` back: what can be ordered without it, and units that it settled, waiting once more */
  | { type: 'restore'; quantity: number | null; unsettled: number };

/** A change as it was made. */
export interface MadeChange {
  type: NumberChange['type'];
  before: Readonly<Stock>;
  after: Readonly<Stock>;
}

export type MerchantDecision =
  | { kind: 'changed'; stock: Stock; delta: Omit<StockDelta, 'stockKey'> }
  | { kind: 'refused'; reason: 'unlimited' | 'below-zero'; free: number | null };

/** The largest number a key can be set to; sums of it stay exact. */
export const MAX_QUANTITY = 1_000_000_000;

export function changeStock(stock: Readonly<Stock>, change: NumberChange): MerchantDecision {
  const version = stock.version + 1;
  if (change.type === 'adjust') {
    if (stock.free === null) return { kind: 'refused', reason: 'unlimited', free: null };
    const free = stock.free + change.by;
    if (free < 0) return { kind: 'refused', reason: 'below-zero', free: stock.free };
    return {
      kind: 'changed',
      stock: { ...stock, free, version },
      delta: { free: change.by, held: 0, sold: 0, refunded: 0 },
    };
  }
  if (change.quantity !== null && change.quantity < 0) {
    return { kind: 'refused', reason: 'below-zero', free: stock.free };
  }
  const delta = { free: (change.quantity ?? 0) - (stock.free ?? 0), held: 0, sold: 0 };
  if (change.type === 'restore') {
    return {
      kind: 'changed',
      stock: { ...stock, free: change.quantity, refunded: stock.refunded + change.unsettled, version },
      delta: { ...delta, refunded: change.unsettled },
    };
  }
  // Setting settles the key: the merchant has just said what there is, refunded goods included.
  return {
    kind: 'changed',
    stock: { ...stock, free: change.quantity, refunded: 0, settlement: stock.settlement + 1, version },
    delta: { ...delta, refunded: 0 - stock.refunded },
  };
}

/**
 * The change that takes another one back, while none has been made of the key since: the number as it would be
 * without it, with all that orders did meanwhile.
 * @param now the key's stock
 * @param unsettled units that the change settled and that still wait in the claims of their orders
 */
export function inverseOf(made: MadeChange, now: Readonly<Stock>, unsettled: number): NumberChange {
  const { type, before, after } = made;
  // What orders took from the number, or gave back to it, counted also while it was blank.
  const taken = now.held - after.held + (now.sold - after.sold) + (now.refunded - after.refunded);
  const quantity = before.free === null ? null : before.free - taken;
  if (type === 'adjust') return { type, by: (before.free ?? 0) - (after.free ?? 0) };
  // It had taken back a set that settled units: that one is made again.
  if (type === 'restore' && after.refunded > before.refunded) return { type: 'set', quantity };
  return { type: 'restore', quantity, unsettled };
}
