/** An order as libs/store shows it, in the API's shape: what is not known is null. */

import { goodsOf, type FactView, type OrderView } from '@holdfast/store';
import type { FactDto, OrderDto } from './order.dto.js';

export function orderOf(view: OrderView): OrderDto {
  const { orderId, state, version, customerId, placedAt, expiresAt, reason, shortages = [] } = view;
  return {
    orderId,
    customerId: customerId ?? null,
    state,
    version,
    placedAt: placedAt ?? null,
    expiresAt: expiresAt ?? null,
    lines: view.lines.map(goodsOf),
    reason: reason ?? null,
    shortages: shortages.map(({ productId, variantId = null, fulfillmentDate = null, wanted, free }) => ({
      ...{ productId, variantId, fulfillmentDate, wanted, free },
    })),
    claims: view.claim,
    transitions: view.transitions.map(({ from, to, cause: { topic, eventId }, ...rest }) => ({
      ...rest,
      from,
      state: to,
      cause: { topic, eventId },
    })),
    facts: view.facts.map(factOf),
  };
}

function factOf({ entry: _, cause: { topic, eventId }, lines, ...rest }: FactView): FactDto {
  return { ...rest, cause: { topic, eventId }, ...(lines && { lines: lines.map(goodsOf) }) };
}
