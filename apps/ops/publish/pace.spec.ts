import { offsetsOf, paced, type PaceClock } from './pace.js';
import { timelineOf, type PlannedEvent } from './timeline.js';
import type { Invoice } from './invoices.js';

const MINUTE_MS = 60_000;
const options = { storeId: 's', orderPrefix: 'x-', payAfterMs: MINUTE_MS, restock: false };

function order(id: string, at: number): Invoice {
  const goods = [{ productId: 'mug', quantity: 2, lines: [2] }];
  return { id, kind: 'order', at, firstLine: 2, lastLine: 2, lines: 1, goods };
}

const orders = [order('1', 0), order('2', 30_000), order('3', 4 * MINUTE_MS)];
const goods = [{ productId: 'mug', quantity: 1, lines: [9] }];
const refunds = [{ refundId: 'C4', orderId: '1', at: 2 * MINUTE_MS, goods }];

function told(events: readonly PlannedEvent[]): string[] {
  return events.map(({ topic, orderId, at }) => `${at / 1_000} ${topic} ${orderId}`);
}

describe('the timeline', () => {
  it('has orders, payments and refunds in the order in which they happened', () => {
    expect(told(timelineOf(orders, refunds, options))).toEqual([
      '0 OrderPlaced x-1',
      '30 OrderPlaced x-2',
      '60 PaymentReceived x-1',
      '90 PaymentReceived x-2',
      '120 OrderRefunded x-1',
      '240 OrderPlaced x-3',
      '300 PaymentReceived x-3',
    ]);
  });

  it('places an order before it pays for it, also in the same moment', () => {
    const events = timelineOf(orders.slice(0, 1), [], { ...options, payAfterMs: 0 });
    expect(events.map(({ topic }) => topic)).toEqual(['OrderPlaced', 'PaymentReceived']);
  });

  it('names the paying payment in a refund, unless nobody pays', () => {
    const refundIn = (payAfterMs: number | undefined) =>
      timelineOf([], refunds, { ...options, payAfterMs, restock: true })[0]?.message('2026-01-01T00:00:00Z');
    expect(refundIn(0)).toEqual({
      eventId: 'refunded-C4-x-1',
      occurredAt: '2026-01-01T00:00:00Z',
      storeId: 's',
      orderId: 'x-1',
      refundId: 'C4',
      paymentId: 'pay-x-1',
      lines: [{ productId: 'mug', quantity: 1 }],
      restock: true,
    });
    expect(refundIn(undefined)).not.toHaveProperty('paymentId');
  });
});

describe('the pace', () => {
  const events = timelineOf(orders, refunds, options);

  it('is so many orders a second, with what belongs to them in between', () => {
    expect(offsetsOf(events, { kind: 'rate', ordersPerSecond: 2 })).toEqual([
      0, 500, 500, 500, 500, 1_000, 1_000,
    ]);
  });

  it('is that of the file, so many times faster', () => {
    expect(offsetsOf(events, { kind: 'compressed', factor: 60 })).toEqual([
      0, 500, 1_000, 1_500, 2_000, 4_000, 5_000,
    ]);
  });

  it('sends what is due, and waits for the next', async () => {
    let now = 1_000;
    const clock: PaceClock = { now: () => now, wait: async (ms) => void (now += ms + 10) };
    const sent: string[] = [];
    for await (const batch of paced(events, { kind: 'rate', ordersPerSecond: 2 }, clock)) {
      sent.push(`${now}: ${batch.length}`);
      now += 3;
    }
    expect(sent).toEqual(['1000: 1', '1510: 4', '2010: 2']);
  });

  it('sends everything at once in batches of at most 500', async () => {
    const many = Array.from({ length: 1_201 }, () => events[0] as PlannedEvent);
    const sizes: number[] = [];
    for await (const batch of paced(many, { kind: 'at-once' })) sizes.push(batch.length);
    expect(sizes).toEqual([500, 500, 201]);
  });
});
