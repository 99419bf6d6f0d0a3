import fc from 'fast-check';
import { newOrder, OUTCOMES, type Cause, type Order, type Outcome, type Transition } from '@holdfast/core';
import { cloudEventHeaders } from './cloud-events.js';
import { encodeStockChanged, encodeTransition, MAX_CHANGED_KEYS, type PublishedMessage } from './encode.js';
import type { StockOutcome } from './published.js';
import { mistakesOf } from './testing/outside-validator.js';
import { written } from './testing/written.js';

const NOW = Date.parse('2026-03-14T10:00:00.123Z');
const NOW_TEXT = '2026-03-14T10:00:00.123Z';
const cause: Cause = { topic: 'OrderPlaced', eventId: 'e1', partition: 2, offset: 9 };

const order: Order = {
  ...newOrder('s', 'o'),
  version: 4,
  placed: {
    occurredAt: NOW - 60_000,
    customerId: 'c',
    lines: [
      { productId: 'mug', variantId: 'blue', quantity: 2, stockKey: 's/mug/blue/-' },
      { productId: 'rye', fulfillmentDate: '2026-03-20', quantity: 1 },
    ],
  },
  dueAt: NOW - 1,
  payments: ['p1'],
};
const goods = [
  { productId: 'mug', variantId: 'blue', quantity: 2 },
  { productId: 'rye', fulfillmentDate: '2026-03-20', quantity: 1 },
];
const delta = { stockKey: 's/mug/blue/-', free: -2, held: 2, sold: 0, refunded: 0 };

function encode(outcome: Outcome, transition: Partial<Transition> = {}): PublishedMessage[] {
  const whole: Transition = { version: 4, from: 'unseen', to: 'held', outcomes: [outcome], ...transition };
  return encodeTransition(order, whole, cause, NOW).map(written);
}

const surrogate = fc.constantFrom('\ud83e', '\udd56', '\u2028', '"', '\\', '\n', '\u007f', 'ö');
const valueOf = (message: PublishedMessage | undefined): unknown => JSON.parse(message?.value ?? 'null');

describe('encodeTransition', () => {
  it('says what was held, and nothing of our own', () => {
    const messages = encode({ outcome: 'Held', deltas: [delta], expiresAt: NOW + 1_800_000 });
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ topic: 'StockOutcome', key: 's', id: 's/o/4/Held', time: NOW_TEXT });
    expect(valueOf(messages[0])).toEqual({
      outcomeId: 's/o/4/Held',
      outcome: 'Held',
      storeId: 's',
      orderId: 'o',
      version: 4,
      occurredAt: NOW_TEXT,
      cause: { topic: 'OrderPlaced', eventId: 'e1' },
      expiresAt: '2026-03-14T10:30:00.123Z',
      deltas: [delta],
    });
  });

  it('names the payment in the id of RefundRequired, so that two of them differ', () => {
    const shortages = [{ productId: 'mug', variantId: 'blue', wanted: 2, free: 1 }];
    const outcomes: Outcome[] = ['p1', 'p2'].map((paymentId) => ({
      outcome: 'RefundRequired',
      deltas: [],
      paymentId,
      reason: 'refused',
      shortages,
    }));
    const messages = encodeTransition(
      order,
      { version: 4, from: 'refused', to: 'refused', outcomes },
      cause,
      NOW,
    ).map(written);
    expect(messages.map(({ id }) => id)).toEqual(['s/o/4/RefundRequired/p1', 's/o/4/RefundRequired/p2']);
    expect(valueOf(messages[1])).toMatchObject({ paymentId: 'p2', reason: 'refused', shortages, deltas: [] });
  });

  it('says that an order has expired, once its hold is released', () => {
    const released: Outcome = { outcome: 'Released', reason: 'expired', deltas: [], expiresAt: NOW - 1 };
    const messages = encode(released, {
      from: 'held',
      to: 'expired',
      notification: { template: 'order-expired', lines: goods },
    });
    expect(messages.map(({ topic, id }) => [topic, id])).toEqual([
      ['StockOutcome', 's/o/4/Released'],
      ['OrderExpired', 's/o/4/OrderExpired'],
      ['CustomerNotification', 's/o/4/order-expired'],
    ]);
    expect(valueOf(messages[1])).toEqual({
      eventId: 's/o/4/OrderExpired',
      occurredAt: NOW_TEXT,
      storeId: 's',
      orderId: 'o',
      customerId: 'c',
      expiresAt: '2026-03-14T10:00:00.122Z',
      lines: goods,
    });
    expect(valueOf(messages[2])).toEqual({
      notificationId: 's/o/4/order-expired',
      template: 'order-expired',
      storeId: 's',
      orderId: 'o',
      customerId: 'c',
      occurredAt: NOW_TEXT,
      lines: goods,
    });
  });

  it('does not say again that an order has expired when it is paid afterwards', () => {
    const required: Outcome = { outcome: 'RefundRequired', deltas: [], paymentId: 'p1', reason: 'expired' };
    const notification = { template: 'refund-on-its-way' as const, reason: 'expired', lines: goods };
    const messages = encode(required, { from: 'expired', to: 'expired', notification });
    expect(messages.map(({ topic }) => topic)).toEqual(['StockOutcome', 'CustomerNotification']);
    expect(valueOf(messages[1])).toMatchObject({ template: 'refund-on-its-way', reason: 'expired' });
  });

  it('is JSON as JSON.stringify writes it, whatever the ids and reasons are', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.string({ unit: surrogate }));
    const balance = fc.integer({ min: -1_000_000, max: 1_000_000 });
    const deltaOf = fc.record({
      stockKey: text,
      free: balance,
      held: balance,
      sold: balance,
      refunded: balance,
    });
    const outcomeOf = fc.record(
      {
        outcome: fc.constantFrom(...OUTCOMES),
        deltas: fc.array(deltaOf, { maxLength: 3 }),
        expiresAt: fc.date({ noInvalidDate: true }).map((date) => date.getTime()),
        reason: text,
        paymentId: text,
        shortages: fc.array(fc.record({ productId: text, wanted: balance, free: balance })),
      },
      { requiredKeys: ['outcome', 'deltas'] },
    );
    fc.assert(
      fc.property(outcomeOf, text, text, text, (outcome, storeId, orderId, eventId) => {
        const transition: Transition = { version: 3, from: 'unseen', to: 'held', outcomes: [outcome] };
        const own = newOrder(storeId, orderId);
        const cause = { topic: 'OrderPlaced', eventId };
        const [message] = encodeTransition(own, transition, cause, NOW).map(written);
        const { deltas, expiresAt, ...others } = outcome;
        expect(message?.value).toBe(JSON.stringify(JSON.parse(message?.value ?? '')));
        expect(JSON.parse(message?.value ?? '')).toEqual({
          outcomeId: message?.id,
          storeId,
          orderId,
          version: 3,
          occurredAt: NOW_TEXT,
          cause: { topic: 'OrderPlaced', eventId },
          deltas,
          ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
          ...others,
        });
      }),
    );
  });

  it('is the same text every time', () => {
    const held: Outcome = { outcome: 'Held', deltas: [delta], expiresAt: NOW };
    expect(encode(held)).toEqual(encode(held));
  });
});

describe('encodeStockChanged', () => {
  const row = (at: number) => ({
    stockKey: `s/p${at}/-/-`,
    delta: { free: 5, held: 0, sold: 0, refunded: -1 },
    keyVersion: 1 + (at % 7),
    unlimited: at % 2 === 0,
  });
  const change = {
    storeId: 's',
    changeId: 'c9',
    chunk: 2,
    cause: { topic: 'ops', eventId: 'c9' },
    occurredAt: NOW,
  };

  it('names each key with its version and whether it is blank; the highest version is the message’s', () => {
    const message = encodeStockChanged({ ...change, rows: [row(0), row(5), row(1)] });
    expect(message).toMatchObject({
      topic: 'StockOutcome',
      key: 's',
      id: 's/c9/2/StockChanged',
      time: NOW_TEXT,
    });
    expect(valueOf(message)).toEqual({
      outcomeId: 's/c9/2/StockChanged',
      outcome: 'StockChanged',
      storeId: 's',
      version: 6,
      occurredAt: NOW_TEXT,
      cause: { topic: 'ops', eventId: 'c9' },
      deltas: [
        { stockKey: 's/p0/-/-', free: 5, held: 0, sold: 0, refunded: -1, keyVersion: 1, unlimited: true },
        { stockKey: 's/p5/-/-', free: 5, held: 0, sold: 0, refunded: -1, keyVersion: 6, unlimited: false },
        { stockKey: 's/p1/-/-', free: 5, held: 0, sold: 0, refunded: -1, keyVersion: 2, unlimited: false },
      ],
    });
    expect(mistakesOf('StockOutcome', valueOf(message))).toEqual([]);
  });

  it('takes 500 keys and no more', () => {
    const rows = Array.from({ length: MAX_CHANGED_KEYS }, (_, at) => row(at));
    expect((valueOf(encodeStockChanged({ ...change, rows })) as StockOutcome).deltas).toHaveLength(500);
    expect(() => encodeStockChanged({ ...change, rows: [...rows, row(500)] })).toThrow(RangeError);
  });
});

describe('cloudEventHeaders', () => {
  it('gives the CloudEvents 1.0 attributes of binary mode as text', () => {
    const [message] = encode({ outcome: 'Held', deltas: [delta], expiresAt: NOW });
    const { topic, time, id } = message as PublishedMessage;
    const headers = cloudEventHeaders(topic, time)(Buffer.from(id));
    expect(headers.map(([name, value]) => [name, value.toString()])).toEqual([
      ['ce_specversion', '1.0'],
      ['ce_id', 's/o/4/Held'],
      ['ce_type', 'holdfast.StockOutcome.v1'],
      ['ce_source', '/holdfast'],
      ['ce_time', NOW_TEXT],
      ['content-type', 'application/json'],
    ]);
  });
});
