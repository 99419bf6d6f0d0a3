/**
 * What waits to be put back, and whether a restock asks for more than that. Two limits hold: of the goods, what was
 * refunded and not put back; of their key, what the stock still counts as refunded. Several goods may share a key
 * (variants of a product that is counted as one), and units that the merchant has settled are of the key alone.
 */

import { claimsOf } from './claim.js';
import type { Line } from './line.js';
import { sameGoods, stateOf, unitsOf, type Order } from './order.js';
import type { Stock } from './stock.js';

interface StockView {
  stock(stockKey: string): Readonly<Stock>;
}

interface Waiting {
  goods: Omit<Line, 'quantity'>;
  stockKey: string;
  /** refunded and not put back */
  quantity: number;
}

function waitingOf(order: Order): Waiting[] {
  const state = stateOf(order);
  if (state !== 'paid' && state !== 'refunded') return [];
  return unitsOf(order).flatMap(({ refunded, putBack, stockKey, quantity: _, ...goods }) =>
    stockKey === undefined || refunded <= putBack ? [] : [{ goods, stockKey, quantity: refunded - putBack }],
  );
}

/** Per key: units of the order that the stock still counts as refunded. */
function countedOf(order: Order, view: StockView): Map<string, number> {
  const counted = new Map<string, number>();
  for (const claim of claimsOf(order)) {
    const current = claim.settlement === view.stock(claim.stockKey).settlement;
    counted.set(claim.stockKey, current ? claim.refunded : 0);
  }
  return counted;
}

/** What waits to be put back: refunded, not put back, and not settled by the merchant since. */
export function restockable(order: Order, view: StockView): Line[] {
  const left = countedOf(order, view);
  const lines: Line[] = [];
  for (const { goods, stockKey, quantity: waiting } of waitingOf(order)) {
    const available = left.get(stockKey) ?? 0;
    const quantity = Math.min(waiting, available);
    if (quantity <= 0) continue;
    left.set(stockKey, available - quantity);
    lines.push({ ...goods, quantity });
  }
  return lines;
}

/** Says in words which goods the lines name more of than waits to be put back; undefined when none. */
export function tooManyOf(order: Order, lines: readonly Line[], view: StockView): string | undefined {
  const all = waitingOf(order);
  const left = countedOf(order, view);
  for (const { productId, quantity, ...goods } of lines) {
    const waiting = all.find((other) => sameGoods(other.goods, { productId, ...goods }));
    const available = waiting ? Math.min(waiting.quantity, left.get(waiting.stockKey) ?? 0) : 0;
    if (waiting === undefined || quantity > available) {
      return `${productId}: only ${available} wait to be put back`;
    }
    waiting.quantity -= quantity;
    left.set(waiting.stockKey, (left.get(waiting.stockKey) ?? 0) - quantity);
  }
  return undefined;
}
