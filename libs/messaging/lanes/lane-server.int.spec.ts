import { setTimeout as delay } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import { FromTopic, LaneServer, Publisher, systemClock } from '../index.js';
import { untilKnown } from '../topics/topics-admin.js';
import { EchoController, LaneFixture, silent, TOPICS, type TestWorker } from '../testing/lane-fixture.js';
import { RecordingApplier } from '../testing/recording-applier.js';

jest.setTimeout(90_000);

describe('LaneServer on a real broker', () => {
  let fixture: LaneFixture;
  let publisher: Publisher;

  beforeEach(async () => {
    fixture = await LaneFixture.create(3);
    publisher = new Publisher(fixture.kafka);
    await publisher.connect();
  });

  afterEach(async () => {
    await publisher.disconnect();
    await fixture.close();
  });

  it('begins at the earliest record, applies all topics of a partition number in one lane, and commits', async () => {
    await publisher.publish(fixture.messages(10));
    const { applier, service } = await fixture.worker();
    await applier.until(() => applier.items.length >= 480);

    const lanesOf = new Map<string, Set<number>>();
    for (const batch of applier.batches) {
      for (const { record } of batch.items) {
        expect(record.partition).toBe(batch.lane);
        const key = record.key?.toString() ?? '';
        lanesOf.set(key, (lanesOf.get(key) ?? new Set()).add(batch.lane));
      }
    }
    expect(lanesOf.size).toBe(12);
    for (const lanes of lanesOf.values()) expect(lanes.size).toBe(1);
    await service.close();
    for (const topic of TOPICS) {
      const committed = await fixture.committed(topic);
      expect(committed.reduce((sum, offset) => sum + offset, 0)).toBe(120);
    }
  });

  it('finishes the batch in flight when it stops, and the next worker goes on behind it', async () => {
    await publisher.publish(fixture.messages(10));
    const first = await fixture.worker({ maxBatchRecords: 20, concurrentLanes: 1 });
    await first.applier.until(() => first.applier.items.length >= 100);
    await first.service.close();
    const applied = first.applier.items.length;
    expect(applied).toBeLessThan(480);
    const second = await fixture.worker();
    await second.applier.until(() => applied + second.applier.items.length >= 480);
    const places = [...first.applier.items, ...second.applier.items].map(
      ({ record: { topic, partition, offset } }) => `${topic}/${partition}/${offset}`,
    );
    expect(places).toHaveLength(480);
    expect(new Set(places).size).toBe(480);
  });

  it('joins anew when the clock is set back, and goes on', async () => {
    const { applier, service } = await fixture.worker({ clock: { ...systemClock, now: () => Date.now() } });
    await publisher.publish(fixture.messages(1));
    await applier.until(() => applier.items.length >= 48);
    const taken = applier.taken.length;
    const now = Date.now;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
    try {
      await publisher.publish(fixture.messages(1));
      await applier.until(() => applier.taken.length > taken && applier.items.length >= 96);
      await service.close();
    } finally {
      clock.mockRestore();
    }
  });

  it('shares the lanes between two workers without a gap or a step backwards', async () => {
    const sent: string[] = [];
    let stop = false;
    const producing = (async () => {
      for (let round = 0; !stop; round++) {
        const some = fixture
          .messages(1, 6)
          .map((message) => ({ ...message, value: `${message.value} ${round}` }));
        await publisher.publish(some);
        sent.push(...some.map(({ topic, value }) => `${topic} ${value}`));
        await delay(5);
      }
    })();
    const first = await fixture.worker();
    await first.applier.until(() => first.applier.items.length >= 200);
    const second = await fixture.worker();
    await second.applier.until(() => second.applier.items.length >= 200);
    expect(first.server.progress().lanes.length + second.server.progress().lanes.length).toBe(3);
    await second.service.close();
    const before = first.applier.items.length;
    await first.applier.until(() => first.applier.items.length >= before + 400);
    stop = true;
    await producing;
    const seen = (): Set<string> =>
      new Set([first, second].flatMap(({ applier }) => applier.items.map(valueOf)));
    await first.applier.until(() => seen().size >= sent.length);
    expect([...seen()].sort()).toEqual([...sent].sort());
    // Within one assignment of a lane every topic is read in order, each offset once.
    for (const { applier } of [first, second]) expectInOrder(applier);
    expect(first.server.progress().lanes).toEqual([0, 1, 2]);
  });

  function valueOf(item: { record: { topic: string; value: Buffer | null } }): string {
    return `${item.record.topic} ${item.record.value?.toString() ?? ''}`;
  }

  function expectInOrder(applier: TestWorker['applier']): void {
    const next = new Map<string, number>();
    for (const { owner, items } of applier.batches) {
      for (const { record } of items) {
        const key = `${owner} ${record.topic}/${record.partition}`;
        const expected = next.get(key);
        if (expected !== undefined) expect(record.offset).toBe(expected);
        next.set(key, record.offset + 1);
      }
    }
  }

  describe('refuses to start', () => {
    it('without a handler for every topic', async () => {
      class Half {
        placed() {
          return [];
        }
      }
      FromTopic('OrderPlaced')(Half.prototype, 'placed', Object.getOwnPropertyDescriptor(Half.prototype, 'placed') as PropertyDescriptor); // prettier-ignore
      class HalfModule {}
      Module({ controllers: [Half] })(HalfModule);
      await expect(listen(HalfModule)).rejects.toThrow(/PaymentReceived has no handler/);
    });

    it('when a topic is missing, naming it', async () => {
      await expect(listen(echoModule(), { topicPrefix: 'nowhere-' })).rejects.toThrow(/nowhere-OrderPlaced/);
    });

    it('when topics have unequal partitions, naming them and their counts', async () => {
      await fixture.admin(async (admin) => {
        const topic = fixture.topic('OrderRejected');
        await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
        await untilKnown(admin, [{ name: topic, partitions: 5 }]);
      });
      await expect(listen(echoModule())).rejects.toThrow(/OrderRejected has 5/);
    });

    function echoModule() {
      class EchoModule {}
      Module({ controllers: [EchoController] })(EchoModule);
      return EchoModule;
    }

    async function listen(module: new () => object, options: { topicPrefix?: string } = {}): Promise<void> {
      const strategy = new LaneServer<string>({
        kafka: fixture.kafka,
        applier: new RecordingApplier<string>(),
        topics: TOPICS,
        topicPrefix: fixture.prefix,
        workerId: 'refused',
        logger: silent,
        onFatal: () => {},
        ...options,
      });
      const service = await NestFactory.createMicroservice(module, { strategy, logger: false });
      await service.listen().finally(() => service.close());
    }
  });
});
