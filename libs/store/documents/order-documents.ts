/** Orders to documents and back: the head in `orders`, every fact but the placement in `orderFacts`. */

import {
  newOrder,
  orderKey,
  stateOf,
  type Cause,
  type Order,
  type OrderEvent,
  type Refund,
  type Restock,
  type Transition,
} from '@holdfast/core';
import { throwIfDamaged } from './damage.js';
import type { FactType, OrderDoc, OrderFactDoc, PlacedDoc } from './documents.js';

/** The facts that an order has documents for: all of them but the placement. */
export function factIds(doc: OrderDoc): string[] {
  const ids: string[] = [];
  for (let entry = 1; entry <= doc.entries; entry++) {
    if (entry !== doc.placed?.entry) ids.push(`${doc._id}/${entry}`);
  }
  return ids;
}

/**
 * @param facts the order's facts, in the order they came
 * @throws DamagedFault when somebody changed the document by hand, so that they cannot be had from it
 */
export function orderFrom(doc: OrderDoc, facts: readonly OrderFactDoc[]): Order {
  throwIfDamaged(doc);
  const [storeId, orderId] = doc._id.split('/') as [string, string];
  const order = newOrder(storeId, orderId);
  order.version = doc.version;
  if (doc.placed) {
    const { occurredAt, customerId, lines, dueAt } = doc.placed;
    order.placed = { occurredAt: occurredAt.getTime(), lines };
    if (customerId !== undefined) order.placed.customerId = customerId;
    order.dueAt = dueAt.getTime();
    if (doc.placed.askedBack) order.askedBack = doc.placed.askedBack;
  }
  if (doc.refused) order.refused = doc.refused;
  if (doc.claims) order.claims = doc.claims;
  if (facts.length > 0) addFacts(order, facts);
  return order;
}

function addFacts(order: Order, facts: readonly OrderFactDoc[]): void {
  const payments: string[] = [];
  const refunds: Refund[] = [];
  const restocks: Restock[] = [];
  const askedBack = [...order.askedBack];
  for (const fact of facts) {
    if (fact.askedBack) askedBack.push(...fact.askedBack);
    switch (fact.fact) {
      case 'paid':
        payments.push(fact.paymentId as string);
        if (fact.reinstated) order.reinstated = true;
        break;
      case 'rejected':
        order.rejected = fact.reason === undefined ? {} : { reason: fact.reason };
        break;
      case 'refunded': {
        const refund: Refund = { refundId: fact.refundId as string, restock: fact.restock === true };
        if (fact.paymentId !== undefined) refund.paymentId = fact.paymentId;
        if (fact.lines) refund.lines = fact.lines;
        refunds.push(refund);
        break;
      }
      case 'restocked':
        restocks.push({ restockId: fact.restockId as string, lines: fact.lines ?? [] });
        break;
      case 'expired':
        order.expired = true;
        break;
      case 'extended':
        order.dueAt = (fact.dueAt as Date).getTime();
        break;
    }
  }
  Object.assign(order, { payments, refunds, restocks, askedBack });
}

/** The head that says what the order has become. */
export function headOf(order: Order, entries: number, seq: number, placed: PlacedDoc | undefined): OrderDoc {
  const state = stateOf(order);
  const doc: OrderDoc = {
    _id: orderKey(order),
    storeId: order.storeId,
    state,
    version: order.version,
    entries,
    seq,
  };
  if (state === 'held' && order.dueAt !== undefined) doc.due = new Date(order.dueAt);
  if (placed) doc.placed = placed;
  if (order.refused) doc.refused = order.refused;
  if (order.claims) doc.claims = [...order.claims];
  return doc;
}

export function placedDoc(
  order: Order,
  cause: Cause,
  entry: number,
  at: Date,
  moved?: Transition,
): PlacedDoc {
  const placed = order.placed as NonNullable<Order['placed']>;
  const doc: PlacedDoc = {
    entry,
    at,
    occurredAt: new Date(placed.occurredAt),
    dueAt: new Date(order.dueAt as number),
    cause,
    lines: placed.lines,
  };
  if (placed.customerId !== undefined) doc.customerId = placed.customerId;
  if (moved) trace(doc, moved);
  return doc;
}

const FACT_OF: Record<Exclude<OrderEvent['type'], 'placed'>, FactType> = {
  paid: 'paid',
  rejected: 'rejected',
  refunded: 'refunded',
  restocked: 'restocked',
  due: 'expired',
  extended: 'extended',
};

/** @param order the order after the event */
export function factDoc(
  order: Order,
  event: Exclude<OrderEvent, { type: 'placed' }>,
  entry: number,
  at: Date,
  moved?: Transition,
): OrderFactDoc {
  const doc: OrderFactDoc = {
    _id: order.storeId + '/' + order.orderId + '/' + entry,
    fact: FACT_OF[event.type],
    at,
    cause: event.cause,
  };
  if (moved) trace(doc, moved);
  switch (event.type) {
    case 'paid':
      doc.paymentId = event.paymentId;
      if (moved?.outcomes.some((outcome) => outcome.outcome === 'Reinstated')) doc.reinstated = true;
      break;
    case 'rejected':
      if (event.reason !== undefined) doc.reason = event.reason;
      break;
    case 'refunded':
      doc.refundId = event.refundId;
      if (event.paymentId !== undefined) doc.paymentId = event.paymentId;
      if (event.lines) doc.lines = event.lines;
      if (event.restock) doc.restock = true;
      break;
    case 'restocked':
      doc.restockId = event.restockId;
      // What "all that waits" was when it was decided, not what it would be later.
      doc.lines = order.restocks[order.restocks.length - 1]?.lines ?? [];
      break;
    case 'due':
      break;
    case 'extended':
      doc.dueAt = new Date(event.dueAt);
      break;
  }
  return doc;
}

/** What the fact moved. */
function trace(doc: Pick<OrderFactDoc, 'version' | 'outcomes' | 'askedBack'>, moved: Transition): void {
  doc.version = moved.version;
  doc.outcomes = moved.outcomes.map((outcome) => outcome.outcome);
  // No flatMap here: nearly every transition has one outcome, and none of this kind.
  for (const { outcome, paymentId } of moved.outcomes) {
    if (outcome === 'RefundRequired' && paymentId !== undefined) (doc.askedBack ??= []).push(paymentId);
  }
}
