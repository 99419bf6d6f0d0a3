import { mongo } from 'mongoose';
import { GuardFault, LaneLostFault, type OrderEvent } from '@holdfast/core';
import {
  applyBatch,
  MAX_BATCH_LINES,
  NewOrders,
  SettingsCache,
  StoreGate,
  takeLane,
  type BatchTools,
} from '../index.js';
import { letterOf } from '../outbox/outbox.js';
import { messagesOf, openTestDatabase, type TestDatabase } from '../testing/test-database.js';

let shop: TestDatabase;
beforeEach(async () => {
  shop = await openTestDatabase();
  await shop.product('shop', 'cake');
});
afterEach(() => shop.drop());

function placed(orderId: string, quantity = 1, productId = 'cake'): OrderEvent {
  const cause = { topic: 'OrderPlaced', eventId: `placed-${orderId}`, partition: 0, offset: 0 };
  const lines = [{ productId, quantity }];
  return { type: 'placed', storeId: 'shop', orderId, occurredAt: 1, recordedAt: 1, lines, cause };
}

function paid(orderId: string, paymentId = `pay-${orderId}`): OrderEvent {
  const cause = { topic: 'PaymentReceived', eventId: paymentId, partition: 0, offset: 0 };
  return { type: 'paid', storeId: 'shop', orderId, paymentId, cause };
}

const cake = 'shop/cake/-/-';
const outcomesOf = async () => {
  const docs = await shop.database.outbox.find().sort({ _id: 1 }).toArray();
  return messagesOf(docs)
    .filter(({ topic }) => topic === 'StockOutcome')
    .map(({ value }) => (JSON.parse(value) as { outcomeId: string }).outcomeId);
};

describe('a batch', () => {
  it('holds what is there, refuses what is not, and says so once', async () => {
    await shop.stock('shop', { cake: 3 });
    await shop.database.outbox.deleteMany({});
    await shop.apply([placed('a', 2), placed('b', 2), placed('c', 1)]);
    expect(await shop.database.stock.findOne({ _id: cake })).toMatchObject({ free: 0, held: 3, sold: 0 });
    expect(await outcomesOf()).toEqual(['shop/a/1/Held', 'shop/b/1/Refused', 'shop/c/1/Held']);
  });

  it('of many orders is written whole, in commands of some of them each', async () => {
    await shop.stock('shop', { cake: 5_000 });
    await shop.database.outbox.deleteMany({});
    const ids = Array.from({ length: 2_300 }, (_, at) => `n${String(at).padStart(4, '0')}`);
    await shop.apply(ids.map((id) => placed(id)));
    expect(await shop.database.orders.distinct('_id')).toEqual(ids.map((id) => `shop/${id}`));
    expect(await outcomesOf()).toEqual(ids.map((id) => `shop/${id}/1/Held`));
    // All of them are read again.
    expect(await applyBatch(shop, { events: ids.map((id) => placed(id)), now: 2 })).toMatchObject({
      facts: 0,
    });
    expect(await shop.database.stock.findOne({ _id: cake })).toMatchObject({ free: 2_700, held: 2_300 });
  });

  it('writes nothing when it comes again', async () => {
    await shop.stock('shop', { cake: 3 });
    const batch = [placed('a'), paid('a'), paid('b')];
    await shop.apply(batch);
    const before = await shop.database.outbox.countDocuments();
    const again = await applyBatch(shop, { events: batch, now: 2 });
    expect(again).toMatchObject({ facts: 0, transitions: 0, outbox: [] });
    expect(await shop.database.outbox.countDocuments()).toBe(before);
    expect(await shop.database.stock.findOne({ _id: cake })).toMatchObject({ free: 2, held: 0, sold: 1 });
  });

  it('counts a key that was never set from its first order on', async () => {
    await shop.apply([placed('a', 5)]);
    await shop.apply([placed('b', 4), paid('a')]);
    expect(await shop.database.stock.findOne({ _id: cake })).toMatchObject({ free: null, held: 4, sold: 5 });
  });

  it('publishes an order of later batches after its earlier ones, whatever the clock says', async () => {
    await shop.apply([placed('a')], 5_000);
    await shop.apply([paid('a')], 4_000);
    expect(await outcomesOf()).toEqual(['shop/a/1/Held', 'shop/a/2/Sold']);
  });

  it('whose outcomes cannot be put into words leaves nothing', async () => {
    await shop.stock('shop', { cake: 3 });
    const atTheEndOfTime = { occurredAt: 8.64e15, recordedAt: 8.64e15 };
    const unspeakable = { ...placed('a'), ...atTheEndOfTime } as OrderEvent;
    const events = [unspeakable, paid('a', 'first'), paid('a', 'second')];
    await expect(applyBatch(shop, { events, now: 1 })).rejects.toThrow('Invalid time value');
    await shop.apply([placed('b'), paid('b')]);
    expect(await shop.database.orders.distinct('_id')).toEqual(['shop/b']);
    expect(await shop.database.orderFacts.distinct('_id')).toEqual(['shop/b/2']);
    expect(await shop.database.stock.findOne({ _id: cake })).toMatchObject({ free: 2, held: 0, sold: 1 });
  });

  it('is given up when another worker owns the lane', async () => {
    await takeLane(shop.database, 3, 'worker-a/1');
    await takeLane(shop.database, 3, 'worker-b/1');
    await takeLane(shop.database, 4, 'worker-a/2');
    const lanesAfter = () => [
      { id: 4, owner: 'worker-a/2', positions: new Map() },
      { id: 3, owner: 'worker-a/1', positions: new Map() },
    ];
    const batch = { events: [placed('a')], now: 1, lanesAfter };
    await expect(applyBatch(shop, batch)).rejects.toThrow(LaneLostFault);
    expect(await shop.database.orders.countDocuments()).toBe(0);
  });

  it('notes the lane’s progress even when there is nothing else to write', async () => {
    await takeLane(shop.database, 3, 'me');
    const positions = new Map([['PaymentReceived', { nextOffset: 7, timestamp: 1_000 }]]);
    await applyBatch(shop, {
      events: [],
      now: 1,
      lanesAfter: () => [{ id: 3, owner: 'me', positions }],
    });
    const lane = await shop.database.lanes.findOne({ _id: '3' });
    expect(lane?.positions['PaymentReceived']).toEqual({ next: 7, at: new Date(1_000), by: 'me' });
  });

  it('ends where its lines are too many, and keeps its letters for their place', async () => {
    await shop.product('shop', 'tray');
    const wide = (orderId: string): OrderEvent => ({
      ...(placed(orderId) as Extract<OrderEvent, { type: 'placed' }>),
      lines: Array.from({ length: 500 }, (_, at) => ({
        productId: 'tray',
        variantId: `v${at}`,
        quantity: 1,
      })),
    });
    const events = Array.from({ length: 20 }, (_, at) => wide(`wide-${at}`));
    const letter = {
      letter: letterOf({ topic: 'x.dlq', key: null, value: Buffer.from('?'), headers: [] }),
      ...{ lane: 3, topic: 'x', offset: 0, errorClass: 'not-json' },
    };
    const asked: number[] = [];
    const result = await applyBatch(shop, {
      events,
      now: 1,
      lettersAfter: (applied) => {
        asked.push(applied);
        return applied === events.length ? [letter] : [];
      },
    });
    expect(result.decisions).toHaveLength(MAX_BATCH_LINES / 500);
    expect(asked).toEqual([MAX_BATCH_LINES / 500]);
    expect(await shop.database.orders.countDocuments()).toBe(MAX_BATCH_LINES / 500);
  });
});

describe('orders that are expected to be new', () => {
  const expecting = (): BatchTools & { newOrders: NewOrders } => ({ ...shop, newOrders: new NewOrders() });

  it('are written without being looked for', async () => {
    await shop.stock('shop', { cake: 5 });
    const commands = jest.spyOn(shop.database.db, 'command');
    await applyBatch(expecting(), { events: [placed('a'), paid('a'), placed('b')], now: 1 });
    expect(commands.mock.calls.filter(([{ find }]) => find === 'orders')).toEqual([]);
    expect(await shop.database.stock.findOne({ _id: cake })).toMatchObject({ free: 3, held: 1, sold: 1 });
  });

  it.each([
    ['placed before', [placed('a')], [placed('b'), placed('a')], { free: 3, held: 2, sold: 0 }],
    ['paid for before', [paid('a')], [placed('b'), placed('a')], { free: 3, held: 1, sold: 1 }],
    [
      'placed and paid for before',
      [placed('a'), paid('a')],
      [placed('a'), paid('a', 'twice')],
      { free: 4, sold: 1 },
    ],
  ])('and were %s, are read when their insertion says so', async (_what, before, events, stock) => {
    await shop.stock('shop', { cake: 5 });
    const tools = expecting();
    await applyBatch(tools, { events: before, now: 1 });
    expect(await applyBatch(tools, { events, now: 2 })).toMatchObject({ retries: 1 });
    expect(await shop.database.stock.findOne({ _id: cake })).toMatchObject(stock);
    const again = await applyBatch(tools, { events: [...before, ...events], now: 3 });
    expect(again).toMatchObject({ facts: 0, retries: 0, outbox: [] });
  });

  it('are looked for after one was known, until all have been new for a while', async () => {
    const tools = expecting();
    await applyBatch(tools, { events: [placed('a')], now: 1 });
    await applyBatch(tools, { events: [placed('a')], now: 1 });
    let batches = 0;
    while (!tools.newOrders.areExpected) {
      const { retries } = await applyBatch(tools, { events: [placed(`new-${batches++}`)], now: 1 });
      // A batch that places none says nothing about it.
      await applyBatch(tools, { events: [paid('a')], now: 1 });
      expect(retries).toBe(0);
    }
    expect(batches).toBe(8);
  });
});

describe('a document that was changed by hand', () => {
  it('is named after some tries, each of them counted, and nothing is written until it is put right', async () => {
    await shop.product('shop', 'tart');
    await shop.stock('shop', { cake: null, tart: 3 });
    await shop.apply([placed('a'), placed('b', 1, 'tart')]);
    await shop.database.stock.updateOne({ _id: cake }, { $set: { held: 0 } });
    const seen: string[] = [];
    const watch = { retried: () => seen.push('retried'), guardMissed: () => seen.push('missed') };
    const batch = { events: [paid('b'), paid('a')], now: 1, watch };
    const fault: unknown = await applyBatch(shop, batch).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(GuardFault);
    expect((fault as Error).message).toMatch(
      /^the stock of shop\/cake\/-\/- has held 0, of which 1 are to be taken: stock and orders do not agree/,
    );
    expect(seen.filter((what) => what === 'missed')).toHaveLength(5);
    expect(await shop.database.stock.findOne({ _id: 'shop/tart/-/-' })).toMatchObject({ held: 1, sold: 0 });
    await shop.database.stock.updateOne({ _id: cake }, { $set: { held: 1 } });
    expect(await applyBatch(shop, batch)).toMatchObject({ transitions: 2, retries: 0 });
  });

  it.each([
    ['free is text', { $set: { free: '3' } }, [placed('b')], 'free "3"'],
    ['free is no number', { $set: { free: NaN } }, [placed('b')], 'free NaN'],
    ['free is missing', { $unset: { free: '' as const } }, [placed('b')], 'free missing'],
    [
      'free is of a type that is never stored',
      { $set: { free: mongo.Decimal128.fromString('3') } },
      [placed('b')],
      'free {"$numberDecimal":"3"}',
    ],
    ['held is text, and rises', { $set: { held: '1' } }, [placed('b')], "'held' of non-numeric type string"],
    ['held is text, and falls', { $set: { held: '1' } }, [paid('a')], 'held "1", of which 1 are to be taken'],
    ['held is no number', { $set: { held: NaN } }, [paid('a')], 'held NaN, of which 1 are to be taken'],
  ])('is named when %s, and no event is refused for it', async (_what, damage, events, named) => {
    await shop.stock('shop', { cake: 3 });
    await shop.apply([placed('a')]);
    await shop.database.stock.updateOne({ _id: cake }, damage as object);
    const missed: string[] = [];
    const watch = { retried: () => undefined, guardMissed: () => missed.push('missed') };
    const fault: unknown = await applyBatch(shop, { events, now: 1, watch }).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(GuardFault);
    expect((fault as Error).message).toContain(cake);
    expect((fault as Error).message).toContain(named);
    expect(missed).not.toEqual([]);
  });

  it.each([
    ['placed.dueAt', 'soon', 'placed.dueAt is "soon", not a time'],
    ['placed.lines.0.quantity', '2', 'without a productId or a whole quantity'],
    ['placed', 7, 'not a time'],
    ['entries', '1', 'entries is "1", not a whole number'],
    ['version', '1', 'version is "1", not a whole number'],
  ])('wait for people where an order was changed by hand: %s', async (field, value, named) => {
    await shop.apply([placed('a')]);
    await shop.database.orders.updateOne({ _id: 'shop/a' }, { $set: { [field]: value } as object });
    const fault: unknown = await applyBatch(shop, { events: [paid('a')], now: 1 }).catch((e: unknown) => e);
    expect(fault).toBeInstanceOf(GuardFault);
    expect((fault as Error).message).toContain('shop/a was changed by hand');
    expect((fault as Error).message).toContain(named);
  });

  it('wait for people where a fact of the order is gone, too', async () => {
    await shop.apply([placed('a'), paid('a')]);
    const [fact] = await shop.database.orderFacts.find().toArray();
    await shop.database.orderFacts.deleteOne({ _id: fact?._id ?? '' });
    const more = { events: [{ ...paid('a'), paymentId: 'p-2' }], now: 2 };
    const fault: unknown = await applyBatch(shop, more).catch((e: unknown) => e);
    expect(fault).toBeInstanceOf(GuardFault);
    expect((fault as Error).message).toContain(`shop/a was changed by hand: its fact ${fact?._id} is gone`);
    if (fact) await shop.database.orderFacts.insertOne(fact);
    expect(await applyBatch(shop, more)).toMatchObject({ facts: 1 });
  });
});

describe('batches of several processes', () => {
  const process = (): BatchTools => ({
    ...shop,
    settings: new SettingsCache(shop.database),
    gate: new StoreGate(),
  });

  it('sell the last unit once, however they meet', async () => {
    await shop.stock('shop', { cake: 50 });
    const results = await Promise.all(
      Array.from({ length: 4 }, async (_, who) => {
        const tools = process();
        for (let round = 0; round < 10; round++) {
          const events = Array.from({ length: 5 }, (__, at) => placed(`${who}-${round}-${at}`));
          await applyBatch(tools, { events, now: 1 });
        }
      }),
    );
    expect(results).toHaveLength(4);
    expect(await shop.database.stock.findOne({ _id: cake })).toMatchObject({ free: 0, held: 50 });
    expect(await shop.database.orders.countDocuments({ state: 'held' })).toBe(50);
    expect(await shop.database.orders.countDocuments({ state: 'refused' })).toBe(150);
  });

  it('insert a missing key once, and both count', async () => {
    await Promise.all(
      Array.from({ length: 4 }, (_, who) =>
        applyBatch(process(), { events: [placed(`first-${who}`)], now: 1 }),
      ),
    );
    expect(await shop.database.stock.findOne({ _id: cake })).toMatchObject({ free: null, held: 4 });
  });

  it('see a setting from the moment it is changed', async () => {
    const other = process();
    await applyBatch(other, { events: [placed('before')], now: 1 });
    await shop.product('shop', 'cake', 'off');
    await applyBatch(other, { events: [placed('after')], now: 1 });
    expect(await shop.database.stock.findOne({ _id: cake })).toMatchObject({ held: 1 });
  });
});
