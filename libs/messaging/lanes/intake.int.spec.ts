/** What brokers send, and lanes read: on a real broker, from the log to the batch. */

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { CompressionTypes, type Producer } from 'kafkajs';
import { testStack } from '../../../test/support/stack.js';
import { createKafka, OffsetOutOfRange, Publisher, wholeFrameSocket } from '../index.js';
import { Produce } from '../protocol/produce-request.js';
import { LaneFixture, silent } from '../testing/lane-fixture.js';

jest.setTimeout(90_000);

describe('a lane on a real broker', () => {
  let fixture: LaneFixture;
  let publisher: Publisher;

  beforeEach(async () => {
    fixture = await LaneFixture.create(3, { 'max.message.bytes': String(16 * 1024 * 1024) });
    publisher = new Publisher(fixture.kafka);
    await publisher.connect();
  });

  afterEach(async () => {
    await publisher.disconnect();
    await fixture.close();
  });

  async function withProducer(
    options: Parameters<kafkajs.Kafka['producer']>[0],
    work: (producer: Producer) => Promise<void>,
  ): Promise<void> {
    const kafka = new kafkajs.Kafka({ brokers: testStack().brokers, logLevel: kafkajs.logLevel.NOTHING });
    const producer = kafka.producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      ...options,
    });
    await producer.connect();
    await work(producer).finally(() => producer.disconnect());
  }

  it('reads what compressing producers send', async () => {
    const { applier } = await fixture.worker();
    const compressions = [CompressionTypes.GZIP, CompressionTypes.Snappy, CompressionTypes.LZ4];
    await withProducer({}, async (producer) => {
      for (const compression of compressions) {
        await producer.send({
          topic: fixture.topic('OrderPlaced'),
          compression,
          messages: Array.from({ length: 100 }, (_, at) => ({
            key: `${at}`,
            value: `order ${at} `.repeat(20),
          })),
        });
      }
    });
    await applier.until(() => applier.items.length >= 300);
    const values = new Set(applier.items.map(({ record }) => record.value?.toString()));
    expect(values.size).toBe(100);
  });

  it('passes the marks of transactions, committed and aborted', async () => {
    const { applier } = await fixture.worker();
    const topic = fixture.topic('PaymentReceived');
    await withProducer(
      { transactionalId: `tx-${randomBytes(4).toString('hex')}`, idempotent: true, maxInFlightRequests: 1 },
      async (producer) => {
        for (const outcome of ['commit', 'abort', 'commit'] as const) {
          const transaction = await producer.transaction();
          await transaction.send({ topic, messages: [{ partition: 1, key: 'k', value: outcome }] });
          await transaction[outcome]();
        }
      },
    );
    // Three records and three marks: the last mark is behind every record.
    await applier.until(() => applier.position(topic, 1) === 6);
    expect(applier.items.map(({ record }) => record.value?.toString())).toEqual(['commit', 'commit']);
  });

  it('reads a record that is larger than a fetch, and those around it', async () => {
    const { applier } = await fixture.worker();
    const topic = fixture.topic('OrderRefunded');
    await publisher.publish([
      { topic, key: 'store', value: 'before' },
      { topic, key: 'store', value: Buffer.alloc(12_000_000, 'x') },
      { topic, key: 'store', value: 'after' },
    ]);
    await applier.until(() => applier.items.length >= 3);
    expect(applier.items.map(({ record }) => record.value?.length)).toEqual([6, 12_000_000, 5]);
    // By itself: whatever was in front of it is another batch.
    expect(applier.batches.find(({ items }) => items.some(({ record }) => (record.value?.length ?? 0) > 100))?.items).toHaveLength(1); // prettier-ignore
  });

  it('reads a batch of more records than fit into the arguments of one call', async () => {
    const topic = fixture.topic('OrderPlaced');
    const records = Array.from({ length: 150_000 }, () => ({ key: null, value: '' }));
    const channel = fixture.kafka.channel();
    await channel.connect();
    await channel.know([topic]);
    // A broker may hear a moment later than the others that it leads a new partition.
    await channel.retrying('send', async () => {
      const batch = { topic, partition: 0, records };
      const [failure] = await new Produce(channel).send(channel.leaderOf(topic, 0), [batch]);
      if (failure) throw failure.error;
    });
    await channel.disconnect();
    const { applier, fatal } = await fixture.worker();
    const applied = applier.until(() => applier.position(topic, 0) === records.length);
    expect(await Promise.race([applied.then(() => 'applied'), fatal])).toBe('applied');
  });

  it('reads on when the connection breaks in the middle of an answer', async () => {
    let isCut = false;
    const kafka = createKafka({
      brokers: testStack().brokers,
      clientId: 'cut',
      log: silent,
      socketFactory: (options) => {
        const socket = wholeFrameSocket(options);
        const emit = socket.emit.bind(socket) as (event: string, ...given: unknown[]) => boolean;
        socket.emit = ((event: string, ...given: unknown[]) => {
          const [data] = given;
          if (isCut || event !== 'data' || !(data instanceof Buffer) || data.length < 20_000)
            return emit(event, ...given);
          isCut = true;
          emit('data', data.subarray(0, data.length >> 1));
          socket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
          return true;
        }) as typeof socket.emit;
        return socket;
      },
    });
    const { applier } = await fixture.worker({ kafka });
    const value = 'x'.repeat(2_000);
    await publisher.publish(fixture.messages(5).map((message) => ({ ...message, value })));
    await applier.until(() => applier.items.length >= 240);
    expect(isCut).toBe(true);
    expect(
      new Set(applier.items.map(({ record }) => `${record.topic}/${record.partition}/${record.offset}`)).size,
    ).toBe(240);
    // Far sooner than any request times out.
  }, 15_000);

  it('takes in no more than it may, and loses nothing by it', async () => {
    // In small batches, since a fetch brings a batch whole.
    for (let round = 0; round < 20; round++) await publisher.publish(fixture.messages(5));
    const limits = { maxBatchRecords: 10, maxBufferedRecords: 50, maxBytesPerPartition: 4_000 };
    const { applier, server } = await fixture.worker(limits);
    let most = 0;
    applier.onApply = async () => {
      most = Math.max(most, server.progress().bufferedRecords);
      await delay(5);
    };
    await applier.until(() => applier.items.length >= 4_800);
    const read = new Map<string, number[]>();
    for (const { record } of applier.items) {
      const place = `${record.topic}/${record.partition}`;
      read.set(place, [...(read.get(place) ?? []), record.offset]);
    }
    for (const offsets of read.values()) expect(offsets).toEqual(offsets.map((_, at) => at));
    // Before a lane that is full pauses, what one fetch brings of its four topics comes on top.
    const leastRecordBytes = 30;
    const recordsOfFetch = (4 * limits.maxBytesPerPartition) / leastRecordBytes;
    expect(most).toBeLessThanOrEqual(3 * (limits.maxBufferedRecords + recordsOfFetch));
  });

  describe('where the log does not have the next record', () => {
    async function removeRecords(topic: string, before: number[]): Promise<void> {
      await fixture.admin(async (admin) => {
        // Loads the metadata that the next call only looks up.
        await admin.fetchTopicOffsets(topic);
        const partitions = before.map((offset, partition) => ({ partition, offset: String(offset) }));
        await admin.deleteTopicRecords({ topic, partitions });
      });
    }

    it('stops loudly at start, and keeps the offset', async () => {
      await publisher.publish(fixture.messages(4));
      const first = await fixture.worker();
      await first.applier.until(() => first.applier.items.length >= 192);
      await first.service.close();
      const committed = await fixture.committed('OrderPlaced');
      await publisher.publish(fixture.messages(4));
      await removeRecords(
        fixture.topic('OrderPlaced'),
        committed.map((offset) => offset + 1),
      );
      const second = await fixture.worker();
      const error = await second.fatal;
      expect(error).toBeInstanceOf(OffsetOutOfRange);
      expect(String(error)).toContain(fixture.topic('OrderPlaced'));
      await second.service.close();
      expect(await fixture.committed('OrderPlaced')).toEqual(committed);
      expect(second.applier.items).toHaveLength(0);
    });

    it('stops loudly while running, and keeps the offset', async () => {
      await publisher.publish(fixture.messages(1));
      const worker = await fixture.worker({ maxBufferedRecords: 1, maxBatchRecords: 1, concurrentLanes: 3 });
      await worker.applier.until(() => worker.applier.items.length >= 48);
      let release: () => void = () => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      worker.applier.onApply = () => held;
      // The first of these is held, the next ones wait in the buffer, and then fetching pauses.
      const topic = fixture.topic('OrderPlaced');
      for (let round = 0; round < 30; round++) {
        await publisher.publish([{ topic, key: 'store-1', value: 'late' }]);
        await delay(10);
      }
      const [, partition] = await endOf(topic, 'store-1');
      const ends = [0, 0, 0].map((_, at) => (at === partition ? 1_000 : 0));
      const end = (await endOf(topic, 'store-1'))[0];
      await removeRecords(
        topic,
        ends.map((offset) => (offset > 0 ? end : 0)),
      );
      release();
      const error = await worker.fatal;
      expect(error).toBeInstanceOf(OffsetOutOfRange);
      await worker.service.close();
      const committed = (await fixture.committed('OrderPlaced'))[partition] ?? -1;
      expect(committed).toBeGreaterThan(0);
      expect(committed).toBeLessThan(end);
    });

    async function endOf(topic: string, key: string): Promise<[end: number, partition: number]> {
      const offsets = await fixture.admin((admin) => admin.fetchTopicOffsets(topic));
      const partition = kafkajs.Partitioners.DefaultPartitioner()({
        topic,
        partitionMetadata: offsets.map((_, partitionId) => ({ partitionId, leader: 1 })) as never,
        message: { key, value: '' },
      });
      return [Number(offsets.find((at) => at.partition === partition)?.high), partition];
    }
  });
});
