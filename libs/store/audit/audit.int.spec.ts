import type { mongo } from 'mongoose';
import type { StockOutcome } from '@holdfast/contracts';
import {
  MINUTE_MS,
  due,
  line,
  paid,
  placed,
  refunded,
  rejected,
  restocked,
  STORE,
} from '../../core/testing/events.js';
import { audit, auditLedger, expectedOutcomes, restockOrder, setStore, type AuditOptions } from '../index.js';
import { messagesOf, openTestDatabase, type TestDatabase } from '../testing/test-database.js';

let shop: TestDatabase;

/** A day in a shop: every state, blank and numbered keys, refunds from before and after a settlement. */
async function live(): Promise<void> {
  await shop.product(STORE, 'mug');
  await shop.product(STORE, 'shirt', 'variant', ['S', 'M']);
  await shop.product(STORE, 'pen');
  await shop.product(STORE, 'cap');
  await shop.product(STORE, 'card', 'off');
  await shop.stock(STORE, { mug: 100, 'shirt/S': 5, 'shirt/M': 3 });
  const order = (orderId: string, goods: string, quantity: number) =>
    placed([line(goods, quantity), line('pen', 1)], {
      orderId,
      occurredAt: Date.now(),
      recordedAt: Date.now(),
    });
  const old = placed([line('mug', 2)], { orderId: 'expired' });
  await shop.apply([
    order('held', 'mug', 2),
    order('paid', 'mug', 3),
    paid('p1', 'paid'),
    placed([line('shirt/M', 4), line('cap', 1)], { orderId: 'refused' }),
    paid('p2', 'refused'),
    order('rejected', 'shirt/S', 1),
    rejected('no', 'rejected'),
    old,
    placed([line('card', 1)], { orderId: 'uncounted', occurredAt: Date.now(), recordedAt: Date.now() }),
  ]);
  await shop.apply([
    order('settled', 'mug', 4),
    paid('p3', 'settled'),
    refunded('r1', { orderId: 'settled' }),
  ]);
  await shop.stock(STORE, { mug: 90 });
  await shop.apply([
    order('refunded', 'mug', 5),
    paid('p4', 'refunded'),
    refunded('r2', { orderId: 'refunded', lines: [line('mug', 3)] }),
    due(old.occurredAt + 31 * MINUTE_MS, 'expired'),
    paid('unknown', 'unseen'),
  ]);
  await restockOrder(shop, {
    storeId: STORE,
    orderId: 'refunded',
    changeId: 'b1',
    actor: 'jo',
    lines: [line('mug', 1)],
  });
  await shop.stock(STORE, { mug: { type: 'adjust', by: -7 }, 'shirt/S': null });
}

const found = async (options: AuditOptions = {}) => {
  const { counts, listed, clean } = await audit(shop.database, options);
  expect(clean).toBe(listed.length === 0);
  return counts;
};

const KEPT = ['stock', 'stockChanges', 'orders', 'orderFacts', 'stores', 'products', 'outbox'];
const kept = new Map<string, mongo.Document[]>();

beforeAll(async () => {
  shop = await openTestDatabase();
  await live();
  for (const name of KEPT) kept.set(name, await shop.database.db.collection(name).find().toArray());
});
afterEach(async () => {
  await shop.database.switches.deleteMany({});
  for (const [name, docs] of kept) {
    await shop.database.db.collection(name).deleteMany({});
    await shop.database.db.collection(name).insertMany(docs);
  }
});
afterAll(() => shop.drop());

describe('the audit of a shop where everything adds up', () => {
  it('is clean and says what it saw', async () => {
    const report = await audit(shop.database);
    expect(report.listed).toEqual([]);
    expect(report).toMatchObject({
      clean: true,
      differences: 0,
      checked: { orders: 9, stockKeys: 4, stockChanges: 6 },
      states: { held: 2, paid: 2, refused: 1, rejected: 1, expired: 1, refunded: 1, unseen: 1 },
      expiryPaused: false,
    });
  });

  it('stays clean while orders go on, since it looks at one moment', async () => {
    let stop = false;
    const orders = (async () => {
      for (let at = 0; !stop; at++) {
        const now = Date.now();
        await shop.apply([placed([line('mug')], { orderId: `n${at}`, occurredAt: now, recordedAt: now })]);
      }
    })();
    for (let times = 0; times < 10; times++) expect(await found()).toEqual({});
    stop = true;
    await orders;
  });

  it('agrees with what was published', async () => {
    const { database } = shop;
    const docs = await database.outbox.find({}, { sort: { _id: 1 } }).toArray();
    const messages = messagesOf(docs)
      .filter(({ topic }) => topic === 'StockOutcome')
      .map(({ value }) => JSON.parse(value) as StockOutcome);
    const stock = await database.stock.find().toArray();
    const orders = await database.orders.find().toArray();
    const facts = await database.orderFacts.find().toArray();
    const outcomeIds = orders.flatMap((doc) =>
      expectedOutcomes(
        doc,
        facts.filter(({ _id }) => _id.startsWith(doc._id + '/')),
      ),
    );
    const report = auditLedger([...messages, ...messages.slice(3, 6)], { stock, outcomeIds });
    expect(report.listed).toEqual([]);
    expect(report).toMatchObject({ clean: true, copies: 3 });
    const short = auditLedger(messages.slice(0, -1), { stock, outcomeIds });
    expect(Object.keys(short.counts).sort()).toEqual(['balance', 'key-version', 'unlimited']);
  });
});

describe('the audit finds', () => {
  const mug = `${STORE}/mug/-/-`;
  const cases: [string, () => Promise<unknown>, Record<string, number>][] = [
    ['a held unit too many', () => inc({ held: 1 }), { held: 1 }],
    ['sold units that are gone', () => inc({ sold: -1 }), { sold: 1 }],
    ['refunded units from nowhere', () => inc({ refunded: 2 }), { refunded: 1 }],
    ['oversold stock', () => inc({ free: -1 }), { free: 1 }],
    ['a limit that was lost', () => stock({ free: null }), { free: 1 }],
    ['a version that was raised', () => inc({ version: 1 }), { 'stock-version': 1 }],
    ['a key without its document', () => shop.database.stock.deleteOne({ _id: mug }), { 'stock-missing': 1 }],
    [
      'an order that is gone',
      () => shop.database.orders.deleteOne({ _id: id('held') }),
      { held: 2, free: 1 },
    ],
    [
      'an order that cannot be read, and goes on',
      () => order('held', { 'placed.occurredAt': 'yesterday' }),
      { 'order-damaged': 1, held: 2, free: 1 },
    ],
    [
      'an order whose facts cannot be read',
      () => order('paid', { 'placed.lines': 'cake' }),
      expect.objectContaining({ 'order-damaged': 1 }) as Record<string, number>,
    ],
    ['a due time that is none', () => order('held', { due: 'soon' }), { 'order-due': 1 }],
    ['a state that is not so', () => order('paid', { state: 'rejected' }), { 'order-state': 1 }],
    ['a hold that would never expire', () => unset('held', 'due'), { 'order-due': 1 }],
    ['an expiry of what is paid', () => order('paid', { due: new Date() }), { 'order-due': 1 }],
    ['a version that is not so', () => order('paid', { version: 7 }), { 'order-version': 1 }],
    ['a claim that was lost', () => unset('refunded', 'claims'), { 'order-claim': 1, refunded: 1, free: 1 }],
    [
      'a claim that is too large',
      () => order('refunded', { 'claims.0.refunded': 9 }),
      { 'order-claim': 1, refunded: 1, free: 1 },
    ],
    [
      'a lost fact',
      () => shop.database.orderFacts.deleteOne({ _id: id('rejected/2') }),
      { 'fact-missing': 1, 'order-state': 1, 'order-due': 1, 'order-version': 1, held: 2 },
    ],
    ['a fact without an order', () => fact('nobody/2'), { 'fact-orphan': 1 }],
    ['a fact beyond what its order knows', () => fact('paid/9'), { 'fact-orphan': 1 }],
    [
      'a deleted change',
      () => shop.database.stockChanges.deleteOne({ stockKey: mug, version: 2 }),
      { 'change-gap': 1, 'change-drift': 1 },
    ],
    [
      'a change that was edited',
      () => shop.database.stockChanges.updateOne({ stockKey: mug, version: 1 }, { $set: { quantity: 9 } }),
      { 'change-drift': 1 },
    ],
  ];

  it.each(cases)('%s', async (_what, corrupt, counts) => {
    await corrupt();
    expect(await found()).toEqual(counts);
  });

  it('a hold that is overdue, unless expiry is paused', async () => {
    await shop.apply([placed([line('pen')], { orderId: 'late' })]);
    expect(await found()).toEqual({ 'hold-overdue': 1 });
    const paused = { _id: 'expiry-paused', on: true, at: new Date(), actor: 'jo' };
    await shop.database.switches.insertOne(paused);
    expect(await found()).toEqual({});
  });

  it('outcomes that stay unpublished', async () => {
    expect(await found({ unpublishedAfterMs: -1_000 })).toMatchObject({ unpublished: expect.any(Number) });
  });

  it('everything, and lists no more than asked for', async () => {
    await shop.database.stock.updateMany({}, { $inc: { held: 1, sold: 1 } });
    const report = await audit(shop.database, { maxListed: 3 });
    expect(report.listed).toHaveLength(3);
    expect(report.differences).toBe(8);
  });

  it('nothing wrong in orders that were placed under other settings', async () => {
    await setStore(shop.database, STORE, { fulfillmentDates: true });
    await shop.product(STORE, 'mug', 'off');
    await shop.apply([rejected('late', 'held'), restocked('b9', undefined, 'refunded')]);
    expect(await found()).toEqual({});
  });

  const id = (orderId: string): string => `${STORE}/${orderId}`;
  const inc = (by: Record<string, number>) => shop.database.stock.updateOne({ _id: mug }, { $inc: by });
  const stock = (to: Record<string, unknown>) => shop.database.stock.updateOne({ _id: mug }, { $set: to });
  const order = (orderId: string, to: Record<string, unknown>) =>
    shop.database.orders.updateOne({ _id: id(orderId) }, { $set: to });
  const unset = (orderId: string, field: string) =>
    shop.database.orders.updateOne({ _id: id(orderId) }, { $unset: { [field]: '' } });
  const fact = (factId: string) =>
    shop.database.orderFacts.insertOne({
      _id: id(factId),
      fact: 'paid',
      paymentId: 'x',
      at: new Date(),
      cause: { topic: 'PaymentReceived', eventId: 'e' },
    });
});
