/** Publishes records, and adds up what became of them. */

import { CONSUMED_TOPICS, parseRecord, POISON_CLASSES, type ConsumedTopic } from '@holdfast/contracts';
import { EndOffsets, Publisher, type KafkaPort } from '@holdfast/messaging';
import type { Random } from '../../apps/demo/traffic/random.js';
import { fuzzedRecord } from './records.js';

export type PerTopic = Record<ConsumedTopic, number>;

export interface Sent {
  records: PerTopic;
  /** that cannot be read, as the reader of one record says */
  unreadable: PerTopic;
  seconds: number;
}

const AT_ONCE = 2_000;

export async function fuzzRecords(
  kafka: KafkaPort,
  prefix: string,
  random: Random,
  count: number,
): Promise<Sent> {
  const publisher = new Publisher(kafka);
  await publisher.connect();
  const sent: Sent = { records: zeros(), unreadable: zeros(), seconds: 0 };
  const orders = Math.max(50, Math.floor(count / 40));
  const from = performance.now();
  let sending: Promise<void> = Promise.resolve();
  for (let left = count; left > 0;) {
    const records = Array.from({ length: Math.min(left, AT_ONCE) }, () => fuzzedRecord(random, orders));
    left -= records.length;
    for (const { topic, value } of records) {
      sent.records[topic] += 1;
      const meta = { partition: 0, offset: 0, timestamp: Date.now() };
      if (parseRecord(topic, value, meta).poison) sent.unreadable[topic] += 1;
    }
    await sending;
    sending = publisher.publish(records.map((record) => ({ ...record, topic: prefix + record.topic })));
    sending.catch(() => undefined);
  }
  await sending;
  await publisher.disconnect();
  sent.seconds = (performance.now() - from) / 1_000;
  return sent;
}

export interface Letters {
  /** each counted once, however often it was published */
  unreadable: PerTopic;
  /** read, but refused by the order's life, by reason */
  refused: Record<string, number>;
  refusedOf: PerTopic;
  twice: number;
}

/** Reads every dead letter there is. */
export async function lettersIn(kafka: KafkaPort, prefix: string): Promise<Letters> {
  const topics = CONSUMED_TOPICS.map((topic) => `${prefix}${topic}.dlq`);
  const left = await sizesOf(kafka, topics);
  const letters: Letters = { unreadable: zeros(), refused: {}, refusedOf: zeros(), twice: 0 };
  let waiting = [...left.values()].reduce((sum, size) => sum + size, 0);
  if (waiting === 0) return letters;
  const seen = new Set<string>();
  const consumer = kafka.consumer({ groupId: `${prefix}letters`, maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        autoCommit: false,
        eachBatch: ({ batch }) => {
          for (const { headers = {} } of batch.messages) {
            const of = (name: string): string => String(headers[`dead-letter-${name}`]);
            const place = `${of('topic')}/${of('partition')}/${of('offset')}`;
            if (seen.has(place)) letters.twice += 1;
            else count(letters, of('topic').slice(prefix.length) as ConsumedTopic, of('error'));
            seen.add(place);
          }
          waiting -= batch.messages.length;
          if (waiting <= 0) resolve();
          return Promise.resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return letters;
}

function count(letters: Letters, topic: ConsumedTopic, error: string): void {
  if ((POISON_CLASSES as readonly string[]).includes(error)) {
    letters.unreadable[topic] += 1;
    return;
  }
  letters.refusedOf[topic] += 1;
  letters.refused[error] = (letters.refused[error] ?? 0) + 1;
}

/** How many records each topic holds. */
export async function sizesOf(kafka: KafkaPort, topics: readonly string[]): Promise<Map<string, number>> {
  const ends = new EndOffsets(kafka);
  await ends.connect();
  try {
    const found = await ends.of(topics);
    return new Map([...found].map(([topic, offsets]) => [topic, offsets.reduce((sum, end) => sum + end, 0)]));
  } finally {
    await ends.disconnect();
  }
}

/** What does not add up. @param rejectedByApi at most so many records more in OrderRejected */
export function differences(
  sent: Sent,
  letters: Letters,
  sizes: ReadonlyMap<ConsumedTopic, number>,
  rejectedByApi: number,
): string[] {
  return CONSUMED_TOPICS.flatMap((topic) => {
    const found: string[] = [];
    const more = (sizes.get(topic) ?? 0) - sent.records[topic];
    if (more < 0 || more > (topic === 'OrderRejected' ? rejectedByApi : 0))
      found.push(`${topic} has ${sizes.get(topic)} records, and ${sent.records[topic]} were sent`);
    if (letters.unreadable[topic] !== sent.unreadable[topic])
      found.push(
        `${topic}.dlq has ${letters.unreadable[topic]} unreadable records, and ${sent.unreadable[topic]} were sent`,
      );
    return found;
  });
}

function zeros(): PerTopic {
  return { OrderPlaced: 0, PaymentReceived: 0, OrderRejected: 0, OrderRefunded: 0 };
}
