import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PartitionSender } from '@holdfast/messaging';
import { audit, connect, type Database } from '@holdfast/store';
import { TestOps } from '../testing/test-ops.js';

jest.setTimeout(60_000);

let ops: TestOps;
let folder: string;
let file: string;
let into: string;
let rebuilt: Database;
beforeAll(async () => {
  ops = await TestOps.open();
  folder = await mkdtemp(join(tmpdir(), 'holdfast-settings-'));
  file = join(folder, 'settings.json');
  into = `${ops.shop.name}-rebuilt`;
  rebuilt = await connect({ uri: ops.shop.uri, database: into });
  await sell();
});
afterAll(async () => {
  await rebuilt.db.dropDatabase();
  await rebuilt.close();
  await rm(folder, { recursive: true, force: true });
  await ops.close();
});

const mug = { _id: 's/mug/-/-' };
const REPAIR = ['audit', '--repair', '--yes', '--reason', 'changed by hand', '--unpublished-after', '0s'];

/** An order that is held and one that is sold, all published; then a number by hand, and its repair, published too. */
async function sell(): Promise<void> {
  const { shop } = ops;
  await shop.product('s', 'mug');
  await shop.stock('s', { mug: 9 });
  const sender = new PartitionSender(ops.kafka);
  await sender.connect();
  const send = (topic: string, orderId: string, fields: object): Promise<unknown> => {
    const occurredAt = new Date().toISOString();
    const value = JSON.stringify({
      eventId: `${topic}-${orderId}`,
      occurredAt,
      storeId: 's',
      orderId,
      ...fields,
    });
    return sender.send([{ topic: ops.prefix + topic, partition: 0, key: 's', value }]);
  };
  await send('OrderPlaced', 'held', { lines: [{ productId: 'mug', quantity: 1 }] });
  await send('OrderPlaced', 'sold', { lines: [{ productId: 'mug', quantity: 2 }] });
  await send('PaymentReceived', 'sold', { paymentId: 'p' });
  await sender.disconnect();
  await ops.json(['replay', '--from', 'start', '--yes']);
  // Nobody relays here: a repair publishes what waits.
  await ops.json(REPAIR);
  await shop.database.stock.updateOne(mug, { $inc: { sold: 1, held: 2 } });
  await ops.json(REPAIR);
  await ops.json(REPAIR);
  expect(await shop.database.outbox.countDocuments()).toBe(0);
  expect(await shop.database.stockChanges.findOne({ type: 'correct' })).toMatchObject({ version: 2 });
  await ops.json(['settings', 'export', '--file', file]);
}

async function contents(): Promise<unknown> {
  const { orders, orderFacts, stock, stockChanges, merchantChanges, lanes } = rebuilt;
  const all = [orders, orderFacts, stock, stockChanges, merchantChanges, lanes];
  return Promise.all(all.map((each) => each.find({} as never, { sort: { _id: 1 } }).toArray()));
}

const rebuild = (...more: string[]): string[] => ['rebuild', '--into', into, '--settings', file, ...more];

describe('a rebuild', () => {
  it('of a ledger in which a repair was published has the numbers that the repair left', async () => {
    expect(await ops.json(rebuild('--yes'))).toMatchObject({ orders: 2, stockKeys: 1, findings: {} });
    const live = await ops.shop.database.stock.findOne(mug, { projection: { settlement: 0 } });
    expect(live).toMatchObject({ free: 6, held: 1, sold: 2, refunded: 0, version: 2 });
    expect(await rebuilt.stock.findOne(mug, { projection: { settlement: 0 } })).toEqual(live);
    expect(await rebuilt.stockChanges.find({}, { sort: { version: 1 } }).toArray()).toMatchObject([
      { version: 1, after: { free: 9 } },
      { version: 2, after: { free: 6, held: 1, sold: 2 } },
    ]);
    expect(await audit(rebuilt)).toMatchObject({ listed: [] });
  });

  it('that is finished is not begun anew', async () => {
    const before = await contents();
    for (const words of [rebuild('--yes'), rebuild('--again', '--yes')]) {
      const { code, err } = await ops.run(words);
      expect({ code, err }).toEqual({
        code: 2,
        err: expect.stringContaining(`${into} is not empty`) as string,
      });
    }
    expect(await contents()).toEqual(before);
  });

  it('that did not finish is begun anew when that is asked for, and then is whole', async () => {
    const whole = await contents();
    await rebuilt.replays.updateOne({ _id: /^rebuild-/ }, { $unset: { finishedAt: '' } });
    await rebuilt.orders.deleteOne({ _id: 's/sold' });
    await rebuilt.stock.updateOne(mug, { $set: { sold: 7 } });
    const left = await contents();
    const refused = await ops.run(rebuild('--yes'));
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/did not finish \(rebuild-.*\): --again begins anew/);
    expect(await ops.json(rebuild('--again'))).toMatchObject({ dryRun: true, records: 3 });
    expect(await contents()).toEqual(left);
    expect(await ops.json(rebuild('--again', '--yes'))).toMatchObject({ orders: 2, findings: {} });
    expect(await contents()).toEqual(whole);
    expect(await rebuilt.replays.find().toArray()).toMatchObject([{ finishedAt: expect.any(Date) as Date }]);
  });
});

describe('settings that are imported over others', () => {
  const importing = ['settings', 'import', '--file'];
  const settings = async (): Promise<unknown> => {
    const { stores, products } = ops.shop.database;
    return Promise.all([stores.find().toArray(), products.find().toArray()]);
  };

  it('are said, with what is counted anew, then changed, and are then the same', async () => {
    const { shop } = ops;
    await ops.json(['store', 'set', '--store', 's', '--hold', '45m']);
    await ops.json([
      'product',
      'set',
      '--store',
      's',
      '--product',
      'mug',
      '--product',
      'cup',
      '--inventory',
      'off',
    ]);
    const { settingsVersion = 0 } = (await shop.database.stores.findOne({ _id: 's' })) ?? {};
    const exported = JSON.parse((await ops.run(['settings', 'export'])).out) as {
      stores: { products: object[] }[];
    };
    exported.stores[0]?.products.splice(0, 2, { productId: 'mug', inventory: 'variant', variants: ['red'] });
    Object.assign(exported.stores[0] as object, { holdMs: 60_000 });
    const other = join(folder, 'other.json');
    await writeFile(other, JSON.stringify(exported));

    const before = await settings();
    const dry = await ops.run([...importing, other]);
    expect(dry).toMatchObject({
      code: 0,
      err: expect.stringContaining('s/mug/red/- is unlimited until') as string,
    });
    expect(dry.out).toMatch(/s +yes +1 +1\n/);
    expect(dry.out).toContain('nothing was changed; --yes does it');
    expect(await settings()).toEqual(before);

    expect(await ops.json([...importing, other, '--yes'])).toMatchObject({
      dryRun: false,
      stores: [
        { storeId: 's', changed: true, products: 1, left: 1, warnings: [{ stockKey: 's/mug/red/-' }] },
      ],
    });
    expect(await shop.database.stores.findOne({ _id: 's' })).toMatchObject({
      holdMs: 60_000,
      settingsVersion: settingsVersion + 1,
    });
    expect(await shop.database.products.find({}, { sort: { _id: 1 } }).toArray()).toMatchObject([
      { _id: 's/cup', inventory: 'off' },
      { _id: 's/mug', inventory: 'variant', variants: ['red'] },
    ]);
    const after = await settings();
    expect(await ops.json([...importing, other, '--yes'])).toMatchObject({
      stores: [{ changed: false, products: 0, left: 1, warnings: [] }],
    });
    expect(await settings()).toEqual(after);
  });

  it('warn of every product, those that the file does not have among them, when dates are turned on', async () => {
    const exported = JSON.parse((await ops.run(['settings', 'export'])).out) as {
      stores: { products: object[] }[];
    };
    Object.assign(exported.stores[0] as object, { fulfillmentDates: true, products: [] });
    const other = join(folder, 'dated.json');
    await writeFile(other, JSON.stringify(exported));
    expect(await ops.json([...importing, other])).toMatchObject({
      stores: [{ changed: true, products: 0, left: 2, warnings: [{ stockKey: 's/mug/red/YYYY-MM-DD' }] }],
    });
  });
});
