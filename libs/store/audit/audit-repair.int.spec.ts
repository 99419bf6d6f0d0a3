import { mongo } from 'mongoose';
import type { StockOutcome } from '@holdfast/contracts';
import { due, line, paid, placed, refunded, rejected, MINUTE_MS, STORE } from '../../core/testing/events.js';
import {
  audit,
  auditLedger,
  carryOut,
  deleteFromOutbox,
  planRepair,
  undoChange,
  type LedgerBelief,
  type RepairPlan,
  type RepairResult,
} from '../index.js';
import { messagesOf, openTestDatabase, type TestDatabase } from '../testing/test-database.js';

let shop: TestDatabase;
const mug = `${STORE}/mug/-/-`;
const KEPT = ['stock', 'stockChanges', 'merchantChanges', 'orders', 'orderFacts', 'stores', 'outbox'];
const kept = new Map<string, mongo.Document[]>();

/** Held, sold, refunded and settled units of a key with a number, and a key that is blank. */
async function live(): Promise<void> {
  await shop.product(STORE, 'mug');
  await shop.product(STORE, 'pen');
  await shop.stock(STORE, { mug: 100 });
  const now = Date.now();
  const order = (orderId: string, quantity: number) =>
    placed([line('mug', quantity), line('pen')], { orderId, occurredAt: now, recordedAt: now });
  await shop.apply([
    order('held', 2),
    order('other', 1),
    order('paid', 3),
    paid('p1', 'paid'),
    order('settled', 4),
    paid('p2', 'settled'),
    refunded('r1', { orderId: 'settled' }),
  ]);
  await shop.stock(STORE, { mug: 90 });
  await shop.apply([
    order('refunded', 5),
    paid('p3', 'refunded'),
    refunded('r2', { orderId: 'refunded', lines: [line('mug', 3)] }),
  ]);
}

beforeAll(async () => {
  shop = await openTestDatabase();
  await live();
  for (const name of KEPT) kept.set(name, await shop.database.db.collection(name).find().toArray());
});
beforeEach(async () => {
  await shop.database.repairs.deleteMany({});
  for (const [name, docs] of kept) {
    await shop.database.db.collection(name).deleteMany({});
    await shop.database.db.collection(name).insertMany(docs);
  }
});
afterAll(() => shop.drop());

/** Nothing was relayed: all that was ever published still waits in the outbox, where the plan counts it. */
const TOPIC: LedgerBelief = { read: () => Promise.resolve() };
const plan = (ledger = TOPIC): Promise<RepairPlan> => planRepair(shop.database, { ledger });

async function carry(steps: RepairPlan['steps'], changeId = 'repair-1'): Promise<RepairResult> {
  return carryOut(shop, {
    changeId,
    actor: 'jo',
    reason: 'restored from a backup',
    steps,
    watermark: () => Promise.resolve(Date.now()),
    publishOutbox: async () => {
      const ids = (await shop.database.outbox.find().toArray()).map(({ _id }) => _id);
      await deleteFromOutbox(shop.database, ids);
      return ids.length;
    },
  });
}

/** Round after round, as the command does. */
async function repair(): Promise<void> {
  for (let round = 1; round <= 3; round++) {
    const { steps, left } = await plan();
    expect(left).toEqual([]);
    if (steps.length === 0) return;
    expect((await carry(steps, `repair-${round}`)).left).toEqual([]);
  }
}

async function addsUp(): Promise<void> {
  const report = await audit(shop.database);
  expect(report.listed).toEqual([]);
  const docs = await shop.database.outbox.find({}, { sort: { _id: 1 } }).toArray();
  const messages = messagesOf(docs)
    .filter(({ topic }) => topic === 'StockOutcome')
    .map(({ value }) => JSON.parse(value) as StockOutcome);
  const units = messages.flatMap(({ deltas }) =>
    deltas.flatMap(({ free, held, sold, refunded }) => [free, held, sold, refunded]),
  );
  expect(units.filter((one) => !Number.isInteger(one))).toEqual([]);
  const stock = await shop.database.stock.find().toArray();
  expect(auditLedger(messages, { stock }).listed).toEqual([]);
}

const inc = (by: Record<string, number>) => shop.database.stock.updateOne({ _id: mug }, { $inc: by });
const set = (to: Record<string, unknown>) => shop.database.stock.updateOne({ _id: mug }, { $set: to });
const order = (orderId: string, change: mongo.UpdateFilter<mongo.Document>) =>
  shop.database.orders.updateOne({ _id: `${STORE}/${orderId}` }, change as object);

describe('a repair', () => {
  const damages: [string, () => Promise<unknown>][] = [
    ['held units from nowhere', () => inc({ held: 3 })],
    ['sold units that are gone', () => inc({ sold: -2 })],
    ['refunded units from nowhere', () => inc({ refunded: 2 })],
    ['units left that nobody set', () => inc({ free: 7 })],
    ['units left that are gone', () => inc({ free: -7 })],
    ['a limit that was lost', () => set({ free: null })],
    ['a version and a settlement that were raised', () => inc({ version: 2, settlement: 1 })],
    ['held units that are a text', () => set({ held: '3' })],
    ['units left that are a word', () => set({ free: 'many' })],
    [
      'sold units that are not there',
      () => shop.database.stock.updateOne({ _id: mug }, { $unset: { sold: '' } }),
    ],
    ['a version that is a text', () => set({ version: '2', settlement: null })],
    ['a key without its document', () => shop.database.stock.deleteOne({ _id: mug })],
    ['a hold whose order is gone', () => shop.database.orders.deleteOne({ _id: `${STORE}/other` })],
    ['a state that is not so', () => order('paid', { $set: { state: 'rejected' } })],
    ['a hold that would never fall due', () => order('held', { $unset: { due: '' } })],
    ['a version that is not so', () => order('paid', { $set: { version: 9 } })],
    ['a claim that was lost', () => order('refunded', { $unset: { claims: '' } })],
    ['a claim that is too large', () => order('refunded', { $set: { 'claims.0.refunded': 9 } })],
    ['a number that is text', () => set({ held: '3' })],
    ['a number that is none', () => set({ sold: NaN, free: NaN })],
    ['a number of a type that is never stored', () => set({ held: mongo.Decimal128.fromString('3') })],
    [
      'numbers that are not there',
      () => shop.database.stock.updateOne({ _id: mug }, { $unset: { refunded: '', free: '' } }),
    ],
    ['a settlement and a version that are text', () => set({ settlement: '1', version: '2' })],
    [
      'all at once',
      async () => {
        await inc({ held: 1, sold: 4, free: -2 });
        await shop.database.stock.deleteOne({ _id: `${STORE}/pen/-/-` });
        await order('held', { $unset: { due: '' } });
        await order('refunded', { $unset: { claims: '' } });
      },
    ],
  ];

  it.each(damages)('puts right %s, in the database and in the ledger', async (_what, damage) => {
    await damage();
    const found = await audit(shop.database);
    expect(found.clean).toBe(false);
    expect(Object.values(found.totals).every(Number.isFinite)).toBe(true);
    await repair();
    await addsUp();
  });

  it('says what it has found where that is no number', async () => {
    await set({ held: '3', free: NaN });
    await shop.database.stock.updateOne({ _id: mug }, { $unset: { sold: '' } });
    const { listed } = await audit(shop.database);
    expect(listed.map(({ message }) => message)).toEqual([
      `${mug}: held is "3", and should be 3`,
      `${mug}: sold is missing, and should be 5`,
      expect.stringMatching(/free is NaN, and should be \d+$/),
    ]);
  });

  it('tells readers of the ledger what they were told wrong, and nothing else', async () => {
    await inc({ held: 1 });
    await shop.database.orders.deleteOne({ _id: `${STORE}/other` });
    const { steps } = await plan();
    // Of the two units too many, one was published: its order is gone.
    expect(steps.find((step) => step.kind === 'stock' && step.stockKey === mug)).toMatchObject({
      drift: { held: 2, sold: 0, refunded: 0 },
      unpublished: { held: 1, free: 0 },
    });
    await repair();
    await addsUp();
  });

  it('keeps who, why, before and after', async () => {
    await inc({ held: 1 });
    await order('paid', { $set: { version: 9 } });
    await repair();
    const corrections = await shop.database.stockChanges.find({ type: 'correct' }).toArray();
    expect(corrections).toMatchObject([
      {
        stockKey: mug,
        version: 3,
        actor: 'jo',
        reason: 'restored from a backup',
        before: { held: 4 },
        after: { held: 3 },
      },
    ]);
    expect(await shop.database.repairs.find().toArray()).toMatchObject([
      { _id: `${STORE}/paid/repair-1`, actor: 'jo', before: { version: 9 }, after: { version: 2 } },
    ]);
    const undone = await undoChange(shop, {
      storeId: STORE,
      undoes: corrections[0]!.changeId,
      changeId: 'u1',
      actor: 'jo',
    });
    expect(undone).toMatchObject({ kind: 'refused', report: { rows: [{ reason: 'correction' }] } });
  });

  it('changes nothing while it is only planned', async () => {
    await inc({ held: 1 });
    const before = await audit(shop.database);
    await plan();
    expect((await audit(shop.database)).listed).toEqual(before.listed);
  });

  it('stays right when orders and merchants get in between', async () => {
    await inc({ held: 3, free: -1 });
    await shop.database.stock.deleteOne({ _id: `${STORE}/pen/-/-` });
    const { steps } = await plan();
    await shop.apply([paid('p9', 'held'), rejected('no', 'other')]);
    expect(await carry(steps)).toMatchObject({ done: { stock: 2 }, left: [] });
    await addsUp();
    await inc({ sold: 1 });
    const late = (await plan()).steps;
    await shop.stock(STORE, { mug: { type: 'adjust', by: 5 } });
    expect(await carry(late, 'repair-2')).toMatchObject({
      done: { stock: 0 },
      left: [{ subject: mug }],
    });
  });

  it('names what it cannot put right, and what helps', async () => {
    await shop.database.orderFacts.deleteOne({ _id: `${STORE}/refunded/2` });
    await shop.database.stockChanges.deleteOne({ stockKey: mug, version: 1 });
    const { left } = await plan();
    expect(new Set(left.map(({ kind }) => kind))).toEqual(
      new Set(['fact-missing', 'change-gap', 'change-drift', 'order-state']),
    );
    expect(left.every(({ remedy }) => remedy.length > 20)).toBe(true);
  });

  it('leaves the stock of a store as it is while an order of it cannot be read', async () => {
    const _id = `${STORE}/held`;
    await shop.database.orders.updateOne({ _id }, { $set: { 'placed.dueAt': 'soon' } as object });
    const { audit: found, steps, left } = await plan();
    expect(found.counts).toMatchObject({ 'order-damaged': 1, held: 2 });
    expect(steps).toEqual([]);
    expect(left).toMatchObject([
      { subject: _id, remedy: expect.stringContaining('npm run ops -- rebuild') as string },
    ]);
  });

  it('puts a due time right that is none', async () => {
    await shop.database.orders.updateOne({ _id: `${STORE}/held` }, { $set: { due: 'soon' } as object });
    const { steps } = await plan();
    expect(steps).toMatchObject([{ kind: 'order', after: { due: expect.any(Date) as Date } }]);
  });

  it("never takes back a merchant's change whose record was lost", async () => {
    await shop.database.stockChanges.deleteOne({ stockKey: mug, version: 2 });
    const { steps, left } = await plan();
    expect(steps).toEqual([]);
    expect(left.map(({ kind }) => kind)).toContain('stock-version');
  });

  it('leaves stock that orders claim more of than there was to the merchant', async () => {
    await shop.database.stockChanges.updateOne(
      { stockKey: mug, version: 2 },
      { $set: { 'after.free': 1, quantity: 1 } },
    );
    const { steps, left } = await plan();
    expect(steps).toEqual([]);
    expect(left).toMatchObject([{ kind: 'free', remedy: expect.stringContaining('reject orders') }]);
  });

  it('releases overdue holds, but none that may be paid', async () => {
    const late = placed([line('mug', 2)], { orderId: 'late' });
    const later = placed([line('mug', 1)], { orderId: 'later', occurredAt: late.occurredAt + MINUTE_MS });
    await shop.apply([late, later]);
    const { steps } = await plan();
    const watermark = late.occurredAt + 30 * MINUTE_MS;
    const request = { changeId: 'r', actor: 'jo', reason: 'timer was off', steps };
    const publishOutbox = () => Promise.resolve(0);
    const result = await carryOut(shop, {
      ...request,
      watermark: () => Promise.resolve(watermark),
      publishOutbox,
    });
    expect(result).toMatchObject({
      done: { overdue: 1 },
      left: [{ message: expect.stringContaining('it may be paid') }],
    });
    await shop.apply([due(later.occurredAt + 31 * MINUTE_MS, 'later')]);
    await addsUp();
  });

  it('has what waits unpublished published', async () => {
    await shop.database.outbox.updateMany({}, { $set: { at: new Date(0) } });
    const { steps } = await plan();
    expect(steps).toMatchObject([{ kind: 'unpublished' }]);
    expect((await carry(steps)).done.unpublished).toBeGreaterThan(0);
    expect((await audit(shop.database)).listed).toEqual([]);
  });
});
