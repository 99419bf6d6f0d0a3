/**
 * Puts a whole load on the broker before anybody can read it: all of it in one Kafka transaction, which readers of
 * committed records (the default) see when it is committed, and then all at once. So the worker is up, warm and
 * idle when the clock starts, and the load generator has nothing left to do.
 */

import { randomUUID } from 'node:crypto';
import { Partitioners, type Admin, type Kafka, type PartitionMetadata, type Transaction } from 'kafkajs';
import { CONSUMED_TOPICS } from '@holdfast/contracts';
import type { Load, LoadRecord } from './load.js';

/** By plain topic and partition: the offset after the last record of the load. */
export type Ends = Map<string, Map<number, number>>;

export interface Preloaded {
  ends: Ends;
  /** Shows the load to the readers. @returns when that began, by `performance.now()` */
  release(): Promise<number>;
}

export interface LoadTarget {
  kafka: Kafka;
  admin: Admin;
  prefix: string;
  partitions: number;
}

/** Records in one request: below the 1 MiB that a topic takes as one record batch, were all in one partition. */
const RECORDS_PER_REQUEST = 2_500;

export async function preload(target: LoadTarget, load: Load): Promise<Preloaded> {
  const ends = await currentEnds(target);
  const producer = target.kafka.producer({
    transactionalId: `bench-${randomUUID()}`,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: 120_000,
  });
  await producer.connect();
  try {
    const transaction = await producer.transaction();
    const used: Ends = new Map();
    for (let from = 0; from < load.records.length; from += RECORDS_PER_REQUEST) {
      const part = load.records.slice(from, from + RECORDS_PER_REQUEST);
      await send(transaction, target, part, (topic, partition) => {
        const next = (ends.get(topic)?.get(partition) ?? 0) + 1;
        ends.get(topic)?.set(partition, next);
        if (!used.has(topic)) used.set(topic, new Map());
        used.get(topic)?.set(partition, next);
      });
    }
    const release = async (): Promise<number> => {
      const started = performance.now();
      await transaction.commit();
      await producer.disconnect();
      return started;
    };
    return { ends: used, release };
  } catch (error) {
    await producer.disconnect();
    throw error;
  }
}

async function currentEnds({ admin, prefix }: LoadTarget): Promise<Ends> {
  const ends: Ends = new Map();
  for (const topic of CONSUMED_TOPICS) {
    const offsets = await admin.fetchTopicOffsets(prefix + topic);
    ends.set(topic, new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)])));
  }
  return ends;
}

const partitionOf = Partitioners.DefaultPartitioner();

/** Java's partitioner, so that a key goes where every other producer would send it. */
function partitionFor(record: LoadRecord, partitions: number): number {
  const partitionMetadata = Array.from(
    { length: partitions },
    (_, partitionId) => ({ partitionId, leader: 1 }) as PartitionMetadata,
  );
  return partitionOf({ topic: record.topic, partitionMetadata, message: { key: record.key, value: null } });
}

interface Outgoing {
  key: string;
  value: string;
  partition: number;
}

async function send(
  transaction: Transaction,
  target: LoadTarget,
  records: LoadRecord[],
  onRecord: (topic: string, partition: number) => void,
): Promise<void> {
  const byTopic = new Map<string, Outgoing[]>();
  for (const record of records) {
    const { topic, key, value } = record;
    const partition = partitionFor(record, target.partitions);
    onRecord(topic, partition);
    const messages = byTopic.get(topic);
    if (messages) messages.push({ key, value, partition });
    else byTopic.set(topic, [{ key, value, partition }]);
  }
  const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic: target.prefix + topic, messages }));
  await transaction.sendBatch({ acks: -1, topicMessages });
}
