import { Publisher } from './index.js';
import { LaneFixture, TOPICS } from './testing/lane-fixture.js';

jest.setTimeout(60_000);

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

  /** One message a store and topic, `rounds` times. */
  function messages(rounds: number, stores = 12) {
    return Array.from({ length: rounds }, (_, round) =>
      TOPICS.flatMap((topic) =>
        Array.from({ length: stores }, (__, store) => ({
          topic: fixture.topic(topic),
          key: `store-${store}`,
          value: `${topic} ${store} ${round}`,
        })),
      ),
    ).flat();
  }

  it('begins at the earliest record and applies all topics of a partition number in one lane', async () => {
    await publisher.publish(messages(10));
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
});
