/** The events that the invoices become, in the order in which they happened. */

import type { OrderPlaced, OrderRefunded, PaymentReceived } from '@holdfast/contracts';
import type { PlannedRefund } from './cancellations.js';
import type { Invoice } from './invoices.js';

export type PlannedTopic = 'OrderPlaced' | 'PaymentReceived' | 'OrderRefunded';

export interface PlannedEvent {
  topic: PlannedTopic;
  orderId: string;
  /** epoch ms, as the file says */
  at: number;
  /** @param occurredAt ISO 8601 */
  message(occurredAt: string): OrderPlaced | PaymentReceived | OrderRefunded;
}

export interface TimelineOptions {
  storeId: string;
  /** stands before every order's id */
  orderPrefix: string;
  /** ms after the order; undefined = orders are never paid */
  payAfterMs: number | undefined;
  /** refunded units can be ordered again at once */
  restock: boolean;
}

/** What happened at the same moment stays in the order of its making: placed, paid, refunded. */
export function timelineOf(
  orders: readonly Invoice[],
  refunds: readonly PlannedRefund[],
  options: TimelineOptions,
): PlannedEvent[] {
  const events: PlannedEvent[] = [];
  for (const order of orders) {
    events.push(placed(order, options));
    if (options.payAfterMs !== undefined) events.push(paid(order, options.payAfterMs, options));
  }
  for (const refund of refunds) events.push(refunded(refund, options));
  return events.sort((a, b) => a.at - b.at);
}

export function orderIdOf(invoice: string, { orderPrefix }: Pick<TimelineOptions, 'orderPrefix'>): string {
  return orderPrefix + invoice;
}

function paymentIdOf(orderId: string): string {
  return `pay-${orderId}`;
}

function placed({ id, at, goods }: Invoice, options: TimelineOptions): PlannedEvent {
  const { storeId } = options;
  const orderId = orderIdOf(id, options);
  const lines = goods.map(({ productId, quantity }) => ({ productId, quantity }));
  const message = (occurredAt: string): OrderPlaced => ({
    eventId: `placed-${orderId}`,
    occurredAt,
    storeId,
    orderId,
    lines,
  });
  return { topic: 'OrderPlaced', orderId, at, message };
}

function paid({ id, at }: Invoice, payAfterMs: number, options: TimelineOptions): PlannedEvent {
  const { storeId } = options;
  const orderId = orderIdOf(id, options);
  const message = (occurredAt: string): PaymentReceived => ({
    eventId: `paid-${orderId}`,
    occurredAt,
    storeId,
    orderId,
    paymentId: paymentIdOf(orderId),
  });
  return { topic: 'PaymentReceived', orderId, at: at + payAfterMs, message };
}

function refunded(
  { refundId, orderId: invoice, at, goods }: PlannedRefund,
  options: TimelineOptions,
): PlannedEvent {
  const { storeId, restock } = options;
  const orderId = orderIdOf(invoice, options);
  const message = (occurredAt: string): OrderRefunded => ({
    eventId: `refunded-${refundId}-${orderId}`,
    occurredAt,
    storeId,
    orderId,
    refundId,
    ...(options.payAfterMs !== undefined && { paymentId: paymentIdOf(orderId) }),
    lines: goods.map(({ productId, quantity }) => ({ productId, quantity })),
    ...(restock && { restock }),
  });
  return { topic: 'OrderRefunded', orderId, at, message };
}
