import kafkajs from 'kafkajs';
import { EndOffsets, Publisher, type ConsumedRecord, type OutgoingMessage } from '../index.js';
import { LaneFixture } from '../testing/lane-fixture.js';

describe('Publisher on a real broker', () => {
  let fixture: LaneFixture;
  let publisher: Publisher;
  let topic: string;

  beforeAll(async () => {
    fixture = await LaneFixture.create(6, { 'max.message.bytes': '1048588' });
    publisher = new Publisher(fixture.kafka);
    await publisher.connect();
    topic = fixture.topic('OrderPlaced');
  });

  afterAll(async () => {
    await publisher.disconnect();
    await fixture.close();
  });

  let read = 0;

  /** Everything since the last call, as a worker's handlers see it. */
  async function records(count: number): Promise<ConsumedRecord[]> {
    const { applier, service } = await fixture.worker({ groupId: `${fixture.groupId}-${++read}` });
    await applier.until(() => applier.items.length >= count);
    await service.close();
    return applier.items.map(({ record }) => record);
  }

  it('writes records that arrive as they were: keys, values, headers in their order, nothing and everything', async () => {
    const sent: OutgoingMessage[] = [
      {
        topic,
        key: 'plain',
        value: '{"a":1}',
        headers: { ce_id: 'one', 'content-type': 'application/json' },
      },
      { topic, key: Buffer.from([0xff, 0]), value: Buffer.from([0xfe, 1]) },
      { topic, key: 'größe-店', value: '店'.repeat(60), headers: { größe: '店'.repeat(50) } },
      { topic, key: 'nothing', value: null, headers: [['null', null], ['empty', ''], ['twice', 'a'], ['twice', Buffer.from('b')]] }, // prettier-ignore
      { topic, key: 'long', value: 'x'.repeat(70_000), headers: { long: 'y'.repeat(9_000) } },
      { topic, key: null, value: 'no key' },
    ];
    await publisher.publish(sent);
    const byKey = new Map((await records(6)).map((record) => [record.key?.toString('hex') ?? null, record]));
    for (const { key, value, headers = [] } of sent) {
      const found = byKey.get(key === null ? null : Buffer.from(key).toString('hex'));
      const list = Array.isArray(headers) ? headers : Object.entries(headers);
      expect(found?.value).toEqual(value === null ? null : Buffer.from(value));
      expect(found?.headers).toEqual(
        list.map(([name, text]) => [name, text === null ? null : Buffer.from(text)]),
      );
      expect(Math.abs((found?.timestamp ?? 0) - Date.now())).toBeLessThan(60_000);
    }
  });

  it('keeps the order of a key over chunks and calls, and sends it where every other client does', async () => {
    const value = 'v'.repeat(1_000);
    const count = 3_000;
    const of = (from: number) =>
      Array.from({ length: count }, (_, at) => ({
        topic,
        key: `store-${at % 7}`,
        value: `${from + at}:${value}`,
      }));
    const ends = new EndOffsets(fixture.kafka);
    await ends.connect();
    const before = (await ends.of([topic])).get(topic) as number[];
    await Promise.all([publisher.publish(of(0)), publisher.publish(of(count))]);
    const after = (await ends.of([topic])).get(topic) as number[];
    await ends.disconnect();
    expect(after.reduce((sum, end, at) => sum + end - (before[at] ?? 0), 0)).toBe(2 * count);

    const partition = kafkajs.Partitioners.DefaultPartitioner();
    const partitionMetadata = after.map((_, partitionId) => ({ partitionId, leader: 1 })) as never;
    const numbers = new Map<string, number[]>();
    for (const record of await records(6 + 2 * count)) {
      const key = record.key?.toString() ?? '';
      if (!key.startsWith('store-')) continue;
      expect(record.partition).toBe(partition({ topic, partitionMetadata, message: { key, value: '' } }));
      numbers.set(key, [...(numbers.get(key) ?? []), parseInt(record.value?.toString() ?? '', 10)]);
    }
    expect(numbers.size).toBe(7);
    for (const own of numbers.values()) expect(own).toEqual([...own].sort((a, b) => a - b));
  });

  it('says what the broker refuses, and goes on', async () => {
    const tooLarge = publisher.publish([{ topic, key: 'k', value: 'x'.repeat(3_000_000) }]);
    await expect(tooLarge).rejects.toMatchObject({ name: 'KafkaJSProtocolError', type: 'MESSAGE_TOO_LARGE' });
    await publisher.publish([{ topic, key: 'k', value: 'small' }]);
  });
});
