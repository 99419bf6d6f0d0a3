/** Whole lives of a few orders, from the bytes that come to the messages that go. */

import {
  changeStock,
  DEFAULT_STORE,
  stockKey,
  WorkingSet,
  type OrderEvent,
  type ProductSettings,
} from '@holdfast/core';
import fc from 'fast-check';
import { encodeTransition, type PublishedMessage } from './encode.js';
import { parseRecord } from './parse.js';
import type { CustomerNotification, OrderExpired, StockOutcome } from './published.js';
import { mistakesOf } from './testing/outside-validator.js';
import { written } from './testing/written.js';
import type { ConsumedTopic } from './topics.js';

const STORE = 'Bäckerei "Sole" \\ 🥖';
const NOW = Date.parse('2026-03-14T10:00:00.123Z');

interface Step {
  topic: string;
  orderId: string;
  [field: string]: unknown;
}
type Published = StockOutcome | OrderExpired | CustomerNotification;

const valueOf = (message: PublishedMessage) => JSON.parse(message.value) as Published;
const kindOf = (message: PublishedMessage) => message.id.split('/')[3];

const id = fc.constantFrom('o1', 'o"2', 'ö\\3');
const line = fc.record(
  {
    productId: fc.constantFrom('mug', 'rye', 'uncounted "🥖"'),
    variantId: fc.constantFrom('blue', 'not listed', null),
    fulfillmentDate: fc.constantFrom('2026-03-20', null),
    quantity: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: ['productId', 'quantity'] },
);
const lines = fc.array(line, { minLength: 1, maxLength: 3 });
const fact = fc.oneof(
  fc.record({
    topic: fc.constant('OrderPlaced'),
    orderId: id,
    customerId: fc.constantFrom('c\\', null),
    lines,
  }),
  fc.record({
    topic: fc.constant('PaymentReceived'),
    orderId: id,
    paymentId: fc.constantFrom('p1', 'p"2'),
  }),
  fc.record({
    topic: fc.constant('OrderRejected'),
    orderId: id,
    reason: fc.constantFrom('', 'zu\n"spät"', null),
  }),
  fc.record({
    topic: fc.constant('OrderRefunded'),
    orderId: id,
    refundId: fc.constantFrom('r1', 'r2'),
    paymentId: fc.constantFrom('p1', 'p"2', null),
    lines: fc.option(lines),
    restock: fc.boolean(),
  }),
);
const own = fc.record({ topic: fc.constantFrom('due', 'restock'), orderId: id });
const life = fc.array(fc.oneof({ weight: 6, arbitrary: fact }, { weight: 1, arbitrary: own }), {
  minLength: 4,
  maxLength: 24,
});

const products: Record<string, ProductSettings> = {
  mug: { inventory: 'variant', variants: ['blue'] },
  rye: { inventory: 'product' },
};

function eventOf(step: Step, offset: number): OrderEvent {
  const base = { storeId: STORE, orderId: step.orderId };
  if (step.topic === 'due') {
    return { ...base, type: 'due', watermark: NOW + 9e9, cause: { topic: 'timer', eventId: 'due' } };
  }
  if (step.topic === 'restock') {
    return { ...base, type: 'restocked', restockId: `b${offset}`, cause: { topic: 'api', eventId: 'b' } };
  }
  const { topic, ...fields } = step;
  const message = { ...base, ...fields, eventId: `e${offset}`, occurredAt: '2026-03-14T10:00:00+01:00' };
  const value = Buffer.from(JSON.stringify(message));
  const { event } = parseRecord(topic as ConsumedTopic, value, { partition: 0, offset, timestamp: NOW });
  if (!event) throw new Error(`not read: ${topic}`);
  return event;
}

function live(steps: Step[], fulfillmentDates: boolean) {
  const set = new WorkingSet({
    store: () => ({ ...DEFAULT_STORE, fulfillmentDates }),
    product: (_, productId) => products[productId],
  });
  const messages: PublishedMessage[] = [];
  for (const key of [stockKey(STORE, 'mug', 'blue'), stockKey(STORE, 'rye', undefined, '2026-03-20')]) {
    const blank = { free: null, held: 0, sold: 0, refunded: 0, settlement: 0, version: 0 };
    const changed = changeStock(blank, { type: 'set', quantity: 5 });
    if (changed.kind === 'changed') set.loadStock(key, changed.stock);
  }
  steps.forEach((step, offset) => {
    const event = eventOf(step, offset);
    const decision = set.decide(event);
    if (decision.kind !== 'fact' || !decision.transition) return;
    const { order, transition } = decision;
    const made = encodeTransition(order, transition, event.cause, NOW + offset).map(written);
    expect(encodeTransition(order, transition, event.cause, NOW + offset).map(written)).toEqual(made);
    messages.push(...made);
  });
  return { set, messages };
}

function check({ set, messages }: ReturnType<typeof live>): void {
  const sums = new Map<string, number[]>();
  for (const message of messages) {
    const value = valueOf(message);
    expect(mistakesOf(message.topic, value)).toEqual([]);
    expect(message).toMatchObject({ key: STORE, time: value.occurredAt });
    expect(Object.values(value)[0]).toBe(message.id);
    if (!('deltas' in value)) continue;
    for (const d of value.deltas) {
      const sum = sums.get(d.stockKey) ?? [0, 0, 0, 0];
      sums.set(
        d.stockKey,
        [d.free, d.held, d.sold, d.refunded].map((n, at) => n + (sum[at] ?? 0)),
      );
    }
  }
  expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
  const changes = set.changes().map((c) => [c.stockKey, [c.free, c.held, c.sold, c.refunded]] as const);
  expect(sums).toEqual(new Map(changes));
  const expired = messages.filter(
    (m) => kindOf(m) === 'Released' && (valueOf(m) as StockOutcome).reason === 'expired',
  );
  expect(messages.filter(({ topic }) => topic === 'OrderExpired')).toHaveLength(expired.length);
}

describe('everything that is published is valid by the schemas that others read, has its own id, and adds up', () => {
  it('in a life that meets every outcome and every notification', () => {
    const placed = (orderId: string, quantity: number) => ({
      topic: 'OrderPlaced',
      orderId,
      customerId: 'c',
      lines: [{ productId: 'mug', variantId: 'blue', quantity }],
    });
    const paid = (orderId: string) => ({ topic: 'PaymentReceived', orderId, paymentId: 'p1' });
    const due = (orderId: string) => ({ topic: 'due', orderId });
    const lived = live(
      [
        ...[placed('lapses', 3), due('lapses'), placed('rival', 4), paid('lapses')],
        { topic: 'OrderRejected', orderId: 'rival', reason: 'closed' },
        placed('too many', 9),
        ...[placed('late', 2), due('late'), paid('late')],
        { topic: 'OrderRefunded', orderId: 'late', refundId: 'r1' },
        { topic: 'restock', orderId: 'late' },
        ...[placed('plain', 1), paid('plain')],
      ],
      false,
    );
    check(lived);
    expect(lived.messages.map((message) => [message.id.split('/')[1], kindOf(message)])).toEqual([
      ['lapses', 'Held'],
      ['lapses', 'Released'],
      ['lapses', 'OrderExpired'],
      ['lapses', 'order-expired'],
      ['rival', 'Held'],
      ['lapses', 'RefundRequired'],
      ['lapses', 'refund-on-its-way'],
      ['rival', 'Released'],
      ['rival', 'order-rejected'],
      ['too many', 'Refused'],
      ['too many', 'order-refused'],
      ['late', 'Held'],
      ['late', 'Released'],
      ['late', 'OrderExpired'],
      ['late', 'order-expired'],
      ['late', 'Reinstated'],
      ['late', 'order-reinstated'],
      ['late', 'RefundRecorded'],
      ['late', 'Restocked'],
      ['plain', 'Held'],
      ['plain', 'Sold'],
    ]);
  });

  it('in any life', () => {
    fc.assert(
      fc.property(life, fc.boolean(), (steps, dated) => check(live(steps, dated))),
      { numRuns: 300 },
    );
  });
});
