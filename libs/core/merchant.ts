/** What the merchant does to a key. Orders are never consulted: a number says what can still be ordered. */

import type { Stock, StockDelta } from './stock.js';

export type MerchantChange =
  /** what can still be ordered from now on; `null` = unlimited */
  { type: 'set'; quantity: number | null } | { type: 'adjust'; by: number };

export type MerchantDecision =
  | { kind: 'changed'; stock: Stock; delta: Omit<StockDelta, 'stockKey'> }
  | { kind: 'refused'; reason: 'unlimited' | 'below-zero'; free: number | null };

/** The largest number a key can be set to; sums of it stay exact. */
export const MAX_QUANTITY = 1_000_000_000;

export function changeStock(stock: Readonly<Stock>, change: MerchantChange): MerchantDecision {
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
  // Setting settles the key: the merchant has just said what there is, refunded goods included.
  return {
    kind: 'changed',
    stock: { ...stock, free: change.quantity, refunded: 0, settlement: stock.settlement + 1, version },
    delta: {
      free: (change.quantity ?? 0) - (stock.free ?? 0),
      held: 0,
      sold: 0,
      refunded: 0 - stock.refunded,
    },
  };
}
