/** Records as other programs really send them: broken, huge, compressed, in transactions; and nothing else suffers. */

import { randomBytes } from 'node:crypto';
import { deadLetterTopicOf, topicsFor, type ConsumedTopic } from '@holdfast/contracts';
import { applyTopics, createKafka, planTopics } from '@holdfast/messaging';
import { readLargeValue, setProducts } from '@holdfast/store';
import kafkajs from 'kafkajs';
import { line, startPipeline, type DeadLetterArrived, type Pipeline } from '../support/pipeline.js';

let shop: Pipeline;
beforeAll(async () => {
  shop = await startPipeline();
  await shop.product('s', 'mug');
  await shop.stock('s', { mug: null });
});
afterAll(() => shop.finish());

const { CompressionCodecs, CompressionTypes } = kafkajs;

function order(orderId: string, more: object = {}): string {
  const occurredAt = new Date().toISOString();
  return JSON.stringify({
    eventId: `e-${orderId}`,
    occurredAt,
    storeId: 's',
    orderId,
    lines: [line('mug')],
    ...more,
  });
}

/** Dead letters whose record's value is this. */
function lettersOf(value: Buffer | string | null): DeadLetterArrived[] {
  const wanted = value === null ? null : Buffer.from(value);
  return shop
    .outcomes()
    .letters.filter((letter) => (wanted === null ? letter.value === null : letter.value?.equals(wanted)));
}

function isHeld(orderId: string): boolean {
  return shop.outcomes().story('s', orderId).includes('Held');
}

/** Lets a topic take records as large as this. */
async function raise(topic: ConsumedTopic | `${ConsumedTopic}.dlq`, bytes: number): Promise<void> {
  const name = shop.topicPrefix + topic;
  const wanted = topicsFor({ prefix: shop.topicPrefix })
    .filter((candidate) => candidate.name === name)
    .map((found) => ({ ...found, configs: { ...found.configs, 'max.message.bytes': String(bytes) } }));
  const steps = await planTopics(shop.admin, wanted, { changeConsumed: true });
  await applyTopics(shop.admin, wanted, steps);
}

describe('a record that cannot be read', () => {
  const broken: [errorClass: string, topic: ConsumedTopic, value: Buffer | string | null][] = [
    ['empty-value', 'OrderPlaced', null],
    ['empty-value', 'PaymentReceived', ''],
    ['not-utf8', 'OrderPlaced', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['not-json', 'OrderPlaced', 'certainly not'],
    ['not-json', 'OrderRefunded', '{"eventId":"cut'],
    ['not-an-object', 'OrderRejected', '[1,2]'],
    ['missing-field', 'OrderPlaced', JSON.stringify({ eventId: 'e', storeId: 's' })],
    ['invalid-field', 'OrderPlaced', order('zero', { lines: [line('mug', 0)] })],
    ['invalid-field', 'OrderPlaced', order('half', { lines: [line('mug', 1.5)] })],
    ['invalid-field', 'OrderPlaced', order('none', { lines: [] })],
    ['invalid-field', 'OrderPlaced', order('no/slash')],
    ['invalid-field', 'OrderPlaced', order('no-such-day', { lines: [line('mug/-/2031-02-30')] })],
    ['invalid-field', 'OrderPlaced', order('local-time', { occurredAt: '2031-01-01T10:00:00' })],
    [
      'invalid-field',
      'OrderPlaced',
      order('too-long', { lines: Array.from({ length: 501 }, () => line('mug')) }),
    ],
    ['missing-field', 'PaymentReceived', order('no-payment-id')],
    ['missing-field', 'OrderRefunded', order('no-refund-id')],
    ['invalid-field', 'OrderRefunded', order('maybe', { refundId: 'r', restock: 'yes' })],
  ];

  it('becomes a dead letter, and the good ones around it are applied', async () => {
    const good = broken.map((_, at) => `good-${at}`);
    // One partition: each broken record stands between good ones of the same batch.
    for (const [at, [, topic, value]] of broken.entries()) {
      await shop.publish.raw('OrderPlaced', { key: 's', value: order(good[at] as string), partition: 3 });
      await shop.publish.raw(topic, { key: 's', value, partition: 3 });
    }
    await shop.drained();
    expect(good.filter((orderId) => !isHeld(orderId))).toEqual([]);
    const found = broken.map(([, topic, value]) => {
      const letter = lettersOf(value === '' ? Buffer.alloc(0) : value).find(({ source }) => source === topic);
      return [letter?.told['error'], letter?.source, value];
    });
    expect(found).toEqual(broken);
  });

  it('keeps key, value and headers byte for byte, and says where it came from and why', async () => {
    const key = Buffer.from([0, 1, 0xff, 0xfe]);
    const value = Buffer.concat([Buffer.from('{"name":"Ann Customer"'), randomBytes(2_000)]);
    const trace = randomBytes(16);
    const headers = { trace, several: ['one', 'two'], empty: Buffer.alloc(0), ce_specversion: '1.0' };
    await shop.publish.raw('OrderRejected', { key, value, headers, partition: 5 });
    await shop.until(() => lettersOf(value).length > 0, 'the dead letter arrives');
    const letter = lettersOf(value)[0] as DeadLetterArrived;
    expect(letter.key?.equals(key)).toBe(true);
    expect((letter.headers['trace'] as Buffer).equals(trace)).toBe(true);
    expect(letter.headers['several']).toEqual([Buffer.from('one'), Buffer.from('two')]);
    expect(letter.headers['empty']).toEqual(Buffer.alloc(0));
    expect(letter.headers['ce_specversion']).toEqual(Buffer.from('1.0'));
    expect(letter.told).toEqual({
      topic: `${shop.topicPrefix}OrderRejected`,
      partition: '5',
      offset: expect.stringMatching(/^\d+$/),
      timestamp: expect.stringMatching(/^\d{13}$/),
      group: shop.name,
      error: 'not-utf8',
      message: expect.stringContaining('not UTF-8'),
      attempts: '1',
      'failed-at': expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(letter.told['message']).not.toContain('Ann');
  });
});

describe('a large record', () => {
  it('of 1 MB is an order like any other, or a dead letter as a whole', async () => {
    const padding = 'x'.repeat(1_000_000);
    const bad = Buffer.concat([Buffer.from('{"broken":"'), randomBytes(1_000_000)]);
    await shop.publish.raw('OrderPlaced', { key: 's', value: order('one-megabyte', { padding }) });
    await shop.publish.raw('OrderPlaced', { key: 's', value: bad });
    await shop.publish.placed({ storeId: 's', orderId: 'after-1-mb', lines: [line('mug')] });
    await shop.drained();
    expect([isHeld('one-megabyte'), isHeld('after-1-mb')]).toEqual([true, true]);
    expect(lettersOf(bad)).toHaveLength(1);
  });

  it('of 12 MB too; its dead letter is whole where its topic takes it, and else kept in the database', async () => {
    const MEGABYTES = 12_000_000;
    const startedAt = new Date().toISOString();
    await raise('OrderPlaced', 16_000_000);
    await raise('PaymentReceived', 16_000_000);
    await raise(deadLetterTopicOf('PaymentReceived'), 32_000_000);
    const padding = 'x'.repeat(MEGABYTES);
    const bad = randomBytes(MEGABYTES);
    await shop.publish.raw('OrderPlaced', { key: 's', value: order('twelve-megabytes', { padding }) });
    await shop.publish.raw('PaymentReceived', { key: 's', value: bad, headers: { trace: 'whole' } });
    await shop.publish.raw('OrderPlaced', { key: 's', value: bad, headers: { trace: 'stub' } });
    await shop.publish.placed({ storeId: 's', orderId: 'after-12-mb', lines: [line('mug')] });
    await shop.drained();
    expect([isHeld('twelve-megabytes'), isHeld('after-12-mb')]).toEqual([true, true]);

    expect(lettersOf(bad).map(({ source, told }) => [source, told['error']])).toEqual([
      ['PaymentReceived', 'not-utf8'],
    ]);
    const stub = shop.outcomes().letters.find(({ told }) => told['file'] !== undefined) as DeadLetterArrived;
    expect(stub).toMatchObject({ source: 'OrderPlaced', told: { error: 'not-utf8' } });
    expect(String(stub.headers['trace'])).toBe('stub');
    const { file, bytes } = JSON.parse(String(stub.value)) as { file: string; bytes: number };
    expect([file, bytes]).toEqual([stub.told['file'], MEGABYTES]);
    expect((await readLargeValue(shop.database, file))?.equals(bad)).toBe(true);
    // What went out whole leaves nothing behind.
    const files = shop.database.db.collection('deadLetters.files');
    expect(await files.countDocuments()).toBe(1);

    // Redriven it is whole again; here it dies once more, and counts that it was.
    const redrive = [
      'dlq',
      'redrive',
      '--topic',
      'OrderPlaced',
      '--error',
      'not-utf8',
      '--from',
      startedAt,
      '--yes',
    ];
    expect(await shop.ops(...redrive)).toMatchObject({ redriven: 1 });
    await shop.until(
      ({ letters }) => letters.filter(({ told }) => told['file']).length === 2,
      'it dies again',
    );
    const again = shop.outcomes().letters.filter(({ told }) => told['file'] !== undefined)[1];
    expect([String(again?.headers['trace']), String(again?.headers['redrive-attempt'])]).toEqual([
      'stub',
      '1',
    ]);
    expect(again?.told['file']).not.toBe(file);
    expect(await files.countDocuments()).toBe(1);
  });

  it('that came compressed is larger than its dead-letter topic takes, and stops nobody', async () => {
    const large = `certainly not ${'x'.repeat(2_500_000)}`;
    const headers = Object.fromEntries(
      Array.from({ length: 17 }, (_, at) => [`h${at}`, 'x'.repeat(1_000_000)]),
    );
    await shop.publish.raw('OrderPlaced', { key: 's', value: large }, CompressionTypes.GZIP);
    await shop.publish.raw('PaymentReceived', { key: 's', value: '{', headers }, CompressionTypes.GZIP);
    await shop.publish.placed({ storeId: 's', orderId: 'after-compressed', lines: [line('mug')] });
    await shop.drained();
    expect(isHeld('after-compressed')).toBe(true);
    const isStub = ({ told }: DeadLetterArrived): boolean =>
      told['error'] === 'not-json' && told['file'] !== undefined;
    const file = shop.outcomes().letters.find(isStub)?.told['file'] ?? 'none';
    expect(String(await readLargeValue(shop.database, file))).toBe(large);
    expect(lettersOf('{')[0]?.told['message']).toMatch(/left out: 17 of its headers/);
  });

  it('of 500 lines is one order, and twenty of them at once are twenty', async () => {
    const products = Array.from({ length: 500 }, (_, at) => `p${at}`);
    await setProducts(shop.database, 'wide', products, { inventory: 'product' });
    const lines = products.map((product, at) => line(product, 1 + (at % 3)));
    const orders = Array.from({ length: 20 }, (_, at) => ({ storeId: 'wide', orderId: `o${at}`, lines }));
    await shop.stock('wide', { p499: 10 });
    await shop.publish.placed(orders);
    await shop.drained();
    const stories = orders.map(({ orderId }) => shop.outcomes().story('wide', orderId).join());
    // The last key has 10 units, of which each order takes two.
    expect(stories).toEqual(orders.map((_, at) => (at < 5 ? 'Held' : 'Refused')));
    await shop.publish.paid({ storeId: 'wide', orderId: 'o0', paymentId: 'p' });
    await shop.publish.refunded({ storeId: 'wide', orderId: 'o0', refundId: 'r', lines, restock: true });
    await shop.drained();
    expect(await shop.balance('wide', 'p499')).toEqual([2, 8, 0, 0]);
    expect(await shop.balance('wide', 'p0')).toEqual([null, 4, 0, 0]);
  });
});

describe('an order', () => {
  it('takes a hundred refunds, and the next is a dead letter', async () => {
    const at = { storeId: 's', orderId: 'refunds' };
    await shop.publish.placed({ ...at, lines: [line('mug', 200)] });
    await shop.publish.paid({ ...at, paymentId: 'p' });
    await shop.drained();
    const refunds = Array.from({ length: 101 }, (_, n) => ({
      ...at,
      refundId: `r${n}`,
      lines: [line('mug')],
    }));
    await shop.publish.refunded(refunds.slice(0, 60));
    await shop.drained();
    await shop.publish.refunded(refunds);
    await shop.drained();
    const recorded = shop
      .outcomes()
      .story('s', 'refunds')
      .filter((outcome) => outcome === 'RefundRecorded');
    expect(recorded).toHaveLength(100);
    const tooMany = shop.outcomes().letters.filter(({ told }) => told['error'] === 'too-many-facts');
    expect(tooMany.map(({ value }) => (JSON.parse(String(value)) as { refundId: string }).refundId)).toEqual([
      'r100',
    ]);
    expect(tooMany[0]?.told['message']).toBe('an order has at most 100 refunds');
    // Known refunds that come again are known, even when there is no room for another.
    await shop.publish.refunded(refunds.slice(0, 5));
    await shop.drained();
    expect(shop.outcomes().letters.filter(({ told }) => told['error'] === 'too-many-facts')).toHaveLength(1);
  });
});

describe('other programs', () => {
  it.each(['GZIP', 'Snappy', 'LZ4', 'ZSTD'] as const)('may compress with %s', async (name) => {
    createKafka({ brokers: ['unused:1'], clientId: 'test' }); // registers what the worker registers
    if (name === 'ZSTD') CompressionCodecs[CompressionTypes.ZSTD] = () => zstd;
    const orders = Array.from({ length: 200 }, (_, at) => ({
      storeId: 's',
      orderId: `${name}-${at}`,
      lines: [line('mug')],
    }));
    await shop.publish.placed(orders, { compression: CompressionTypes[name] });
    await shop.drained();
    expect(orders.filter(({ orderId }) => !isHeld(orderId))).toEqual([]);
  });

  it('may send CloudEvents headers, nulls for what is absent, and fields that nobody knows', async () => {
    const headers = {
      ce_specversion: '1.0',
      ce_id: '1',
      ce_type: 'shop.order',
      ce_source: '/shop',
      ce_time: 'then',
    };
    const lines = [{ productId: 'mug', variantId: null, fulfillmentDate: null, quantity: 2, gift: true }];
    await shop.publish.raw('OrderPlaced', {
      key: 's',
      value: `\ufeff${order('foreign', { customerId: null, lines, channel: { app: 7 } })}`,
      headers,
    });
    await shop.until(() => isHeld('foreign'), 'the order is held');
  });

  it('may publish in transactions: what they give up is never seen, and expiry goes on behind their markers', async () => {
    await shop.store('tx', { holdMs: 1_500 });
    await shop.product('tx', 'mug');
    await shop.stock('tx', { mug: 10 });
    const producer = shop.kafka.producer({
      transactionalId: `${shop.name}-shop`,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    const send = async (topic: ConsumedTopic, orderIds: string[], keep: boolean): Promise<void> => {
      const transaction = await producer.transaction();
      await transaction.send({
        topic: shop.topicPrefix + topic,
        messages: orderIds.map((orderId) => ({
          key: 'tx',
          value: order(orderId, { storeId: 'tx', paymentId: 'p' }),
        })),
      });
      await (keep ? transaction.commit() : transaction.abort());
    };
    await send('OrderPlaced', ['paid', 'unpaid'], true);
    await send('OrderPlaced', ['given-up'], false);
    await send('PaymentReceived', ['unpaid'], false);
    await send('PaymentReceived', ['paid'], true);
    // Payments and rejections end in markers, which no consumer is ever handed: expiry must not wait for them.
    await send('OrderRejected', ['paid'], false);
    await shop.until(({ told }) => told('tx', 'unpaid').length > 0, 'the unpaid order expires');
    await shop.drained();
    const { story } = shop.outcomes();
    expect([story('tx', 'unpaid'), story('tx', 'given-up')]).toEqual([['Held', 'Released'], []]);
    // Late, on a machine that is busy enough.
    expect(['Sold', 'Reinstated']).toContain(story('tx', 'paid').at(-1));
    expect(await shop.balance('tx', 'mug')).toEqual([9, 0, 1, 0]);

    // The same for who starts where nothing but markers follows.
    await shop.stopWorker();
    await send('PaymentReceived', ['nobody'], false);
    await send('OrderRejected', ['nobody'], false);
    await producer.disconnect();
    await shop.publish.placed({ storeId: 'tx', orderId: 'later', lines: [line('mug')] });
    await shop.startWorker();
    await shop.until(({ told }) => told('tx', 'later').length > 0, 'the later order expires');
  });
});

/** Frames of uncompressed blocks, which every reader of Zstandard takes: nothing here compresses with it. */
const zstd = {
  compress: ({ buffer }: { buffer: Buffer }): Promise<Buffer> => {
    const MAX_BLOCK = 128 * 1024;
    const header = Buffer.alloc(9);
    header.writeUInt32LE(0xfd2fb528, 0);
    header.writeUInt8(0b1010_0000, 4); // one segment; its size follows in four bytes
    header.writeUInt32LE(buffer.length, 5);
    const parts: Buffer[] = [header];
    for (let from = 0; from < buffer.length; from += MAX_BLOCK) {
      const block = buffer.subarray(from, from + MAX_BLOCK);
      const isLast = from + MAX_BLOCK >= buffer.length ? 1 : 0;
      const size = Buffer.alloc(3);
      size.writeUIntLE((block.length << 3) | isLast, 0, 3);
      parts.push(size, block);
    }
    return Promise.resolve(Buffer.concat(parts));
  },
  decompress: (): Promise<Buffer> => Promise.reject(new Error('not read here')),
};
