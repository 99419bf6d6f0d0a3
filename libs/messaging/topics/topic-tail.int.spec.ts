import { makeTopics } from '../../../test/support/topics.js';
import { partitionOf, Publisher, TopicTail } from '../index.js';
import { LaneFixture, silent } from '../testing/lane-fixture.js';

interface Seen {
  values: string[];
  positioned: (readonly number[])[];
  lost: number;
  changed: () => void;
}

describe('TopicTail on a real broker', () => {
  let fixture: LaneFixture;
  let publisher: Publisher;
  let topic: string;
  const tails: TopicTail[] = [];

  beforeAll(async () => {
    fixture = await LaneFixture.create(6);
    publisher = new Publisher(fixture.kafka);
    await publisher.connect();
    topic = fixture.topic('OrderPlaced');
  });

  afterEach(async () => {
    await Promise.all(tails.splice(0).map((tail) => tail.close()));
  });

  afterAll(async () => {
    await publisher.disconnect();
    await fixture.close();
  });

  function follow(): Seen {
    const seen: Seen = { values: [], positioned: [], lost: 0, changed: () => {} };
    const tail = new TopicTail({
      kafka: fixture.kafka,
      topic,
      log: silent,
      onPositioned: (positions) => {
        seen.positioned.push([...positions]);
        seen.changed();
      },
      onRecords: (partition, records) => {
        for (const { offset, key, value } of records)
          seen.values.push(`${partition}-${offset} ${key?.toString()}: ${value?.toString()}`);
        seen.changed();
      },
      onLost: () => {
        seen.lost += 1;
        seen.changed();
      },
    });
    tails.push(tail);
    tail.start();
    return seen;
  }

  function until(seen: Seen, predicate: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      seen.changed = () => {
        if (predicate()) resolve();
      };
      seen.changed();
    });
  }

  it('sees what is published from now on, of all partitions and in order, and nothing of before', async () => {
    await publisher.publish([{ topic, key: 'before', value: 'x' }]);
    const seen = follow();
    await until(seen, () => seen.positioned.length === 1);
    const starts = seen.positioned[0] as number[];
    expect(starts).toHaveLength(6);
    const messages = Array.from({ length: 3_000 }, (_, at) => ({
      topic,
      key: `store-${at % 20}`,
      value: String(at),
    }));
    await publisher.publish(messages);
    await until(seen, () => seen.values.length >= messages.length);

    const next = [...starts];
    const expected = messages.map(({ key, value }) => {
      const partition = partitionOf(key, 6);
      const offset = next[partition] as number;
      next[partition] = offset + 1;
      return `${partition}-${offset} ${key}: ${value}`;
    });
    expect([...seen.values].sort()).toEqual(expected.sort());
    const offsets = seen.values
      .filter((value) => value.startsWith('2-'))
      .map((value) => parseInt(value.slice(2), 10));
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    expect(seen.lost).toBe(0);
  });

  it('stands at the ends anew, and says so, when the topic was made anew under its feet', async () => {
    await publisher.publish(Array.from({ length: 50 }, (_, at) => ({ topic, key: `k${at}`, value: 'old' })));
    const seen = follow();
    await until(seen, () => seen.positioned.length === 1);
    await fixture.admin(async (admin) => {
      await admin.deleteTopics({ topics: [topic] });
      await makeTopics(admin, [topic], 6);
    });
    await until(seen, () => seen.positioned.length >= 2);
    expect(seen.lost).toBeGreaterThanOrEqual(1);
    // The broker may know the topic a moment before it serves it: the last position counts.
    for (let at = 0; !seen.values.some((value) => value.includes(`new-${at - 1}`)); at++) {
      await publisher.publish([{ topic, key: 'k', value: `new-${at}` }]);
      await until(seen, () => seen.values.some((value) => value.endsWith(`new-${at}`)) || seen.lost > 1);
    }
    expect(seen.values.some((value) => value.includes('old'))).toBe(false);
  });

  it('reads nothing more once closed', async () => {
    const seen = follow();
    await until(seen, () => seen.positioned.length === 1);
    await tails[0]?.close();
    const before = seen.values.length;
    await publisher.publish([{ topic, key: 'k', value: 'after' }]);
    expect(seen.values).toHaveLength(before);
  });
});
