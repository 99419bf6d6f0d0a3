/** Events of one order in one shop, in few words. Each has its own event id; ids and times are data. */

import type {
  DueEvent,
  ExtendedEvent,
  Line,
  PaidEvent,
  PlacedEvent,
  RefundedEvent,
  RejectedEvent,
  RestockedEvent,
} from '../index.js';

export const STORE = 's1';
export const ORDER = 'o1';
/** when every order is placed unless a test says otherwise, epoch ms */
export const PLACED_AT = Date.UTC(2026, 0, 5, 12);
export const MINUTE_MS = 60_000;
/** when such an order falls due in a store that was never set up */
export const DUE_AT = PLACED_AT + 30 * MINUTE_MS;

/** `line('mug', 2)`, `line('shirt/M', 1)`, `line('cake/-/2026-02-14', 3)`: the goods as a stock key names them. */
export function line(goods: string, quantity = 1): Line {
  const [productId = '', variantId = '-', fulfillmentDate = '-'] = goods.split('/');
  const result: Line = { productId, quantity };
  if (variantId !== '-') result.variantId = variantId;
  if (fulfillmentDate !== '-') result.fulfillmentDate = fulfillmentDate;
  return result;
}

function base(topic: string, eventId: string, orderId: string) {
  return { storeId: STORE, orderId, cause: { topic, eventId } };
}

export function placed(lines: Line[], more: Partial<PlacedEvent> = {}): PlacedEvent {
  const occurredAt = more.occurredAt ?? PLACED_AT;
  return {
    ...base('OrderPlaced', 'placed', more.orderId ?? ORDER),
    type: 'placed',
    occurredAt,
    recordedAt: occurredAt,
    lines,
    ...more,
  };
}

export function paid(paymentId = 'p1', orderId = ORDER): PaidEvent {
  return { ...base('PaymentReceived', `paid-${paymentId}`, orderId), type: 'paid', paymentId };
}

export function rejected(reason?: string, orderId = ORDER): RejectedEvent {
  const event: RejectedEvent = { ...base('OrderRejected', 'rejected', orderId), type: 'rejected' };
  if (reason !== undefined) event.reason = reason;
  return event;
}

export interface RefundWords {
  /** the payment that is named */
  of?: string;
  /** absent: every unit of the order */
  lines?: Line[];
  restock?: boolean;
  orderId?: string;
}

export function refunded(refundId = 'r1', words: RefundWords = {}): RefundedEvent {
  const event: RefundedEvent = {
    ...base('OrderRefunded', `refunded-${refundId}`, words.orderId ?? ORDER),
    type: 'refunded',
    refundId,
    restock: words.restock ?? false,
  };
  if (words.of !== undefined) event.paymentId = words.of;
  if (words.lines !== undefined) event.lines = words.lines;
  return event;
}

export function restocked(restockId = 'b1', lines?: Line[], orderId = ORDER): RestockedEvent {
  const event: RestockedEvent = {
    ...base('api', `restocked-${restockId}`, orderId),
    type: 'restocked',
    restockId,
  };
  if (lines !== undefined) event.lines = lines;
  return event;
}

/** The timer looks, with the watermark at `watermark` (epoch ms). */
export function due(watermark = DUE_AT, orderId = ORDER): DueEvent {
  return { ...base('timer', `due-${watermark}`, orderId), type: 'due', watermark };
}

export function extended(dueAt: number, orderId = ORDER): ExtendedEvent {
  return { ...base('ops', `extended-${dueAt}`, orderId), type: 'extended', dueAt };
}
