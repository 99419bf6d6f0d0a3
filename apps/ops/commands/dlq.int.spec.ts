import { randomBytes } from 'node:crypto';
import { deadLetterOf, PartitionSender, type ConsumedRecord } from '@holdfast/messaging';
import { keepLargeValue, letterOf, outboxDocs, readLargeValue } from '@holdfast/store';
import { TestOps } from '../testing/test-ops.js';

let ops: TestOps;
let sender: PartitionSender;

beforeAll(async () => {
  ops = await TestOps.open();
  sender = new PartitionSender(ops.kafka);
  await sender.connect();
});
afterAll(async () => {
  await sender.disconnect();
  await ops.close();
});

function record(topic: string, offset: number, value: Buffer | null, trace = 'none'): ConsumedRecord {
  return {
    topic: ops.prefix + topic,
    partition: 1,
    offset,
    timestamp: 1_700_000_000_000,
    key: Buffer.from('s'),
    value,
    headers: [
      ['trace', Buffer.from(trace)],
      ['ce_id', Buffer.from('7')],
    ],
  };
}

/** As the worker buries it. */
async function bury(dead: ConsumedRecord, errorClass: string, file?: string): Promise<void> {
  const letter = deadLetterOf(dead, {
    errorClass,
    message: 'no',
    attempts: 1,
    group: 'g',
    failedAt: Date.now(),
  });
  if (file !== undefined) letter.headers.push(['dead-letter-file', Buffer.from(file)]);
  await sender.send([{ partition: dead.partition, ...letter }]);
}

interface Listed {
  total: number;
  counts: { topic: string; error: string; letters: number }[];
  letters: { letter: string; redrives: number; state: string }[];
}

async function open(...words: string[]): Promise<Listed> {
  return (await ops.json(['dlq', 'list', ...words])) as Listed;
}

describe('dead letters', () => {
  it('are counted by topic and error, shown whole, and redriven in order with key and headers', async () => {
    await bury(record('OrderPlaced', 3, Buffer.from('first'), 'a'), 'not-json');
    await bury(record('OrderPlaced', 9, Buffer.from('second'), 'b'), 'not-json');
    await bury(record('PaymentReceived', 1, Buffer.from([0xff]), 'c'), 'not-utf8');
    expect((await open()).counts).toMatchObject([
      { topic: 'OrderPlaced', error: 'not-json', letters: 2 },
      { topic: 'PaymentReceived', error: 'not-utf8', letters: 1 },
    ]);
    expect((await open('--error', 'not-utf8')).letters).toMatchObject([{ letter: 'PaymentReceived/1/0' }]);
    expect((await open('--to', '2020-01-01T00:00:00Z')).total).toBe(0);
    const shown = await ops.run(['dlq', 'show', 'OrderPlaced/1/0']);
    expect(shown.out).toMatch(/^stood at: +\S+OrderPlaced\/1\/3$/m);
    expect(shown.out).toContain('first');
    expect(await ops.json(['dlq', 'show', 'PaymentReceived/1/0'])).toMatchObject({ value: 'base64:/w==' });

    const topic = ['--topic', 'OrderPlaced'];
    expect(await ops.json(['dlq', 'redrive', ...topic])).toMatchObject({ dryRun: true, redriven: 2 });
    expect(await ops.records('OrderPlaced')).toHaveLength(0);
    expect(await ops.json(['dlq', 'redrive', ...topic, '--yes', '--actor', 'jo'])).toMatchObject({
      redriven: 2,
    });
    const sent = await ops.records('OrderPlaced');
    expect(sent.map(({ partition, key, value }) => [partition, String(key), String(value)])).toEqual([
      [1, 's', 'first'],
      [1, 's', 'second'],
    ]);
    expect(sent[0]?.headers.map(([name, value]) => `${name}=${String(value)}`)).toEqual([
      'trace=a',
      'ce_id=7',
      'redrive-attempt=1',
    ]);
    expect((await open()).letters.map(({ letter }) => letter)).toEqual(['PaymentReceived/1/0']);
    expect((await open('--all')).letters.map(({ state }) => state)).toEqual(['redriven', 'redriven', 'open']);
    expect(await ops.json(['status'], 1)).toMatchObject({
      topics: [{ deadLetters: 2, openDeadLetters: 0 }, { deadLetters: 1, openDeadLetters: 1 }, {}, {}],
      problems: expect.arrayContaining([
        'dead letters are open, 1 of PaymentReceived: ops dlq list',
      ]) as unknown,
    });
    // Nothing of it is open any more, so nothing is sent twice.
    expect(await ops.json(['dlq', 'redrive', ...topic, '--yes'])).toMatchObject({ redriven: 0 });
    expect(await ops.records('OrderPlaced')).toHaveLength(2);
  });

  it('are refused when they were redriven three times, unless forced', async () => {
    await bury(record('OrderRejected', 0, Buffer.from('again')), 'not-json');
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(
        await ops.json(['dlq', 'redrive', `OrderRejected/1/${attempt - 1}`, '--yes', '--actor', 'jo']),
      ).toMatchObject({ redriven: 1 });
      const [dead] = (await ops.records('OrderRejected')).slice(-1);
      await bury(dead as ConsumedRecord, 'not-json');
    }
    expect((await open('--topic', 'OrderRejected')).letters).toMatchObject([{ redrives: 3 }]);
    const redrive = ['dlq', 'redrive', '--topic', 'OrderRejected', '--yes'];
    expect(await ops.json(redrive, 1)).toMatchObject({
      redriven: 0,
      refused: { 'redriven-too-often': 1 },
      refusedLetters: [{ letter: 'OrderRejected/1/3' }],
    });
    expect(await ops.records('OrderRejected')).toHaveLength(3);
    expect(await ops.json([...redrive, '--force'])).toMatchObject({ redriven: 1 });
    expect((await ops.records('OrderRejected')).at(-1)?.headers).toContainEqual([
      'redrive-attempt',
      Buffer.from('4'),
    ]);
  });

  it('are discarded with who and why, and then no longer listed', async () => {
    await bury(record('OrderRefunded', 0, null), 'empty-value');
    const discard = ['dlq', 'discard', '--topic', 'OrderRefunded'];
    expect(await ops.json(discard)).toMatchObject({ dryRun: true, discarded: 1 });
    expect(await ops.run([...discard, '--yes'])).toMatchObject({ code: 2 });
    expect(await ops.json([...discard, '--yes', '--reason', 'a test', '--actor', 'jo'])).toMatchObject({
      discarded: 1,
    });
    expect((await open('--topic', 'OrderRefunded')).total).toBe(0);
    const shown = await ops.run(['dlq', 'show', 'OrderRefunded/1/0']);
    expect(shown.out).toMatch(/^state: +discarded \S+ by jo \(a test\)$/m);
    expect(await ops.run(['dlq', 'redrive', 'OrderRefunded/1/0', '--yes'])).toMatchObject({ code: 1 });
  });

  it('kept in the database are fetched from there, and sent even where they only fit compressed', async () => {
    // Its topic takes 1 MiB: a producer that compresses got it in.
    const value = Buffer.concat([randomBytes(1_000), Buffer.alloc(3_000_000, 'x')]);
    const dead = record('PaymentReceived', 5, value);
    const file = `${dead.topic}/1/5`;
    await keepLargeValue(ops.shop.database, file, value);
    const stub = Buffer.from(JSON.stringify({ file, bytes: value.length }));
    await bury({ ...dead, value: stub }, 'not-utf8', file);
    await bury({ ...dead, value: stub }, 'not-utf8', 'another/file/1');
    const { letters } = await open('--topic', 'PaymentReceived');
    const [, withFile, forged] = letters;
    expect(await ops.json(['dlq', 'redrive', withFile?.letter ?? '', '--yes'])).toMatchObject({
      redriven: 1,
    });
    expect((await ops.records('PaymentReceived'))[0]?.value?.equals(value)).toBe(true);
    expect(await ops.json(['dlq', 'redrive', withFile?.letter ?? '', '--yes', '--force'], 1)).toMatchObject({
      refused: { 'value-is-gone': 1 },
    });
    // Nobody can have another file sent by naming it in a header.
    await ops.json(['dlq', 'redrive', forged?.letter ?? '', '--yes']);
    expect((await ops.records('PaymentReceived'))[1]?.value?.equals(stub)).toBe(true);
  });

  it('that wait to be published, and that their topic does not take, are published by a repair as stubs', async () => {
    const value = randomBytes(3_000_000);
    const dead = record('OrderRejected', 7, value);
    const file = `${dead.topic}/1/7`;
    await keepLargeValue(ops.shop.database, file, value);
    const poison = { errorClass: 'too-large', message: 'no', attempts: 1, group: 'g', failedAt: 1 };
    const letters = [letterOf(deadLetterOf(dead, poison), file)];
    const before = (await ops.records('OrderRejected.dlq')).length;
    await ops.shop.database.outbox.insertMany(outboxDocs(1, new Date(0), [], letters));
    await ops.json(['audit', '--repair', '--yes', '--reason', 'no relay']);
    const [stub, ...more] = (await ops.records('OrderRejected.dlq')).slice(before);
    expect(more).toEqual([]);
    expect(JSON.parse(String(stub?.value))).toEqual({ file, bytes: value.length });
    expect((await readLargeValue(ops.shop.database, file))?.equals(value)).toBe(true);
    expect(await ops.shop.database.outbox.countDocuments()).toBe(0);
  });

  it.each([
    [['dlq', 'redrive', '--yes'], 'say which letters'],
    [['dlq', 'redrive', 'OrderPlaced/1/0', '--error', 'x'], 'not both'],
    [['dlq', 'show', 'OrderPlaced'], 'Use TOPIC/PARTITION/OFFSET'],
    [['dlq', 'show', 'OrderPlaced/1/999'], 'there is no dead letter OrderPlaced/1/999'],
    [['dlq', 'list', '--topic', 'Orders'], 'Use one of OrderPlaced'],
  ])('%s: ends with 2 and says what to do', async (words, text) => {
    const { code, err } = await ops.run(words);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(text) as string });
  });
});
