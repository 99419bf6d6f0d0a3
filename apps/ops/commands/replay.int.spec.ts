import { audit } from '@holdfast/store';
import { PartitionSender } from '@holdfast/messaging';
import { TestOps } from '../testing/test-ops.js';

let ops: TestOps;
let sender: PartitionSender;

beforeAll(async () => {
  ops = await TestOps.open();
  sender = new PartitionSender(ops.kafka);
  await sender.connect();
  await ops.shop.product('s', 'mug');
  await ops.shop.stock('s', { mug: 5 });
});
afterAll(async () => {
  expect(await audit(ops.shop.database, { unpublishedAfterMs: 1e9 })).toMatchObject({ listed: [] });
  await sender.disconnect();
  await ops.close();
});

const occurredAt = new Date().toISOString();

async function publish(topic: string, orderId: string, fields: object, storeId = 's'): Promise<void> {
  const value = JSON.stringify({ eventId: `${topic}-${orderId}`, occurredAt, storeId, orderId, ...fields });
  await sender.send([{ topic: ops.prefix + topic, partition: 0, key: storeId, value }]);
}

function placed(orderId: string, quantity: number, storeId = 's'): Promise<void> {
  return publish('OrderPlaced', orderId, { lines: [{ productId: 'mug', quantity }] }, storeId);
}

async function everything(): Promise<unknown> {
  const { orders, orderFacts, stock, outbox, lanes } = ops.shop.database;
  return Promise.all(
    [orders, orderFacts, stock, outbox, lanes].map((each) => each.find({} as never).toArray()),
  );
}

describe('a replay', () => {
  it('shows by order and key what it would change, in batches that build on each other, and changes nothing', async () => {
    await placed('o1', 3);
    await placed('o2', 3);
    await publish('PaymentReceived', 'o1', { paymentId: 'p' });
    await placed('elsewhere', 1, 't');
    await sender.send([{ topic: `${ops.prefix}OrderRefunded`, partition: 1, key: 's', value: 'nonsense' }]);
    const before = await everything();
    // One record at a time: each decides on what the ones before it would have left.
    const found = await ops.json(['replay', '--from', 'start', '--rate', '1000', '--store', 's'], 1);
    expect(found).toMatchObject({
      dryRun: true,
      counts: { read: 5, events: 3, unreadable: 1, facts: 3, transitions: 3, unchanged: 0, refused: 0 },
      complaints: [{ record: 'OrderRefunded/1/0', error: 'not-json' }],
      changedOrders: 2,
      orders: [
        { order: 's/o1', before: { state: 'unseen' }, after: { state: 'paid' }, outcomes: ['Held', 'Sold'] },
        { order: 's/o2', after: { state: 'refused', version: 1 }, outcomes: ['Refused'] },
      ],
      stock: [{ stockKey: 's/mug/-/-', before: { free: 5 }, after: { free: 2, held: 0, sold: 3 } }],
    });
    const text = await ops.run(['replay', '--from', 'start', '--store', 's', '--rate', '1']);
    expect(text.out).toMatch(/^s\/mug\/-\/- +5 → 2 +0 +0 → 3 +0$/m);
    expect(await everything()).toEqual(before);
    expect(await ops.shop.database.replays.countDocuments()).toBe(0);
  });

  it('is applied with --yes, kept on record, and changes nothing the second time', async () => {
    const words = ['replay', '--from', 'start', '--store', 's', '--yes', '--actor', 'jo', '--reason', 'lost'];
    expect(await ops.json(words, 1)).toMatchObject({ counts: { facts: 3, transitions: 3, unreadable: 1 } });
    const { stock, outbox, lanes } = ops.shop.database;
    expect(await stock.findOne({ _id: 's/mug/-/-' })).toMatchObject({ free: 2, sold: 3 });
    expect(await lanes.countDocuments()).toBe(0);
    // A dead letter would be an outbox entry.
    expect(await outbox.countDocuments({ letters: { $exists: true } })).toBe(0);
    const after = await everything();
    expect(await ops.json(words, 1)).toMatchObject({ counts: { facts: 0, transitions: 0, unchanged: 3 } });
    expect(await everything()).toEqual(after);
    expect(await ops.json(['replay', 'list'])).toMatchObject([
      { actor: 'jo', reason: 'lost', what: { storeId: 's' }, counts: { facts: 0 } },
      { actor: 'jo', counts: { facts: 3 } },
    ]);
    expect(await ops.run(['replay', '--from', 'start', '--store', 's'])).toMatchObject({
      out: expect.stringContaining('nothing would change') as string,
    });
  });

  it('goes on where it was interrupted', async () => {
    const { replays } = ops.shop.database;
    await placed('o3', 1);
    const words = ['--topic', 'OrderPlaced', '--from', '0', '--yes', '--store', 's'];
    const first = (await ops.json(['replay', ...words])) as { replay: string };
    await placed('o4', 1);
    const doc = await replays.findOne({ _id: first.replay });
    const ranges = (doc?.ranges ?? []).map((range) =>
      range.partition === 0 ? { ...range, to: range.to + 1 } : range,
    );
    await replays.updateOne({ _id: first.replay }, { $set: { ranges }, $unset: { finishedAt: '' } });
    expect(await ops.json(['replay', '--resume', first.replay, '--yes'])).toMatchObject({
      counts: { facts: 2, read: 5 },
    });
    expect(await ops.run(['replay', '--resume', first.replay, '--yes'])).toMatchObject({ code: 2 });
  });

  it('takes what lies between two times or offsets', async () => {
    const between = async (from: string, to: string): Promise<unknown> =>
      ops.json(['replay', '--topic', 'OrderPlaced', '--from', from, '--to', to]);
    expect(await between('1', '3')).toMatchObject({ counts: { read: 2 } });
    expect(await between('2020-01-01T00:00:00Z', '2020-01-02T00:00:00Z')).toMatchObject({
      counts: { read: 0 },
    });
    expect(await between('2020-01-01T00:00:00Z', '2999-01-01T00:00:00Z')).toMatchObject({
      counts: { read: 5 },
    });
  });

  it('reports a record from before the horizon whose order is not known, and brings nothing to life; one that is known is not too old', async () => {
    const old = new Date(Date.now() - 20 * 86_400_000).toISOString();
    const known = ['replay', '--from', 'start', '--store', 's', '--order', 'known'];
    await publish('OrderPlaced', 'known', { occurredAt: old, lines: [{ productId: 'pen', quantity: 1 }] });
    await publish('PaymentReceived', 'known', { paymentId: 'q' });
    await ops.json([...known, '--yes'], 1);
    await ops.json(['orders', 'prune', '--older-than', '10d', '--yes']);
    await publish('OrderPlaced', 'ancient', {
      occurredAt: old,
      lines: [{ productId: 'mug', quantity: 1 }],
    });
    const words = [
      'replay',
      '--topic',
      'OrderPlaced',
      '--from',
      'start',
      '--store',
      's',
      '--order',
      'ancient',
    ];
    const before = await everything();
    const refused = {
      counts: { events: 1, facts: 0, transitions: 0, refused: 1 },
      complaints: [
        {
          record: expect.stringMatching(/^OrderPlaced\/0\/\d+$/) as string,
          error: 'too-old',
          message: expect.stringMatching(
            /^s\/ancient is not known, and orders from before .* have been removed$/,
          ) as string,
        },
      ],
    };
    expect(await ops.json(words, 1)).toMatchObject({ dryRun: true, changedOrders: 0, stock: [], ...refused });
    expect(await ops.json(known, 1)).toMatchObject({ counts: { events: 2, unchanged: 2, refused: 0 } });
    const { out } = await ops.run(words);
    expect(out).toMatch(/^refused: +1$/m);
    expect(out).toMatch(/too-old +s\/ancient is not known/);
    expect(out).toContain('nothing would change');
    expect(await ops.json([...words, '--yes'], 1)).toMatchObject({ dryRun: false, ...refused });
    expect(await everything()).toEqual(before);
    const [latest] = (await ops.json(['replay', 'list'])) as unknown[];
    expect(latest).toMatchObject({ counts: { facts: 0, refused: 1 } });
  });

  it.each([
    [['replay'], '--from is missing'],
    [['replay', '--from', 'yesterday'], 'Use an offset such as 1700'],
    [['replay', '--from', 'start', '--order', 'o1'], '--order needs --store'],
    [['replay', '--resume', 'nobody', '--yes'], 'there is no replay nobody'],
  ])('%s: ends with 2 and says what to do', async (words, text) => {
    const { code, err } = await ops.run(words);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(text) as string });
  });
});
