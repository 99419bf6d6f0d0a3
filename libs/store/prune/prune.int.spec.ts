import type { OrderEvent } from '@holdfast/core';
import { line, paid, placed, refunded, rejected, due, MINUTE_MS, STORE } from '../../core/testing/events.js';
import {
  applyBatch,
  audit,
  letterOf,
  LEAST_HORIZON_MS,
  NewOrders,
  pruneOrders,
  setStore,
  type PruneReport,
} from '../index.js';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.js';

const DAY_MS = 86_400_000;
let shop: TestDatabase;

beforeAll(async () => {
  shop = await openTestDatabase();
});
beforeEach(async () => {
  await shop.product(STORE, 'mug');
  await shop.stock(STORE, { mug: 100 });
});
afterEach(() => shop.clear());
afterAll(() => shop.drop());

const prune = (dryRun = false, days = 100): Promise<PruneReport> =>
  pruneOrders(shop, { olderThanMs: days * DAY_MS, dryRun, actor: 'jo', reason: 'a year is over' });

/** Placed so many days ago, and all else that happened to it then. */
async function daysAgo(days: number, orderId: string, ...more: OrderEvent[]): Promise<void> {
  const at = Date.now() - days * DAY_MS;
  const order = placed([line('mug', 2)], { orderId, occurredAt: at, recordedAt: at });
  await shop.apply([order, ...more], at);
}

async function addsUp(): Promise<void> {
  expect(
    (await audit(shop.database, { overdueAfterMs: 400 * DAY_MS, unpublishedAfterMs: 400 * DAY_MS })).listed,
  ).toEqual([]);
}

const mug = () => shop.database.stock.findOne({ _id: `${STORE}/mug/-/-` });
const left = async () =>
  (await shop.database.orders.find({}, { sort: { _id: 1 } }).toArray()).map(({ _id }) => _id);

describe('removing old orders', () => {
  it('takes finished ones that nothing has happened to since, and what they sold stays sold', async () => {
    await daysAgo(200, 'paid', paid('p1', 'paid'));
    await daysAgo(200, 'back', paid('p2', 'back'), refunded('r1', { orderId: 'back', restock: true }));
    await daysAgo(200, 'rejected', rejected('no', 'rejected'));
    await daysAgo(200, 'expired', due(Date.now() - 200 * DAY_MS + 31 * MINUTE_MS, 'expired'));
    await daysAgo(200, 'held');
    await daysAgo(200, 'waiting', paid('p3', 'waiting'), refunded('r2', { orderId: 'waiting' }));
    await daysAgo(200, 'late');
    await shop.apply([paid('p4', 'late')]);
    await daysAgo(20, 'new', paid('p5', 'new'));
    const before = await mug();
    const kept = { unfinished: 1, refundsWaiting: 1, dateToCome: 0 };
    expect(await prune(true)).toMatchObject({ dryRun: true, orders: 4, facts: 5, units: 2, kept });
    expect(await left()).toHaveLength(8);
    expect(await prune()).toMatchObject({ orders: 4, facts: 5, units: 2, kept });
    expect(await left()).toEqual(['held', 'late', 'new', 'waiting'].map((id) => `${STORE}/${id}`));
    expect(await mug()).toEqual(before);
    expect(
      (await audit(shop.database, { overdueAfterMs: 400 * DAY_MS, unpublishedAfterMs: 400 * DAY_MS }))
        .checked,
    ).toMatchObject({ orders: 4, prunedUnits: 2 });
    await addsUp();
    expect(await prune()).toMatchObject({ orders: 0 });
  });

  it('goes on after refunded units were settled, and keeps what is for a date to come', async () => {
    await daysAgo(200, 'waiting', paid('p3', 'waiting'), refunded('r2', { orderId: 'waiting' }));
    await shop.stock(STORE, { mug: 50 });
    await setStore(shop.database, STORE, { fulfillmentDates: true });
    const at = Date.now() - 200 * DAY_MS;
    const far = new Date(Date.now() + 30 * DAY_MS).toISOString().slice(0, 10);
    const cake = placed([line(`mug/-/${far}`)], { orderId: 'wedding', occurredAt: at, recordedAt: at });
    await shop.apply([cake, paid('p9', 'wedding')], at);
    expect(await prune()).toMatchObject({ orders: 1, units: 0, kept: { dateToCome: 1 } });
    await addsUp();
  });

  it('adds up while orders go on, and in many slices', async () => {
    const at = Date.now() - 200 * DAY_MS;
    const many = Array.from({ length: 1_100 }, (_, number) => {
      const orderId = `o${number}`;
      const order = placed([line('mug')], { orderId, occurredAt: at, recordedAt: at });
      return [order, ...(number % 2 === 0 ? [] : [rejected('no', orderId)])];
    });
    await shop.stock(STORE, { mug: 2_000 });
    await shop.apply(many.flat(), at);
    const payments = (async () => {
      for (let number = 0; number < 80; number += 2) await shop.apply([paid(`p${number}`, `o${number}`)]);
    })();
    const seen: number[] = [];
    const report = await pruneOrders(shop, {
      olderThanMs: 100 * DAY_MS,
      dryRun: false,
      actor: 'jo',
      onProgress: (orders) => seen.push(orders),
    });
    await payments;
    expect(report.orders).toBe(550);
    expect(seen.length).toBeGreaterThan(1);
    await addsUp();
  });

  it('refuses a horizon within which records may still be on their way', async () => {
    await expect(prune(false, 6)).rejects.toThrow('use 7 days at least');
  });
});

describe('a record from before the horizon', () => {
  const letters = async (events: OrderEvent[], recordedAt: number): Promise<(string | undefined)[]> => {
    const tools = { ...shop, newOrders: new NewOrders() };
    const { decisions } = await applyBatch(tools, {
      events,
      now: Date.now(),
      recordedAt: () => recordedAt,
      letterFor: (offset, { errorClass }) => {
        const headers: [string, Buffer][] = [['dead-letter-error', Buffer.from(errorClass)]];
        const letter = letterOf({ topic: 'OrderPlaced.dlq', key: null, value: null, headers });
        return { letter, lane: 0, topic: 'OrderPlaced', offset, errorClass };
      },
    });
    return decisions.map((decision) => (decision.kind === 'refused' ? decision.reason : decision.kind));
  };
  const old = Date.now() - 200 * DAY_MS;
  const again = (orderId: string): OrderEvent =>
    placed([line('mug', 2)], { orderId, occurredAt: old, recordedAt: old });

  it('is too old where its order is gone, and applied as ever where it is known', async () => {
    await daysAgo(200, 'gone', paid('p1', 'gone'));
    await daysAgo(200, 'open');
    await prune();
    const records = [again('gone'), paid('p1', 'gone'), again('open'), paid('p2', 'open')];
    expect(await letters(records, old)).toEqual(['too-old', 'too-old', 'conflicting', 'fact']);
    const waiting = await shop.database.outbox.find({ 'letters.0': { $exists: true } }).toArray();
    expect(waiting.flatMap((doc) => doc.letters ?? [])).toHaveLength(2);
    await addsUp();
  });

  it('is too old by when it says that it was placed, too, so that sending it again does not revive it', async () => {
    await daysAgo(200, 'gone', paid('p1', 'gone'));
    await prune();
    expect(await letters([again('gone')], Date.now())).toEqual(['too-old']);
    await addsUp();
  });

  it('is applied while no order was ever removed, and when it is younger than the horizon', async () => {
    expect(await letters([again('first')], old)).toEqual(['fact']);
    await prune();
    const recent = Date.now() - LEAST_HORIZON_MS - DAY_MS;
    const order = placed([line('mug', 2)], { orderId: 'recent', occurredAt: recent, recordedAt: recent });
    expect(await letters([order], recent)).toEqual(['fact']);
  });

  it('has a horizon that never moves back', async () => {
    await prune(false, 50);
    await prune(false, 300);
    expect(await letters([again('any')], old)).toEqual(['too-old']);
  });
});
