import { randomUUID } from 'node:crypto';
import { line, paid, placed, STORE } from '../../libs/core/testing/events.js';
import { openTestDatabase, type TestDatabase } from '../../libs/store/testing/test-database.js';
import { testStack } from '../../test/support/stack.js';
import { runOps } from './program.js';

let shop: TestDatabase;
const prefix = `t${randomUUID().slice(0, 8)}-`;
const mug = `${STORE}/mug/-/-`;

beforeAll(async () => {
  shop = await openTestDatabase();
  expect(await ops('topics apply --yes --partitions 1')).toMatchObject({ code: 0 });
});
afterAll(() => shop.drop());

async function ops(words: string) {
  const said = { out: '', err: '' };
  const code = await runOps(words.split(' '), {
    streams: {
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      isTerminal: false,
    },
    environment: {
      MONGODB_URI: shop.uri,
      MONGODB_DATABASE: shop.name,
      KAFKA_BROKERS: testStack().brokers.join(','),
      KAFKA_TOPIC_PREFIX: prefix,
    },
  });
  return { code, ...said };
}

const REPAIR = 'audit --repair --yes --actor jo --reason restored --json';
interface Report {
  steps: Record<string, unknown>[];
  rounds: { done: Record<string, number>; left: unknown[] }[];
  after: { clean: boolean };
}

it('repairs in a dry run first, reads what was published, releases and publishes what waits', async () => {
  await shop.product(STORE, 'mug');
  await shop.stock(STORE, { mug: 50 });
  const now = Date.now();
  await shop.apply([
    placed([line('mug', 2)], { orderId: 'late' }),
    placed([line('mug', 3)], { orderId: 'gone', occurredAt: now, recordedAt: now }),
    placed([line('mug', 4)], { orderId: 'paid', occurredAt: now, recordedAt: now }),
    paid('p1', 'paid'),
  ]);
  // No relay runs here, so a repair publishes; and no timer, so it releases the hold that is overdue.
  const first = await ops(`${REPAIR} --unpublished-after 0s`);
  expect(first.err).toBe('');
  expect(JSON.parse(first.out) as Report).toMatchObject({
    rounds: [{ done: { overdue: 1, unpublished: 3 }, left: [] }],
  });

  // One order is gone, which was published; and a unit is held that nobody was told of.
  await shop.database.orders.deleteOne({ _id: `${STORE}/gone` });
  await shop.database.stock.updateOne({ _id: mug }, { $inc: { held: 1 } });
  const dry = await ops('audit --repair');
  expect(dry.code).toBe(1);
  expect(dry.out).toContain(
    `stock ${mug}: left 43 becomes 46; held 4 becomes 0; published as free +3, held -3`,
  );
  expect(dry.out).toContain('nothing was changed (--yes --reason "…" does it)');
  expect((await shop.database.stock.findOne({ _id: mug }))?.held).toBe(4);

  const done = await ops(REPAIR);
  expect({ code: done.code, err: done.err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(done.out) as Report).toMatchObject({
    rounds: [{ done: { stock: 1 }, left: [] }],
    after: { clean: true },
  });
  expect(await ops('audit --repair')).toMatchObject({ code: 0 });
});

it('asks for a reason, and for one thing at a time', async () => {
  expect((await ops('audit --repair --yes')).err).toContain('say why it is repaired: --reason');
  expect((await ops('audit --yes')).err).toContain('--yes is for --repair');
  expect((await ops('audit --repair --against x')).err).toContain('either --against or --repair');
  expect((await ops('audit --against nowhere')).err).toContain('there is no database nowhere');
});

describe('one database against another', () => {
  let other: TestDatabase;
  beforeAll(async () => {
    other = await openTestDatabase();
    for (const { name } of await shop.database.db.listCollections().toArray()) {
      const docs = await shop.database.db.collection(name).find().toArray();
      if (docs.length > 0) await other.database.db.collection(name).insertMany(docs);
    }
  });
  afterAll(() => other.drop());

  it('says that both are the same, whatever passes', async () => {
    await other.database.outbox.deleteMany({});
    await other.database.orders.updateMany({}, { $set: { seq: 1, 'placed.at': new Date(0) } });
    const same = await ops(`audit --against ${other.name}`);
    expect(same).toMatchObject({ code: 0, err: '' });
    expect(same.out).toContain('both say the same');
  });

  it('names every difference, and ends with 1', async () => {
    await other.database.orders.deleteOne({ _id: `${STORE}/late` });
    await other.database.orders.updateOne({ _id: `${STORE}/paid` }, { $set: { version: 5 } });
    await other.database.stock.updateOne({ _id: mug }, { $inc: { sold: 1 } });
    await other.database.products.insertOne({
      _id: `${STORE}/pen`,
      storeId: STORE,
      productId: 'pen',
      inventory: 'off',
    });
    const { code, out } = await ops(`audit --against ${other.name} --json`);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      clean: false,
      counts: { product: 1, stock: 1, order: 2 },
      listed: [
        { kind: 'product', message: `${STORE}/pen: is in ${other.name} and not in ${shop.name}` },
        { kind: 'stock', message: `${mug}: sold is 4 in ${shop.name}, and 5 in ${other.name}` },
        { kind: 'order', subject: `${STORE}/late` },
        { kind: 'order', message: `${STORE}/paid: version is 2 in ${shop.name}, and 5 in ${other.name}` },
      ],
    });
    expect((await ops(`audit --against ${other.name}`)).out).toContain('sold is 4');
  });

  it('counts orders that one has removed by its horizon, and nothing else', async () => {
    const options = 'orders prune --older-than 7d';
    expect((await ops(options)).out).toContain('nothing was changed (--yes does it)');
    expect((await ops(`${options} --yes`)).out).toContain('0 orders and 0 facts');
    expect((await ops('orders prune --older-than 6d')).err).toContain('use 7 days at least');
  });
});
