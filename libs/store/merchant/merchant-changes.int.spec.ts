import { parseStockKey } from '@holdfast/core';
import { due, line, paid, placed, refunded, STORE } from '../../core/testing/events.js';
import {
  audit,
  changeStockOf,
  extendHolds,
  InputFault,
  restockOrder,
  setProduct,
  setStore,
  startSession,
} from '../index.js';
import { messagesOf, openTestDatabase, rowOf, type TestDatabase } from '../testing/test-database.js';

let shop: TestDatabase;

beforeAll(async () => {
  shop = await openTestDatabase();
});
afterEach(async () => {
  // Whatever a test did has to add up.
  const { listed } = await audit(shop.database, { overdueAfterMs: Infinity });
  await shop.clear();
  expect(listed).toEqual([]);
});
afterAll(() => shop.drop());

async function stockOf(key: string) {
  return shop.database.stock.findOne({ _id: `${STORE}/${key}` });
}

/** What a batch of another process does to the stock. */
async function holdOne(): Promise<void> {
  const session = startSession(shop.database);
  try {
    session.startTransaction();
    await shop.database.stock.updateOne(
      { _id: `${STORE}/mug/-/-` },
      { $inc: { free: -1, held: 1 } },
      { session },
    );
    await session.commitTransaction();
  } finally {
    await session.endSession();
  }
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'done',
    (error: { code?: unknown }) => error.code,
  );
}

async function outcomes(): Promise<Record<string, unknown>[]> {
  const docs = await shop.database.outbox.find({}, { sort: { _id: 1 } }).toArray();
  return messagesOf(docs).map(({ value }) => JSON.parse(value) as Record<string, unknown>);
}

describe("a merchant's change of stock", () => {
  it('sets a key that nobody has ordered yet, keeps the change and publishes it', async () => {
    await shop.product(STORE, 'mug');
    const report = await changeStockOf(shop, {
      storeId: STORE,
      changeId: 'c1',
      actor: 'jo',
      reason: 'delivery',
      rows: [rowOf('mug', 40)],
    });
    expect(report).toMatchObject({
      changed: 1,
      refused: 0,
      rows: [{ kind: 'changed', after: { free: 40 } }],
    });
    expect(await stockOf('mug/-/-')).toMatchObject({ free: 40, held: 0, version: 1, settlement: 1 });
    const change = await shop.database.stockChanges.findOne({ _id: `${STORE}/c1/mug/-/-` });
    expect(change).toMatchObject({ actor: 'jo', reason: 'delivery', quantity: 40, before: { free: null } });
    expect(await outcomes()).toMatchObject([
      {
        outcomeId: `${STORE}/c1/0/StockChanged`,
        cause: { topic: 'ops', eventId: 'c1' },
        deltas: [{ stockKey: `${STORE}/mug/-/-`, free: 40, keyVersion: 1, unlimited: false }],
      },
    ]);
  });

  it('is made once, however often it is sent', async () => {
    await shop.product(STORE, 'mug');
    const request = { storeId: STORE, changeId: 'c1', actor: 'jo', rows: [rowOf('mug', 40)] };
    await changeStockOf(shop, request);
    const again = await changeStockOf(shop, request);
    expect(again).toMatchObject({
      changed: 1,
      repeated: 1,
      rows: [{ repeated: true, after: { version: 1 } }],
    });
    expect(await outcomes()).toHaveLength(1);
    const other = await changeStockOf(shop, { ...request, rows: [rowOf('mug', 41)] });
    expect(other.rows[0]).toMatchObject({ kind: 'refused', reason: 'change-id-used' });
  });

  it('does the rest when it is sent again after only a part was made', async () => {
    await shop.product(STORE, 'mug');
    await shop.product(STORE, 'cup');
    const request = { storeId: STORE, changeId: 'c1', actor: 'jo' };
    await changeStockOf(shop, { ...request, rows: [rowOf('mug', 40)] });
    const report = await changeStockOf(shop, { ...request, rows: [rowOf('mug', 40), rowOf('cup', 7)] });
    expect(report).toMatchObject({ changed: 2, repeated: 1 });
    const ids = (await outcomes()).map(({ outcomeId }) => outcomeId);
    expect(ids).toEqual([`${STORE}/c1/0/StockChanged`, `${STORE}/c1/1/StockChanged`]);
  });

  it('goes in slices, each with its own message, and answers every row in its place', async () => {
    const products = Array.from({ length: 450 }, (_, at) => `p${at}`);
    await setProduct(shop.database, STORE, 'p0', { inventory: 'product' });
    await shop.database.products.insertMany(
      products.slice(1).map((productId) => ({
        _id: `${STORE}/${productId}`,
        storeId: STORE,
        productId,
        inventory: 'product' as const,
      })),
    );
    const rows = products.map((product, at) => rowOf(product, at));
    const report = await changeStockOf(shop, { storeId: STORE, changeId: 'c1', actor: 'jo', rows });
    expect(report.changed).toBe(450);
    report.rows.forEach((row, at) => {
      expect(parseStockKey(row.stockKey).productId).toBe(`p${at}`);
      expect(row).toMatchObject({ kind: 'changed', after: { free: at } });
    });
    const sent = await outcomes();
    expect(sent.map(({ outcomeId }) => outcomeId)).toEqual(
      [0, 200, 400].map((chunk) => `${STORE}/c1/${chunk}/StockChanged`),
    );
  });

  it('settles what was refunded when it sets a number, and not when it adjusts', async () => {
    await shop.product(STORE, 'mug');
    await shop.stock(STORE, { mug: 10 });
    await shop.apply([placed([line('mug', 4)]), paid(), refunded()]);
    await shop.stock(STORE, { mug: { type: 'adjust', by: -1 } });
    expect(await stockOf('mug/-/-')).toMatchObject({
      free: 5,
      sold: 0,
      refunded: 4,
      settlement: 1,
      version: 2,
    });
    await shop.stock(STORE, { mug: 9 });
    expect(await stockOf('mug/-/-')).toMatchObject({ free: 9, refunded: 0, settlement: 2, version: 3 });
  });

  it('writes nothing in a dry run', async () => {
    await shop.product(STORE, 'mug');
    const request = { storeId: STORE, changeId: 'c1', actor: 'jo', rows: [rowOf('mug', 40)], dryRun: true };
    expect(await changeStockOf(shop, request)).toMatchObject({
      dryRun: true,
      rows: [{ after: { free: 40 } }],
    });
    expect(await stockOf('mug/-/-')).toBeNull();
    expect(await outcomes()).toEqual([]);
  });

  it('loses no order that is placed in the same moment', async () => {
    await shop.product(STORE, 'mug');
    await shop.stock(STORE, { mug: 1_000 });
    const other = { ...shop, gate: new (shop.gate.constructor as new () => typeof shop.gate)() };
    const orders = async () => {
      for (let at = 0; at < 40; at++) await shop.apply([placed([line('mug', 1)], { orderId: `o${at}` })]);
    };
    const changes = async () => {
      for (let at = 0; at < 40; at++) {
        const rows = [rowOf('mug', { type: 'adjust', by: 1 })];
        await changeStockOf(other, { storeId: STORE, changeId: `c${at}`, actor: 'jo', rows });
      }
    };
    await Promise.all([orders(), changes()]);
    expect(await stockOf('mug/-/-')).toMatchObject({ free: 1_000, held: 40, version: 41 });
  });

  it('takes its keys before it looks at them, so that whoever comes in between has to come again', async () => {
    await shop.product(STORE, 'mug');
    await shop.stock(STORE, { mug: 10 });
    const met: unknown[] = [];
    const settings = {
      load: async (...wanted: Parameters<typeof shop.settings.load>) => {
        met.push(await codeOf(holdOne()));
        return shop.settings.load(...wanted);
      },
    } as typeof shop.settings;
    const request = { storeId: STORE, changeId: 'c1', actor: 'jo', rows: [rowOf('mug', 40)] };
    expect(await changeStockOf({ ...shop, settings }, request)).toMatchObject({ changed: 1 });
    // Looked at once, and the other one met a write conflict.
    expect(met).toEqual([112]);
    expect(await stockOf('mug/-/-')).toMatchObject({ free: 40, held: 0 });
  });

  it('leaves nothing behind in keys that it changed, refused or had changed before', async () => {
    const products = ['mug', 'cup', 'jug'];
    for (const product of products) await shop.product(STORE, product);
    await shop.stock(STORE, { cup: 1, jug: 1 });
    const request = { storeId: STORE, changeId: 'c1', actor: 'jo' };
    await changeStockOf(shop, { ...request, rows: [rowOf('jug', 5)] });
    const rows = [rowOf('mug', 3), rowOf('cup', { type: 'adjust', by: -2 }), rowOf('jug', 5)];
    const report = await changeStockOf(shop, { ...request, rows });
    expect(report).toMatchObject({ changed: 2, repeated: 1, refused: 1 });
    for (const product of products) {
      const fields = Object.keys((await stockOf(`${product}/-/-`)) ?? {}).sort();
      expect(fields).toEqual(['_id', 'free', 'held', 'refunded', 'settlement', 'sold', 'version']);
    }
  });

  it('names every wrong field and changes nothing', async () => {
    const rows = [rowOf('mug', -1), rowOf('cup', 1.5), rowOf('cake/-/2026-02-30', 1), rowOf('mug', 3)];
    const failure = await changeStockOf(shop, { storeId: 'a/b', changeId: 'c', actor: ' ', rows }).catch(
      (e) => e,
    );
    expect(failure).toBeInstanceOf(InputFault);
    const fields = (failure as InputFault).problems.map(({ field }) => field);
    expect(fields).toEqual([
      'storeId',
      'actor',
      'rows[0].quantity',
      'rows[1].quantity',
      'rows[2].date',
      'rows[3]',
    ]);
  });
});

describe('what the store counts', () => {
  it('decides which rows are refused', async () => {
    await shop.product(STORE, 'mug');
    await shop.product(STORE, 'shirt', 'variant', ['S', 'M']);
    await shop.product(STORE, 'bag', 'off');
    const report = await shop.stock(STORE, {
      nothing: 1,
      bag: 1,
      'mug/-/2026-02-14': 1,
      'mug/blue': 1,
      shirt: 1,
      'shirt/XL': 1,
      'shirt/M': 1,
    });
    expect(report.rows.map((row) => (row.kind === 'refused' ? row.reason : row.kind))).toEqual([
      'unknown-product',
      'inventory-off',
      'date-not-used',
      'variant-not-used',
      'variant-required',
      'unknown-variant',
      'changed',
    ]);
    await setStore(shop.database, STORE, { fulfillmentDates: true });
    const dated = await shop.stock(STORE, { mug: 1, 'mug/-/2026-02-14': 1 });
    expect(dated.rows.map((row) => (row.kind === 'refused' ? row.reason : row.kind))).toEqual([
      'date-required',
      'changed',
    ]);
  });

  it('refuses to add to unlimited, to go below 0, and to overwrite what somebody else changed', async () => {
    await shop.product(STORE, 'mug');
    const adjust = await shop.stock(STORE, { mug: { type: 'adjust', by: 1 } });
    expect(adjust.rows[0]).toMatchObject({ kind: 'refused', reason: 'unlimited' });
    await shop.stock(STORE, { mug: 3 });
    const below = await shop.stock(STORE, { mug: { type: 'adjust', by: -4 } });
    expect(below.rows[0]).toMatchObject({ kind: 'refused', reason: 'below-zero', current: { free: 3 } });
    const rows = [{ ...rowOf('mug', 9), expected: 0 }];
    const stale = await changeStockOf(shop, { storeId: STORE, changeId: 'c', actor: 'jo', rows });
    expect(stale.rows[0]).toMatchObject({ kind: 'refused', reason: 'stale', current: { version: 1 } });
  });
});

describe('putting refunded units back', () => {
  it('is made once, and never for more than there is', async () => {
    await shop.product(STORE, 'mug');
    await shop.stock(STORE, { mug: 10 });
    await shop.apply([placed([line('mug', 4)]), paid(), refunded()]);
    const request = {
      storeId: STORE,
      orderId: 'o1',
      changeId: 'b1',
      actor: 'jo',
      reason: 'unopened',
      lines: [line('mug', 3)],
    };
    expect(await restockOrder(shop, request)).toMatchObject({ kind: 'restocked' });
    expect(await restockOrder(shop, request)).toEqual({ kind: 'repeated' });
    expect(await stockOf('mug/-/-')).toMatchObject({ free: 9, refunded: 1 });
    const more = await restockOrder(shop, { ...request, changeId: 'b2' });
    expect(more).toMatchObject({ kind: 'refused', reason: 'too-many' });
    const { lines: _, ...all } = { ...request, changeId: 'b3' };
    expect(await restockOrder(shop, all)).toMatchObject({ kind: 'restocked' });
    expect(await stockOf('mug/-/-')).toMatchObject({ free: 10, refunded: 0 });
    const unknown = await restockOrder(shop, { ...all, orderId: 'o9', changeId: 'b4' });
    expect(unknown).toMatchObject({ kind: 'refused', reason: 'unknown-order' });
    const fact = await shop.database.orderFacts.findOne({ restockId: 'b1' });
    expect(fact?.cause).toEqual({ topic: 'ops', eventId: 'b1', actor: 'jo', reason: 'unopened' });
    const restocked = (await outcomes()).find(({ outcome }) => outcome === 'Restocked');
    expect(restocked?.['cause']).toEqual({ topic: 'ops', eventId: 'b1' });
  });

  it('asks who does it, in words that fit', async () => {
    const request = { storeId: STORE, orderId: 'o1', changeId: 'b1', actor: ' ', reason: 'x'.repeat(501) };
    const failure = (await restockOrder(shop, request).catch((e) => e)) as InputFault;
    expect(failure.problems.map(({ field }) => field)).toEqual(['actor', 'reason']);
  });
});

describe('extending holds', () => {
  it('lets open holds last longer, never shorter, and leaves the rest alone', async () => {
    const events = ['o1', 'o2', 'o3'].map((orderId) => placed([line('mug')], { orderId }));
    await shop.apply([...events, paid('p', 'o2')]);
    const start = (await shop.database.orders.findOne({ _id: `${STORE}/o1` }))?.due as Date;
    const until = start.getTime() + 60_000;
    const by = { changeId: 'e1', actor: 'jo', reason: 'no network' };
    const report = await extendHolds(shop, { ...by, storeId: STORE, until });
    expect(report.extended).toBe(2);
    const fact = await shop.database.orderFacts.findOne({ _id: `${STORE}/o1/2` });
    expect(fact?.cause).toEqual({ topic: 'ops', eventId: 'e1', actor: 'jo', reason: 'no network' });
    expect((await shop.database.orders.findOne({ _id: `${STORE}/o1` }))?.due).toEqual(new Date(until));
    const shorter = await extendHolds(shop, {
      ...by,
      storeId: STORE,
      orderIds: ['o1', 'o2'],
      until: until - 5,
    });
    expect(shorter).toMatchObject({ extended: 0, untouched: ['o1', 'o2'] });
    await shop.apply([due(until - 1), due(until, 'o3')]);
    expect(await shop.database.orders.distinct('state')).toEqual(['expired', 'held', 'paid']);
  });
});
