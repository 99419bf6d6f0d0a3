/**
 * From what was decided to the messages that say so. Ids follow from the order and its version alone, so that
 * a message published twice is seen to be the same.
 */

import type { Cause, Line, Order, OrderLine, Outcome, StockDelta, Transition } from '@holdfast/core';
import type { CustomerNotification, OrderExpired, StockOutcome } from './published.js';
import { MAX_REASON_LENGTH, type OrderRejected } from './consumed.js';
import type { PublishedTopic } from './topics.js';
import type { Utf8Writer } from './utf8-writer.js';

export interface PublishedMessage {
  /** ours, or the one that we send as any other service does */
  topic: PublishedTopic | 'OrderRejected';
  /** storeId: a store's messages stay in order */
  key: string;
  /** the same as in the value: outcomeId, eventId or notificationId */
  id: string;
  /** ISO 8601 in UTC: the value's occurredAt */
  time: string;
  /** JSON */
  value: string;
}

/** One that is not put into words before it has its place. */
export interface UnwrittenMessage extends Omit<PublishedMessage, 'value'> {
  /** the same JSON every time */
  writeValue(to: Utf8Writer): void;
}

/** Everything that a transition tells the world: its outcomes, the expiry, the customer's notification. */
export function encodeTransition(
  order: Order,
  transition: Transition,
  cause: Cause,
  decidedAt: number,
): UnwrittenMessage[] {
  const time = isoOf(decidedAt);
  const moment: Moment = { order, version: transition.version, cause, time };
  const key = order.storeId;
  const base = key + '/' + order.orderId + '/' + transition.version + '/';
  const messages: UnwrittenMessage[] = [];
  for (const outcome of transition.outcomes) {
    const id = outcomeIdOf(base, outcome);
    const writeValue = (to: Utf8Writer): void => writeOutcome(to, moment, outcome, id);
    messages.push({ topic: 'StockOutcome', key, id, time, writeValue });
  }
  if (transition.to === 'expired' && transition.from !== 'expired') {
    const id = base + 'OrderExpired';
    const writeValue = (to: Utf8Writer): void => to.text(expiredValue(order, id, time));
    messages.push({ topic: 'OrderExpired', key, id, time, writeValue });
  }
  const { notification } = transition;
  if (notification) {
    const id = base + notification.template;
    const writeValue = (to: Utf8Writer): void => to.text(notificationValue(order, notification, id, time));
    messages.push({ topic: 'CustomerNotification', key, id, time, writeValue });
  }
  return messages;
}

function outcomeIdOf(base: string, outcome: Outcome): string {
  const id = base + outcome.outcome;
  return outcome.outcome === 'RefundRequired' ? id + '/' + (outcome.paymentId ?? '') : id;
}

/** What all outcomes of one transition share. */
interface Moment {
  order: Order;
  version: number;
  cause: Cause;
  time: string;
}

/** A `StockOutcome`. */
function writeOutcome(to: Utf8Writer, moment: Moment, outcome: Outcome, outcomeId: string): void {
  const { order, version, cause, time } = moment;
  to.text('{"outcomeId":');
  to.quoted(outcomeId);
  to.text(',"outcome":"');
  to.text(outcome.outcome);
  to.text('","storeId":');
  to.quoted(order.storeId);
  to.text(',"orderId":');
  to.quoted(order.orderId);
  to.text(',"version":');
  to.integer(version);
  to.text(',"occurredAt":"');
  to.text(time);
  to.text('","cause":{"topic":');
  to.quoted(cause.topic);
  to.text(',"eventId":');
  to.quoted(cause.eventId);
  to.text('},"deltas":[');
  for (let at = 0; at < outcome.deltas.length; at++) {
    if (at > 0) to.text(',');
    writeDelta(to, outcome.deltas[at] as StockDelta);
  }
  to.text(']');
  if (outcome.expiresAt !== undefined) {
    to.text(',"expiresAt":"');
    to.time(outcome.expiresAt);
    to.text('"');
  }
  if (outcome.reason !== undefined) {
    to.text(',"reason":');
    to.quoted(outcome.reason);
  }
  if (outcome.paymentId !== undefined) {
    to.text(',"paymentId":');
    to.quoted(outcome.paymentId);
  }
  if (outcome.shortages) {
    to.text(',"shortages":');
    to.text(JSON.stringify(outcome.shortages));
  }
  to.text('}');
}

function writeDelta(to: Utf8Writer, { stockKey, free, held, sold, refunded }: StockDelta): void {
  to.text('{"stockKey":');
  to.quoted(stockKey);
  to.text(',"free":');
  to.integer(free);
  to.text(',"held":');
  to.integer(held);
  to.text(',"sold":');
  to.integer(sold);
  to.text(',"refunded":');
  to.integer(refunded);
  to.text('}');
}

function expiredValue(order: Order, eventId: string, time: string): string {
  const placed = order.placed;
  const message: OrderExpired = {
    eventId,
    occurredAt: time,
    storeId: order.storeId,
    orderId: order.orderId,
    expiresAt: order.dueAt === undefined ? time : new Date(order.dueAt).toISOString(),
    lines: (placed?.lines ?? []).map(goodsOf),
  };
  if (placed?.customerId !== undefined) message.customerId = placed.customerId;
  return JSON.stringify(message);
}

function notificationValue(
  order: Order,
  { template, reason, lines }: NonNullable<Transition['notification']>,
  notificationId: string,
  time: string,
): string {
  const message: CustomerNotification = {
    notificationId,
    template,
    storeId: order.storeId,
    orderId: order.orderId,
    occurredAt: time,
    lines: lines.map(goodsOf),
  };
  if (order.placed?.customerId !== undefined) message.customerId = order.placed.customerId;
  if (reason !== undefined) message.reason = reason;
  return JSON.stringify(message);
}

/** The line without what is our own business: its stock key. */
function goodsOf(line: OrderLine): Line {
  const goods: Line = { productId: line.productId, quantity: line.quantity };
  if (line.variantId !== undefined) goods.variantId = line.variantId;
  if (line.fulfillmentDate !== undefined) goods.fulfillmentDate = line.fulfillmentDate;
  return goods;
}

/** Most keys that one `StockChanged` names. */
export const MAX_CHANGED_KEYS = 500;

export interface ChangedKey {
  stockKey: string;
  delta: Omit<StockDelta, 'stockKey'>;
  /** how often the merchant has changed the key, this time included */
  keyVersion: number;
  /** whether the key is blank now */
  unlimited: boolean;
}

export interface StockChange {
  storeId: string;
  changeId: string;
  /** numbers the messages of one change from 0 */
  chunk: number;
  cause: Cause;
  /** epoch ms */
  occurredAt: number;
  rows: readonly ChangedKey[];
}

/** @throws RangeError when there are more than `MAX_CHANGED_KEYS` rows */
export function encodeStockChanged(change: StockChange): PublishedMessage {
  const { storeId, changeId, chunk, cause, rows } = change;
  if (rows.length > MAX_CHANGED_KEYS) {
    throw new RangeError(`one StockChanged names at most ${MAX_CHANGED_KEYS} keys, not ${rows.length}`);
  }
  const time = isoOf(change.occurredAt);
  const id = storeId + '/' + changeId + '/' + chunk + '/StockChanged';
  let version = 0;
  const deltas = rows.map(({ stockKey, delta, keyVersion, unlimited }) => {
    if (keyVersion > version) version = keyVersion;
    const { free, held, sold, refunded } = delta;
    return { stockKey, free, held, sold, refunded, keyVersion, unlimited };
  });
  const message: StockOutcome = {
    outcomeId: id,
    outcome: 'StockChanged',
    storeId,
    version,
    occurredAt: time,
    cause: { topic: cause.topic, eventId: cause.eventId },
    deltas,
  };
  return { topic: 'StockOutcome', key: storeId, id, time, value: JSON.stringify(message) };
}

export interface Rejection {
  storeId: string;
  orderId: string;
  eventId: string;
  reason?: string;
  /** epoch ms */
  at: number;
}

/** The merchant's own rejection, made in our API: the same event that another service would send. */
export function encodeOrderRejected({ storeId, orderId, eventId, reason, at }: Rejection): PublishedMessage {
  const time = isoOf(at);
  const message: OrderRejected = { eventId, occurredAt: time, storeId, orderId };
  if (reason !== undefined) message.reason = reason.slice(0, MAX_REASON_LENGTH);
  return { topic: 'OrderRejected', key: storeId, id: eventId, time, value: JSON.stringify(message) };
}

let lastMs = NaN;
let lastIso = '';

/** A batch is decided at one moment, so the last text is nearly always the wanted one. */
function isoOf(ms: number): string {
  if (ms !== lastMs) {
    lastIso = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastIso;
}
