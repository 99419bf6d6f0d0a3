/**
 * The order's life: one pure function takes an order, the stock and an event, and gives the order with the new
 * fact, the deltas and the outcomes. The same function serves the consumer, the timer, replays and tests.
 */

import { claimsOf, moveTo, soldTargets, targetsOf, unitsPerKey } from './claim.js';
import type { OrderEvent, PlacedEvent, RefundedEvent, RestockedEvent } from './event.js';
import type { Line } from './line.js';
import {
  MAX_FACTS,
  sameGoods,
  stateOf,
  unitsOf,
  unmatchedLines,
  type KeyClaim,
  type Order,
  type OrderLine,
  type OrderState,
  type Refusal,
  type Shortage,
} from './order.js';
import type { Decision, Notification, Outcome, Template, Transition } from './outcome.js';
import { restockable, tooManyOf } from './restock.js';
import { REFUSAL_REASONS, type Counting, type RefusalReason, type StoreSettings } from './settings.js';
import { parseStockKey } from './stock-key.js';
import type { Stock, StockDelta } from './stock.js';

/** What a decision may look at. */
export interface View {
  stock(stockKey: string): Readonly<Stock>;
  store(storeId: string): StoreSettings;
  /** what each of its lines counts against, by the settings of now */
  countings(event: PlacedEvent): readonly Counting[];
}

const UNCHANGED: Decision = { kind: 'unchanged' };

export function decide(order: Order, event: OrderEvent, view: View): Decision {
  switch (event.type) {
    case 'placed':
      return order.placed
        ? placedAgain(order, event)
        : advance(order, place(order, event, view), event, view);
    case 'paid':
      if (order.payments.includes(event.paymentId)) return UNCHANGED;
      if (order.payments.length >= MAX_FACTS) return tooMany('payments');
      return pay(order, event.paymentId, event, view);
    case 'rejected': {
      if (order.rejected) return UNCHANGED;
      const rejected = event.reason === undefined ? {} : { reason: event.reason };
      return advance(order, { ...order, rejected }, event, view);
    }
    case 'refunded':
      if (order.refunds.some((refund) => refund.refundId === event.refundId)) return UNCHANGED;
      if (order.refunds.length >= MAX_FACTS) return tooMany('refunds');
      return advance(order, { ...order, refunds: [...order.refunds, refundOf(event)] }, event, view);
    case 'restocked':
      return restock(order, event, view);
    case 'due':
      if (stateOf(order) !== 'held' || order.dueAt === undefined || order.dueAt > event.watermark) {
        return UNCHANGED;
      }
      return advance(order, { ...order, expired: true }, event, view);
    case 'extended':
      if (stateOf(order) !== 'held') {
        return { kind: 'refused', reason: 'nothing-held', detail: 'the order holds nothing now' };
      }
      if (order.dueAt !== undefined && order.dueAt >= event.dueAt) return UNCHANGED;
      return { kind: 'fact', order: { ...order, dueAt: event.dueAt }, deltas: [] };
  }
}

function tooMany(facts: string): Decision {
  return { kind: 'refused', reason: 'too-many-facts', detail: `an order has at most ${MAX_FACTS} ${facts}` };
}

function placedAgain(order: Order, event: PlacedEvent): Decision {
  const placed = order.placed;
  const same =
    placed !== undefined &&
    placed.occurredAt === event.occurredAt &&
    placed.customerId === event.customerId &&
    placed.lines.length === event.lines.length &&
    placed.lines.every((line, at) => {
      const other = event.lines[at];
      return other !== undefined && sameGoods(line, other) && line.quantity === other.quantity;
    });
  return same ? UNCHANGED : { kind: 'conflicting' };
}

/** The order with its keys frozen, and with the refusal when it cannot be had. */
function place(order: Order, event: PlacedEvent, view: View): Order {
  const store = view.store(event.storeId);
  const countings = view.countings(event);
  let worst: RefusalReason | undefined;
  const lines = event.lines.map((line, at): OrderLine => {
    const counting = countings[at] as Counting;
    if ('refused' in counting) {
      worst = firstOf(worst, counting.refused);
      return line;
    }
    return counting.counted ? countedLine(line, counting.stockKey) : line;
  });
  const { occurredAt, customerId } = event;
  const placed: Order = {
    ...order,
    placed: customerId === undefined ? { occurredAt, lines } : { occurredAt, customerId, lines },
    dueAt: Math.min(occurredAt, event.recordedAt) + store.holdMs,
  };
  if (!placed.rejected) placed.refused = worst ? { reason: worst, shortages: [] } : refusalOf(placed, view);
  return placed;
}

/** Written out: a copy that gains a field costs fifteen times as much, and there is one for each line. */
function countedLine({ productId, variantId, fulfillmentDate, quantity }: Line, stockKey: string): OrderLine {
  const line: OrderLine = { productId, quantity, stockKey };
  if (variantId !== undefined) line.variantId = variantId;
  if (fulfillmentDate !== undefined) line.fulfillmentDate = fulfillmentDate;
  return line;
}

function firstOf(a: RefusalReason | undefined, b: RefusalReason): RefusalReason {
  return a === undefined || REFUSAL_REASONS.indexOf(b) < REFUSAL_REASONS.indexOf(a) ? b : a;
}

/** All or nothing: every key that is short is named. */
function refusalOf(order: Order, view: View): Refusal | undefined {
  const shortages = shortagesOf(order, view);
  return shortages.length > 0 ? { reason: 'not-enough-stock', shortages } : undefined;
}

function shortagesOf(order: Order, view: View): Shortage[] {
  const shortages: Shortage[] = [];
  for (const { stockKey, quantity } of unitsPerKey(order.placed?.lines ?? [])) {
    const free = view.stock(stockKey).free;
    if (free === null || free >= quantity) continue;
    const { storeId: _, ...goods } = parseStockKey(stockKey);
    shortages.push({ ...goods, wanted: quantity, free });
  }
  return shortages;
}

/** The first payment after expiry or refusal has the stock looked at again, unless its refund is known. */
function pay(before: Order, paymentId: string, event: OrderEvent, view: View): Decision {
  const order: Order = { ...before, payments: [...before.payments, paymentId] };
  const state = stateOf(order);
  const lapsed = state === 'expired' || (state === 'refused' && order.refused?.reason === 'not-enough-stock');
  if (!lapsed || order.payments.length > 1 || isGivenBack(order, paymentId)) {
    return advance(before, order, event, view);
  }
  const shortages = shortagesOf(order, view);
  if (shortages.length > 0) return advance(before, order, event, view, shortages);
  return advance(before, { ...order, reinstated: true }, event, view);
}

function refundOf(event: RefundedEvent): Order['refunds'][number] {
  const { refundId, paymentId, lines, restock } = event;
  return { refundId, restock, ...(paymentId !== undefined && { paymentId }), ...(lines && { lines }) };
}

/** From the facts before to the facts after: the one place where claims move and outcomes are made. */
function advance(
  before: Order,
  after: Order,
  event: OrderEvent,
  view: View,
  shortages?: Shortage[],
): Decision {
  const from = stateOf(before);
  const to = stateOf(after);
  if (to === 'unseen') return { kind: 'fact', order: after, deltas: [] };
  let deltas: StockDelta[] = [];
  let claims = claimsOf(before);
  const move = (targets: ReturnType<typeof targetsOf>): StockDelta[] => {
    const moved = moveTo(claims, targets, (stockKey) => view.stock(stockKey));
    claims = moved.claims;
    deltas = deltas.length === 0 ? moved.deltas : [...deltas, ...moved.deltas];
    return moved.deltas;
  };
  const entered = enter(from, to, after, move);
  const outcomes: Outcome[] = entered ? [entered] : [];
  if (to === 'paid' || to === 'refunded') {
    const moved = after.refunds.length === 0 ? [] : move(targetsOf(after, to));
    outcomes.push(...afterRefunds(after, event, moved));
  } else if (event.type === 'refunded' || (event.type === 'placed' && after.refunds.length > 0)) {
    outcomes.push(recorded(after, event, []));
  }
  const asked = paymentsToAskBack(after, to, shortages);
  outcomes.push(...asked);
  if (outcomes.length === 0) return { kind: 'fact', order: after, deltas };
  const version = before.version + 1;
  const order: Order = { ...after, version };
  if (asked.length > 0) order.askedBack = [...after.askedBack, ...asked.map((o) => o.paymentId ?? '')];
  rememberClaims(order, claims);
  const transition: Transition = { version, from, to, outcomes };
  const notification = notificationOf(from, order, outcomes);
  if (notification) transition.notification = notification;
  return { kind: 'fact', order, transition, deltas };
}

/** Claims follow from state and lines, but for units that were refunded and not put back. */
function rememberClaims(order: Order, claims: readonly KeyClaim[]): void {
  order.claims = claims.some((claim) => claim.refunded + claim.settled > 0) ? claims : undefined;
}

type MoveTo = (targets: ReturnType<typeof targetsOf>) => StockDelta[];

/** The outcome of entering a state, with what was moved for it; refunds come after. */
function enter(from: OrderState, to: OrderState, order: Order, move: MoveTo): Outcome | undefined {
  if (from === to || (from === 'paid' && to === 'refunded')) return undefined;
  switch (to) {
    case 'held': {
      const held: Outcome = { outcome: 'Held', deltas: move(targetsOf(order, 'held')) };
      if (order.dueAt !== undefined) held.expiresAt = order.dueAt;
      return held;
    }
    case 'refused': {
      const { reason, shortages } = order.refused as Refusal;
      return { outcome: 'Refused', deltas: [], reason, ...(shortages.length > 0 && { shortages }) };
    }
    case 'paid':
    case 'refunded':
      return { outcome: order.reinstated ? 'Reinstated' : 'Sold', deltas: move(soldTargets(order)) };
    case 'rejected':
      return { outcome: 'Released', reason: 'rejected', deltas: move(targetsOf(order, 'rejected')) };
    case 'expired': {
      const deltas = move(targetsOf(order, 'expired'));
      const released: Outcome = { outcome: 'Released', reason: 'expired', deltas };
      if (order.dueAt !== undefined) released.expiresAt = order.dueAt;
      return released;
    }
    case 'unseen':
      return undefined;
  }
}

function afterRefunds(order: Order, event: OrderEvent, moved: StockDelta[]): Outcome[] {
  if (event.type === 'restocked') return [{ outcome: 'Restocked', deltas: moved }];
  const told = event.type === 'refunded' || (event.type === 'placed' && order.refunds.length > 0);
  return told || moved.length > 0 || startsToCount(order, event) ? [recorded(order, event, moved)] : [];
}

/** The paying payment is here, and refunds that named it were waiting: they may change the state and move nothing. */
function startsToCount(order: Order, event: OrderEvent): boolean {
  if (event.type !== 'paid' || event.paymentId !== order.payments[0]) return false;
  return order.refunds.some((refund) => refund.paymentId === event.paymentId);
}

function recorded(order: Order, event: OrderEvent, deltas: StockDelta[]): Outcome {
  const lines =
    event.type === 'refunded' ? event.lines : order.refunds.flatMap((refund) => refund.lines ?? []);
  const unmatched = unmatchedLines(order, lines);
  const outcome: Outcome = { outcome: 'RefundRecorded', deltas };
  if (event.type === 'refunded' && event.paymentId !== undefined) outcome.paymentId = event.paymentId;
  if (unmatched.length > 0) outcome.reason = `not in the order: ${unmatched.join(', ')}`;
  return outcome;
}

/** A payment was given back when a refund of it is known; the paying one only when all of it was refunded. */
function isGivenBack(order: Order, paymentId: string): boolean {
  if (paymentId !== order.payments[0]) return order.refunds.some((refund) => refund.paymentId === paymentId);
  return order.refunds.length > 0 && unitsOf(order).every((units) => units.refunded >= units.quantity);
}

/** Every payment that pays for nothing is asked back once. */
function paymentsToAskBack(order: Order, state: OrderState, shortages: Shortage[] | undefined): Outcome[] {
  const nothing = state === 'rejected' || state === 'refused' || state === 'expired';
  const why = nothing ? state : 'duplicate-payment';
  const asked: Outcome[] = [];
  order.payments.forEach((paymentId, at) => {
    if (!nothing && at === 0) return;
    if (order.askedBack.includes(paymentId) || isGivenBack(order, paymentId)) return;
    const outcome: Outcome = { outcome: 'RefundRequired', deltas: [], paymentId, reason: why };
    const short = shortages ?? (state === 'refused' ? order.refused?.shortages : undefined);
    if (short && short.length > 0 && at === 0) outcome.shortages = short;
    asked.push(outcome);
  });
  return asked;
}

/** What the customer is told of a transition: at most one thing, the weightiest. */
function notificationOf(from: OrderState, order: Order, outcomes: Outcome[]): Notification | undefined {
  const to = stateOf(order);
  const tell = (template: Template, reason?: string): Notification => {
    const lines = (order.placed?.lines ?? []).map(goodsOf);
    return reason === undefined ? { template, lines } : { template, reason, lines };
  };
  if (from !== to) {
    if (to === 'rejected' && from !== 'refused' && from !== 'expired') {
      return tell('order-rejected', order.rejected?.reason);
    }
    if (to === 'refused' && order.refused?.reason === 'not-enough-stock') {
      return tell('order-refused', order.refused.reason);
    }
    if (to === 'expired') return tell('order-expired');
    if (outcomes.some((outcome) => outcome.outcome === 'Reinstated')) return tell('order-reinstated');
  }
  const required = outcomes.find((outcome) => outcome.outcome === 'RefundRequired');
  return required ? tell('refund-on-its-way', required.reason) : undefined;
}

function goodsOf(line: OrderLine): Line {
  const { stockKey: _, ...goods } = line;
  return goods;
}

function restock(order: Order, event: RestockedEvent, view: View): Decision {
  if (order.restocks.some((known) => known.restockId === event.restockId)) return UNCHANGED;
  const lines = event.lines ?? restockable(order, view);
  if (restockable(order, view).length === 0 || lines.length === 0) {
    const detail = 'no refunded units of this order wait to be put back';
    return { kind: 'refused', reason: 'not-refunded', detail };
  }
  const detail = tooManyOf(order, lines, view);
  if (detail !== undefined) return { kind: 'refused', reason: 'too-many', detail };
  const restocks = [...order.restocks, { restockId: event.restockId, lines }];
  return advance(order, { ...order, restocks }, event, view);
}
