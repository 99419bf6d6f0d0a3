/**
 * From a record's bytes to an event, or to the reason why it cannot be read. Never throws.
 *
 * What is tolerated: unknown fields (dropped), null for an absent optional field, a byte order mark, numbers
 * in any spelling of a whole number (`2`, `2.0`, `2e0`), keys given twice (the last counts, as JSON.parse has it).
 */

import { isUtf8 } from 'node:buffer';
import type {
  Cause,
  Line,
  OrderEvent,
  PaidEvent,
  PlacedEvent,
  RefundedEvent,
  RejectedEvent,
} from '@holdfast/core';
import {
  MAX_REASON_LENGTH,
  type OrderPlaced,
  type OrderRefunded,
  type OrderRejected,
  type PaymentReceived,
} from './consumed.js';
import { EMPTY_VALUE, NOT_JSON, NOT_UTF8, poisonOf, type Poison } from './poison.js';
import { timeOf } from './text.js';
import type { ConsumedTopic } from './topics.js';
import { isOrderPlaced, isOrderRefunded, isOrderRejected, isPaymentReceived } from './validator.js';

/** Where a record stands on the broker. */
export interface RecordMeta {
  partition: number;
  offset: number;
  /** epoch ms as the broker says; what is not a positive number counts as unknown */
  timestamp: number;
}

export type Parsed<Event extends OrderEvent = OrderEvent> =
  { event: Event; poison?: undefined } | { event?: undefined; poison: Poison };

/** @param topic without prefix */
export function parseRecord(topic: ConsumedTopic, value: Buffer | null, meta: RecordMeta): Parsed {
  switch (topic) {
    case 'OrderPlaced':
      return parseOrderPlaced(value, meta);
    case 'PaymentReceived':
      return parsePaymentReceived(value, meta);
    case 'OrderRejected':
      return parseOrderRejected(value, meta);
    case 'OrderRefunded':
      return parseOrderRefunded(value, meta);
  }
}

export function parseOrderPlaced(value: Buffer | null, meta: RecordMeta): Parsed<PlacedEvent> {
  const { json, poison } = jsonOf(value);
  if (poison) return { poison };
  if (!isOrderPlaced(json)) return { poison: poisonOf('OrderPlaced', isOrderPlaced.errors?.[0]) };
  const message: OrderPlaced = json;
  const occurredAt = timeOf(message.occurredAt);
  const event: PlacedEvent = {
    type: 'placed',
    storeId: message.storeId,
    orderId: message.orderId,
    cause: causeOf('OrderPlaced', message.eventId, meta),
    occurredAt,
    // A producer may have stamped nothing (-1); the hold then runs from what the shop says.
    recordedAt: meta.timestamp > 0 && Number.isSafeInteger(meta.timestamp) ? meta.timestamp : occurredAt,
    lines: linesOf(message.lines),
  };
  if (message.customerId != null) event.customerId = message.customerId;
  return { event };
}

export function parsePaymentReceived(value: Buffer | null, meta: RecordMeta): Parsed<PaidEvent> {
  const { json, poison } = jsonOf(value);
  if (poison) return { poison };
  if (!isPaymentReceived(json)) return { poison: poisonOf('PaymentReceived', isPaymentReceived.errors?.[0]) };
  const message: PaymentReceived = json;
  return {
    event: {
      type: 'paid',
      storeId: message.storeId,
      orderId: message.orderId,
      cause: causeOf('PaymentReceived', message.eventId, meta),
      paymentId: message.paymentId,
    },
  };
}

export function parseOrderRejected(value: Buffer | null, meta: RecordMeta): Parsed<RejectedEvent> {
  const { json, poison } = jsonOf(value);
  if (poison) return { poison };
  if (!isOrderRejected(json)) return { poison: poisonOf('OrderRejected', isOrderRejected.errors?.[0]) };
  const message: OrderRejected = json;
  const event: RejectedEvent = {
    type: 'rejected',
    storeId: message.storeId,
    orderId: message.orderId,
    cause: causeOf('OrderRejected', message.eventId, meta),
  };
  if (message.reason) event.reason = cut(message.reason);
  return { event };
}

export function parseOrderRefunded(value: Buffer | null, meta: RecordMeta): Parsed<RefundedEvent> {
  const { json, poison } = jsonOf(value);
  if (poison) return { poison };
  if (!isOrderRefunded(json)) return { poison: poisonOf('OrderRefunded', isOrderRefunded.errors?.[0]) };
  const message: OrderRefunded = json;
  const event: RefundedEvent = {
    type: 'refunded',
    storeId: message.storeId,
    orderId: message.orderId,
    cause: causeOf('OrderRefunded', message.eventId, meta),
    refundId: message.refundId,
    restock: message.restock ?? false,
  };
  if (message.paymentId != null) event.paymentId = message.paymentId;
  if (message.lines != null) event.lines = linesOf(message.lines);
  return { event };
}

type Json = { json: unknown; poison?: undefined } | { json?: undefined; poison: Poison };

const BYTE_ORDER_MARK = 0xfeff;
const REPLACEMENT = '\ufffd';

function jsonOf(value: Buffer | null): Json {
  if (value === null || value.length === 0) return { poison: EMPTY_VALUE };
  let text = value.toString('utf8');
  // Decoding puts U+FFFD for what is not UTF-8, so only text with one needs the bytes looked at.
  if (text.includes(REPLACEMENT) && !isUtf8(value)) return { poison: NOT_UTF8 };
  if (text.charCodeAt(0) === BYTE_ORDER_MARK) text = text.slice(1);
  try {
    return { json: JSON.parse(text) };
  } catch {
    // JSON.parse's own words quote the value, which may be a customer's.
    return { poison: NOT_JSON };
  }
}

function causeOf(topic: ConsumedTopic, eventId: string, meta: RecordMeta): Cause {
  return { topic, eventId, partition: meta.partition, offset: meta.offset };
}

/** New objects, so that unknown fields do not travel on, and absent ones are absent and not null. */
function linesOf(lines: OrderPlaced['lines']): Line[] {
  return lines.map((line) => {
    const own: Line = { productId: line.productId, quantity: line.quantity };
    if (line.variantId != null) own.variantId = line.variantId;
    if (line.fulfillmentDate != null) own.fulfillmentDate = line.fulfillmentDate;
    return own;
  });
}

/** Half a character cannot be written as UTF-8: a cut that leaves one drops it, one that came is replaced. */
function cut(reason: string): string {
  const halfAtEnd = reason.length > MAX_REASON_LENGTH ? /\p{Cs}$/u : /$^/;
  return reason
    .slice(0, MAX_REASON_LENGTH)
    .replace(halfAtEnd, '')
    .replace(/\p{Cs}/gu, REPLACEMENT);
}
