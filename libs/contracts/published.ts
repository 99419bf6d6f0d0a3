/** The messages that Holdfast sends. Fields may be added; readers ignore those that they do not know. */

import { OUTCOMES, TEMPLATES } from '@holdfast/core';
import Type, { type Static } from 'typebox';
import { date, id, lines, text, utc, whole } from './fields.js';

const order = {
  storeId: id('The store; also the key of the record', 'sole-bakery'),
  orderId: id('The order, unique in its store', 'order-1001'),
};
const customerId = Type.Optional(id('The customer, as the order named them', 'customer-42'));

export const OrderExpiredSchema = Type.Object(
  {
    eventId: text(
      '`store/order/version/OrderExpired`: the same however often it is sent.',
      's/o/2/OrderExpired',
    ),
    occurredAt: utc('When the hold was released.'),
    ...order,
    customerId,
    expiresAt: utc('When the hold fell due.'),
    lines: lines('What the order had asked for.'),
  },
  {
    description: 'An order was not paid in time: its hold has been released.',
    examples: [
      {
        eventId: 'sole-bakery/order-1001/2/OrderExpired',
        occurredAt: '2026-03-14T08:56:54.101Z',
        storeId: 'sole-bakery',
        orderId: 'order-1001',
        customerId: 'customer-42',
        expiresAt: '2026-03-14T08:56:53.589Z',
        lines: [{ productId: 'rye-loaf', fulfillmentDate: '2026-03-20', quantity: 2 }],
      },
    ],
  },
);
export type OrderExpired = Static<typeof OrderExpiredSchema>;

const ShortageSchema = Type.Object({
  productId: id('The product', 'mug'),
  variantId: Type.Optional(id('The variant, where it is counted by variant', 'blue')),
  fulfillmentDate: Type.Optional(date('The date, where stock is kept by date.')),
  wanted: whole('Units that the order asks for.', 5, 1),
  free: whole('Units that could still be ordered.', 2, 0),
});

const DeltaSchema = Type.Object({
  stockKey: text(
    'What is counted: `store/product/variant/date`, `-` for what does not apply.',
    's/mug/blue/-',
  ),
  free: whole('Change of the units that can still be ordered; 0 where the key is blank (unlimited).', -2),
  held: whole('Change of the units that wait for payment.', 2),
  sold: whole('Change of the units of paid orders.', 0),
  refunded: whole('Change of the units refunded and not put back.', 0),
  keyVersion: Type.Optional(whole('How often the merchant has changed the key.', 3, 1)),
  unlimited: Type.Optional(
    Type.Boolean({ description: 'Whether the key is blank after the change.', examples: [false] }),
  ),
});

export const StockOutcomeSchema = Type.Object(
  {
    outcomeId: text(
      '`store/order/version/outcome`, with `/paymentId` for RefundRequired; `store/changeId/chunk/StockChanged`. ' +
        'The same however often it is sent.',
      'sole-bakery/order-1001/1/Held',
    ),
    outcome: Type.Enum([...OUTCOMES], { description: 'What happened.', examples: ['Held'] }),
    storeId: order.storeId,
    orderId: Type.Optional(order.orderId),
    version: whole(
      'Numbers the transitions of an order from 1. Of StockChanged: the highest keyVersion of the message.',
      1,
      0,
    ),
    occurredAt: utc('When it was decided.'),
    cause: Type.Object(
      {
        topic: text('The topic of the event, or `timer`, `api` or `ops` for our own.', 'OrderPlaced'),
        eventId: text('The event.', 'evt-7f3a'),
      },
      { description: 'What made it happen.' },
    ),
    expiresAt: Type.Optional(utc('When the hold falls due, or fell due.')),
    reason: Type.Optional(text('Why.', 'expired')),
    paymentId: Type.Optional(id('The payment that is to be given back, or that was', 'pay-88')),
    shortages: Type.Optional(
      Type.Array(ShortageSchema, { minItems: 1, description: 'Every stock key that had too little.' }),
    ),
    deltas: Type.Array(DeltaSchema, {
      description: 'What moved. Their sum over all messages, each outcomeId once, is the stock.',
    }),
  },
  {
    description: 'What an event or a merchant’s change did to the stock: the ledger, kept for good.',
    examples: [
      {
        outcomeId: 'sole-bakery/order-1001/1/Held',
        outcome: 'Held',
        storeId: 'sole-bakery',
        orderId: 'order-1001',
        version: 1,
        occurredAt: '2026-03-14T08:26:53.702Z',
        cause: { topic: 'OrderPlaced', eventId: 'evt-7f3a' },
        expiresAt: '2026-03-14T08:56:53.589Z',
        deltas: [{ stockKey: 'sole-bakery/rye-loaf/-/2026-03-20', free: -2, held: 2, sold: 0, refunded: 0 }],
      },
      {
        outcomeId: 'sole-bakery/change-9/0/StockChanged',
        outcome: 'StockChanged',
        storeId: 'sole-bakery',
        version: 3,
        occurredAt: '2026-03-14T07:00:00.000Z',
        cause: { topic: 'ops', eventId: 'change-9' },
        deltas: [
          {
            stockKey: 'sole-bakery/rye-loaf/-/2026-03-20',
            free: 40,
            held: 0,
            sold: 0,
            refunded: 0,
            keyVersion: 3,
            unlimited: false,
          },
        ],
      },
    ],
  },
);
export type StockOutcome = Static<typeof StockOutcomeSchema>;

export const CustomerNotificationSchema = Type.Object(
  {
    notificationId: text(
      '`store/order/version/template`: the same however often it is sent.',
      's/o/2/order-expired',
    ),
    template: Type.Enum([...TEMPLATES], {
      description: 'What to tell the customer.',
      examples: ['order-expired'],
    }),
    ...order,
    customerId,
    occurredAt: utc('When it was decided.'),
    reason: Type.Optional(Type.String({ description: 'Why.', examples: ['We are closed on that day.'] })),
    lines: lines('What the order had asked for.'),
  },
  {
    description: 'Something to tell a customer; at most one for each transition of an order.',
    examples: [
      {
        notificationId: 'sole-bakery/order-1001/2/order-expired',
        template: 'order-expired',
        storeId: 'sole-bakery',
        orderId: 'order-1001',
        customerId: 'customer-42',
        occurredAt: '2026-03-14T08:56:54.101Z',
        lines: [{ productId: 'rye-loaf', fulfillmentDate: '2026-03-20', quantity: 2 }],
      },
    ],
  },
);
export type CustomerNotification = Static<typeof CustomerNotificationSchema>;
