/** The messages that other programs send. Fields that are not named here are ignored. */

import Type, { type Static } from 'typebox';
import {
  id,
  inputLines,
  optionalFlag,
  optionalId,
  optionalInputLines,
  optionalText,
  time,
} from './fields.js';

const event = {
  eventId: id('Names this event; kept as the cause of what it does', 'evt-7f3a'),
  occurredAt: time('When it happened, by the sender’s clock.'),
  storeId: id('The store; also the key of the record', 'sole-bakery'),
  orderId: id('The order, unique in its store', 'order-1001'),
};

export const OrderPlacedSchema = Type.Object(
  {
    ...event,
    customerId: optionalId('The customer; opaque, handed on to notifications', 'customer-42'),
    lines: inputLines('What is ordered; lines of the same goods are added up.'),
  },
  {
    description: 'A customer has placed an order: its items are to be held while it waits for payment.',
    examples: [
      {
        eventId: 'evt-7f3a',
        occurredAt: '2026-03-14T09:26:53.589+01:00',
        storeId: 'sole-bakery',
        orderId: 'order-1001',
        customerId: 'customer-42',
        lines: [
          { productId: 'rye-loaf', fulfillmentDate: '2026-03-20', quantity: 2 },
          { productId: 'mug', variantId: 'blue', fulfillmentDate: '2026-03-20', quantity: 1 },
        ],
      },
    ],
  },
);
export type OrderPlaced = Static<typeof OrderPlacedSchema>;

export const PaymentReceivedSchema = Type.Object(
  { ...event, paymentId: id('The payment', 'pay-88') },
  {
    description: 'A payment for an order has arrived: its held items are sold.',
    examples: [
      {
        eventId: 'evt-7f3b',
        occurredAt: '2026-03-14T08:31:02Z',
        storeId: 'sole-bakery',
        orderId: 'order-1001',
        paymentId: 'pay-88',
      },
    ],
  },
);
export type PaymentReceived = Static<typeof PaymentReceivedSchema>;

/** Most characters of a reason that are kept. */
export const MAX_REASON_LENGTH = 1_000;

export const OrderRejectedSchema = Type.Object(
  {
    ...event,
    reason: optionalText(
      `Why, for the customer to read. Only the first ${MAX_REASON_LENGTH} characters are kept.`,
      'We are closed on that day.',
    ),
  },
  {
    description: 'The merchant has rejected an order: what it holds or has sold goes back to the stock.',
    examples: [
      {
        eventId: 'evt-7f3c',
        occurredAt: '2026-03-14T08:40:00Z',
        storeId: 'sole-bakery',
        orderId: 'order-1001',
        reason: 'We are closed on that day.',
      },
    ],
  },
);
export type OrderRejected = Static<typeof OrderRejectedSchema>;

export const OrderRefundedSchema = Type.Object(
  {
    ...event,
    refundId: id('The refund', 'refund-5'),
    paymentId: optionalId(
      'The payment that is given back. A refund of any but the paying one moves no stock',
      'pay-88',
    ),
    lines: optionalInputLines(
      'What is refunded; product, variant and date as in the order. Left out: every unit of the order. ' +
        'An empty list is refused, since it may be meant either way.',
    ),
    restock: optionalFlag('True: the units can be ordered again at once. Otherwise the merchant decides.'),
  },
  {
    description: 'Money of an order is given back, for all of it or for some lines.',
    examples: [
      {
        eventId: 'evt-7f3d',
        occurredAt: '2026-03-15T10:00:00Z',
        storeId: 'sole-bakery',
        orderId: 'order-1001',
        refundId: 'refund-5',
        paymentId: 'pay-88',
        lines: [{ productId: 'rye-loaf', fulfillmentDate: '2026-03-20', quantity: 1 }],
        restock: true,
      },
    ],
  },
);
export type OrderRefunded = Static<typeof OrderRefundedSchema>;
