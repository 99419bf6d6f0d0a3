import { line, paid, placed, refunded, rejected, STORE } from '../../core/testing/events.js';
import {
  audit,
  auditLedger,
  changeHistory,
  changeOfId,
  changeStockOf,
  InputFault,
  prepare,
  refundsWaiting,
  restockOrder,
  setProduct,
  setProductWithNumbers,
  setStoreWithNumbers,
  undoChange,
  type ChangeRow,
  type UndoResult,
} from '../index.js';
import { messagesOf, openTestDatabase, rowOf, type TestDatabase } from '../testing/test-database.js';

let shop: TestDatabase;
let made = 0;

beforeAll(async () => {
  shop = await openTestDatabase();
});
afterEach(async () => {
  // Whatever a test did has to add up, in the database and in what it published.
  const { listed } = await audit(shop.database, { overdueAfterMs: Infinity });
  const outbox = await shop.database.outbox.find({}, { sort: { _id: 1 } }).toArray();
  const messages = messagesOf(outbox).filter(({ topic }) => topic === 'StockOutcome');
  const stock = await shop.database.stock.find({}).toArray();
  const ledger = auditLedger(
    messages.map(({ value }) => JSON.parse(value)),
    { stock },
  );
  await shop.clear();
  expect(listed).toEqual([]);
  expect(ledger.listed).toEqual([]);
});
afterAll(() => shop.drop());

/** @returns the change's id */
async function change(...rows: ChangeRow[]): Promise<string> {
  const changeId = `c${++made}`;
  const report = await changeStockOf(shop, { storeId: STORE, changeId, actor: 'jo', rows });
  expect(report.refused).toBe(0);
  return changeId;
}

function undo(undoes: string, changeId = `u${++made}`): Promise<UndoResult> {
  return undoChange(shop, { storeId: STORE, undoes, changeId, actor: 'jo', source: 'api' });
}

async function numbers(key: string): Promise<(number | null)[]> {
  const doc = await shop.database.stock.findOne({ _id: `${STORE}/${key}` });
  return doc ? [doc.free, doc.held, doc.sold, doc.refunded] : [];
}

describe('taking a change back', () => {
  it('gives every key the number from before, less what was ordered since', async () => {
    await shop.product(STORE, 'mug');
    await shop.product(STORE, 'cup');
    await change(rowOf('mug', 10));
    const second = await change(rowOf('mug', 40), rowOf('cup', 7));
    await shop.apply([placed([line('mug', 4), line('cup', 1)]), paid()]);
    const result = await undo(second, 'back');
    expect(result).toMatchObject({ kind: 'undone', report: { changed: 2, changeId: 'back' } });
    expect(await numbers('mug/-/-')).toEqual([6, 0, 4, 0]);
    expect(await numbers('cup/-/-')).toEqual([null, 0, 1, 0]);
    expect(await changeOfId(shop.database, STORE, second)).toMatchObject({ undone: 'back', undoes: null });
    expect(await changeOfId(shop.database, STORE, 'back')).toMatchObject({
      undoes: second,
      undone: null,
      source: 'api',
      keys: 2,
    });
  });

  it('is made once, and taken back in its turn', async () => {
    await shop.product(STORE, 'mug');
    const first = await change(rowOf('mug', 10));
    const second = await change(rowOf('mug', { type: 'adjust', by: 5 }));
    await undo(second, 'back');
    expect(await undo(second, 'back')).toMatchObject({ kind: 'undone', report: { repeated: 1 } });
    expect(await undo(second, 'again')).toEqual({ kind: 'undone-before', by: 'back' });
    expect(await numbers('mug/-/-')).toEqual([10, 0, 0, 0]);
    expect(await undo('back')).toMatchObject({ kind: 'undone' });
    expect(await numbers('mug/-/-')).toEqual([15, 0, 0, 0]);
    expect(await undo('nothing')).toEqual({ kind: 'unknown' });
    await expect(undo(first, second)).rejects.toBeInstanceOf(InputFault);
  });

  it('changes nothing when a later change touched one of its keys', async () => {
    await shop.product(STORE, 'mug');
    await shop.product(STORE, 'cup');
    const first = await change(rowOf('mug', 10), rowOf('cup', 7));
    await change(rowOf('cup', 8));
    const result = await undo(first);
    expect(result.kind === 'refused' && result.report.rows).toMatchObject([
      { stockKey: `${STORE}/cup/-/-`, reason: 'stale', current: { free: 8 } },
    ]);
    expect(await numbers('mug/-/-')).toEqual([10, 0, 0, 0]);
    expect((await changeHistory(shop.database, STORE, { limit: 10 })).items).toHaveLength(2);
  });

  it('changes nothing when the later change was itself taken back, and says what to do', async () => {
    await shop.product(STORE, 'mug');
    const first = await change(rowOf('mug', 10));
    await undo(await change(rowOf('mug', 40)));
    const result = await undo(first);
    expect(result.kind === 'refused' && result.report.rows).toMatchObject([
      {
        reason: 'stale',
        message: expect.stringMatching(/with 10 left; set the number that you want instead$/),
      },
    ]);
    expect(await numbers('mug/-/-')).toEqual([10, 0, 0, 0]);
  });

  it('is refused when more was ordered than there was before', async () => {
    await shop.product(STORE, 'mug');
    await change(rowOf('mug', 10));
    const second = await change(rowOf('mug', 40));
    await shop.apply([placed([line('mug', 11)])]);
    const result = await undo(second);
    expect(result.kind === 'refused' && result.report.rows).toMatchObject([{ reason: 'below-zero' }]);
    expect(await numbers('mug/-/-')).toEqual([29, 11, 0, 0]);
  });

  it('goes for keys that are not counted any more', async () => {
    await shop.product(STORE, 'mug');
    const first = await change(rowOf('mug', 10));
    await setProduct(shop.database, STORE, 'mug', { inventory: 'off' });
    expect(await undo(first)).toMatchObject({ kind: 'undone' });
    expect(await numbers('mug/-/-')).toEqual([null, 0, 0, 0]);
  });

  it('of more keys than fit a transaction looks at all of them first', async () => {
    await shop.product(STORE, 'shirt', 'variant');
    const rows = Array.from({ length: 450 }, (_, at) => rowOf(`shirt/v${at}`, at));
    const first = await change(...rows);
    await change(rowOf('shirt/v449', 1));
    expect(await undo(first)).toMatchObject({ kind: 'refused', report: { refused: 1 } });
    expect(await shop.database.stockChanges.countDocuments({ type: 'restore' })).toBe(0);
    await undo(`c${made - 1}`);
    const listed = await changeHistory(shop.database, STORE, { limit: 10 });
    expect(listed.items.map(({ keys }) => keys)).toEqual([1, 1, 450]);
    expect(listed.items[2]?.cells).toHaveLength(20);
    expect((await changeOfId(shop.database, STORE, first))?.cells).toHaveLength(450);
  });
});

describe('taking a set back that settled refunded units', () => {
  beforeEach(async () => {
    await shop.product(STORE, 'mug');
    await change(rowOf('mug', 10));
    await shop.apply([placed([line('mug', 4)]), paid(), refunded('r1', { lines: [line('mug', 3)] })]);
    expect(await numbers('mug/-/-')).toEqual([6, 0, 1, 3]);
  });

  it('lets them wait again, to be put back once', async () => {
    const set = await change(rowOf('mug', 20));
    expect((await refundsWaiting(shop.database, STORE, { limit: 5 }, Date.now())).items).toEqual([]);
    expect(await undo(set)).toMatchObject({ kind: 'undone' });
    expect(await numbers('mug/-/-')).toEqual([6, 0, 1, 3]);
    const waiting = await refundsWaiting(shop.database, STORE, { limit: 5 }, Date.now());
    expect(waiting.items).toMatchObject([{ orderId: 'o1', lines: [{ units: 3, restockable: 3 }] }]);
    const restock = { storeId: STORE, orderId: 'o1', actor: 'jo', changeId: `r${++made}` };
    expect(await restockOrder(shop, restock)).toMatchObject({ kind: 'restocked' });
    expect(await numbers('mug/-/-')).toEqual([9, 0, 1, 0]);
  });

  it('keeps what was refunded since beside them', async () => {
    await shop.apply([placed([line('mug', 2)], { orderId: 'o2' }), paid('p2', 'o2')]);
    const set = await change(rowOf('mug', 20));
    await shop.apply([refunded('r2', { orderId: 'o2' })]);
    expect(await undo(set)).toMatchObject({ kind: 'undone' });
    expect(await numbers('mug/-/-')).toEqual([4, 0, 1, 5]);
    for (const orderId of ['o1', 'o2']) {
      const changeId = `r${++made}`;
      expect(await restockOrder(shop, { storeId: STORE, orderId, actor: 'jo', changeId })).toMatchObject({
        kind: 'restocked',
      });
    }
    expect(await numbers('mug/-/-')).toEqual([9, 0, 1, 0]);
  });

  it('leaves those settled whose order has moved on since', async () => {
    const set = await change(rowOf('mug', 20));
    await shop.apply([rejected()]);
    expect(await numbers('mug/-/-')).toEqual([21, 0, 0, 0]);
    expect(await undo(set)).toMatchObject({ kind: 'undone' });
    expect(await numbers('mug/-/-')).toEqual([7, 0, 0, 0]);
  });

  it('and the taking back of that settles them again', async () => {
    const set = await change(rowOf('mug', 20));
    await undo(set, `back${made}`);
    const back = `back${made}`;
    await shop.apply([placed([line('mug', 1)], { orderId: 'o3' })]);
    expect(await undo(back, `forth${made}`)).toMatchObject({ kind: 'undone' });
    expect(await numbers('mug/-/-')).toEqual([19, 1, 1, 0]);
    expect(await undo(`forth${made}`)).toMatchObject({ kind: 'undone' });
    expect(await numbers('mug/-/-')).toEqual([5, 1, 1, 3]);
  });

  it('goes by no index: one of a former version is dropped', async () => {
    const { database } = shop;
    await database.orders.createIndex({ 'claims.stockKey': 1 });
    await Promise.all([prepare(database), prepare(database)]);
    expect((await database.orders.indexes()).map(({ name }) => name)).toEqual(['_id_', 'due_1']);
  });

  it('loses no order that moves in the same moment', async () => {
    const others = Array.from({ length: 12 }, (_, at) => `x${at}`);
    await shop.stock(STORE, { mug: 100 });
    for (const orderId of others) {
      await shop.apply([
        placed([line('mug', 2)], { orderId }),
        paid(`p-${orderId}`, orderId),
        refunded(`r-${orderId}`, { orderId, lines: [line('mug', 1)] }),
      ]);
    }
    const other = { ...shop, gate: new (shop.gate.constructor as new () => typeof shop.gate)() };
    const orders = async (): Promise<void> => {
      for (const orderId of others) await shop.apply([{ ...rejected(), orderId }]);
    };
    const merchant = async (): Promise<void> => {
      for (let at = 0; at < 6; at++) {
        const changeId = `race${++made}`;
        const rows = [rowOf('mug', 50)];
        await changeStockOf(other, { storeId: STORE, changeId, actor: 'jo', rows });
        const request = { storeId: STORE, undoes: changeId, changeId: `${changeId}-back`, actor: 'jo' };
        expect((await undoChange(other, request)).kind).toBe('undone');
      }
    };
    await Promise.all([orders(), merchant()]);
  });
});

describe('settings with numbers', () => {
  const none = { storeId: STORE, actor: 'jo' };

  it('count from the first moment on what is there, and warn of the rest alone', async () => {
    const change = { inventory: 'variant', variants: ['S', 'M', 'L'] } as const;
    const rows = [rowOf('shirt/S', 5), rowOf('shirt/L', null)];
    const { changed, report } = await setProductWithNumbers(shop, 'shirt', change, {
      ...none,
      changeId: 'n1',
      rows,
    });
    expect(changed?.warnings.map(({ stockKey }) => stockKey)).toEqual([`${STORE}/shirt/M/-`]);
    expect(report).toMatchObject({ changed: 2, rows: [{ after: { free: 5 } }, { after: { free: null } }] });
    // The cache that later changes go by knows the settings as they were kept.
    expect((await shop.stock(STORE, { 'shirt/XL': 1 })).rows[0]).toMatchObject({ reason: 'unknown-variant' });
  });

  it('that leave a key unlimited are no change to look back at', async () => {
    const change = { inventory: 'variant', variants: ['S', 'L'] } as const;
    const first = [rowOf('shirt/S', null), rowOf('shirt/L', null)];
    await setProductWithNumbers(shop, 'shirt', change, { ...none, changeId: 'n4', rows: first });
    const rows = [rowOf('shirt/S', 5), rowOf('shirt/L', null)];
    await changeStockOf(shop, { ...none, changeId: 'n5', rows });
    const { items } = await changeHistory(shop.database, STORE, { limit: 10 });
    expect(items).toMatchObject([
      { changeId: 'n5', keys: 1, cells: [{ productId: 'shirt', variantId: 'S', after: { free: 5 } }] },
    ]);
  });

  it('are as they were when one of the numbers is refused', async () => {
    const change = { inventory: 'product' } as const;
    const rows = [rowOf('mug', 5), rowOf('mug/-/2026-12-24', 5)];
    const refused = await setProductWithNumbers(shop, 'mug', change, { ...none, changeId: 'n2', rows });
    expect(refused).toMatchObject({ changed: undefined, report: { refused: 2, changed: 0 } });
    expect(await shop.database.products.countDocuments()).toBe(0);
    expect(await shop.database.stock.countDocuments()).toBe(0);
  });

  it('of a store take the dates of all its products, also more than fit a transaction', async () => {
    await shop.product(STORE, 'cake');
    const days = Array.from({ length: 300 }, (_, at) =>
      new Date(Date.UTC(2027, 0, 1 + at)).toISOString().slice(0, 10),
    );
    const rows = days.map((date, at) => rowOf(`cake/-/${date}`, at));
    const { changed, report } = await setStoreWithNumbers(
      shop,
      { fulfillmentDates: true },
      { ...none, changeId: 'n3', rows },
    );
    expect(changed).toMatchObject({ warnings: [], after: { fulfillmentDates: true } });
    expect(report).toMatchObject({ changed: 300, refused: 0 });
    expect(report?.rows.at(-1)).toMatchObject({
      stockKey: `${STORE}/cake/-/2027-10-27`,
      after: { free: 299 },
    });
  });
});
