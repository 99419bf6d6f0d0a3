/** What was published of one transition, and what follows from it about what was decided then. Pure. */

import type { StockOutcome } from '@holdfast/contracts';
import {
  restockable,
  sameGoods,
  stockKey as keyOf,
  type Line,
  type Order,
  type OrderEvent,
  type Outcome,
  type View,
} from '@holdfast/core';

/** What the ledger says of one transition. */
export interface Published {
  version: number;
  seq: number;
  at: Date;
  cause: StockOutcome['cause'];
  outcomes: StockOutcome[];
}

export function isCausedBy({ cause }: OrderEvent, { topic, eventId }: StockOutcome['cause']): boolean {
  return cause.topic === topic && cause.eventId === eventId;
}

/** Every key that a line may have counted against. */
export function candidates(storeId: string, { productId, variantId, fulfillmentDate }: Line): string[] {
  return [
    keyOf(storeId, productId, variantId, fulfillmentDate),
    keyOf(storeId, productId, undefined, fulfillmentDate),
    keyOf(storeId, productId, variantId),
    keyOf(storeId, productId),
  ];
}

/** Which goods a restock put back: of each key so many, in the order of the lines. */
export function linesPutBack(order: Order, outcomes: readonly StockOutcome[], view: View): Line[] {
  const left = new Map<string, number>();
  for (const { stockKey, refunded } of outcomes[0]?.deltas ?? []) left.set(stockKey, -refunded);
  return restockable(order, view).flatMap((line) => {
    const own = order.placed?.lines.find((placed) => sameGoods(placed, line));
    const units = Math.min(line.quantity, left.get(own?.stockKey ?? '') ?? 0);
    if (units <= 0 || own?.stockKey === undefined) return [];
    left.set(own.stockKey, (left.get(own.stockKey) ?? 0) - units);
    return [{ ...line, quantity: units }];
  });
}

/** What was published and what is decided now, in words; undefined when they are the same. */
export function differenceOf(
  decided: readonly Outcome[],
  published: readonly StockOutcome[],
): string | undefined {
  const of = ({
    outcome,
    paymentId,
    deltas,
  }: {
    outcome: string;
    paymentId?: string;
    deltas: Moved[];
  }): string => [outcome, paymentId, ...deltas.filter(moves).map(textOf).sort()].join(' ');
  const now = decided.map(of).sort().join('; ');
  const then = published.map(of).sort().join('; ');
  return now === then ? undefined : `comes out as ${now}, and was ${then}`;
}

interface Moved {
  stockKey: string;
  held: number;
  sold: number;
  refunded: number;
}

function moves({ held, sold, refunded }: Moved): boolean {
  return held !== 0 || sold !== 0 || refunded !== 0;
}

function textOf({ stockKey, held, sold, refunded }: Moved): string {
  return `${stockKey} ${held}/${sold}/${refunded}`;
}
