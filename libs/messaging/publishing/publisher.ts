/**
 * Sends messages with `acks` all, in order: one request in flight, each partition's messages in as many chunks as
 * their size asks for. A message may be sent twice when an answer is lost; readers know it by its id.
 */

import kafkajs from 'kafkajs';
import { isMessageTooLarge } from '../kafkajs/broker-faults.js';
import { isRetriable, type ClusterChannel } from '../kafkajs/cluster-channel.js';
import type { KafkaPort } from '../kafkajs/kafka-port.js';
import { Produce, type PartitionBatch, type PartitionFailure } from '../protocol/produce-request.js';
import { BATCH_OVERHEAD_BYTES, sizeOfRecord, type OutgoingRecord } from '../protocol/record-batch.js';

export interface OutgoingMessage extends OutgoingRecord {
  /** with the prefix */
  topic: string;
}

/** A topic takes 1 MiB a batch unless it says otherwise; this leaves room for what the estimate misses. */
const MAX_CHUNK_BYTES = 900_000;

export class Publisher {
  readonly #channel: ClusterChannel;
  readonly #partitioner = kafkajs.Partitioners.DefaultPartitioner();
  /** per broker */
  readonly #produces = new Map<number, Produce>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(kafka: KafkaPort) {
    this.#channel = kafka.channel();
  }

  connect(): Promise<void> {
    return this.#channel.connect();
  }

  async disconnect(): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#channel.disconnect();
  }

  /**
   * Resolves when the broker has them all. Messages of one key stay in their order, also across calls.
   * @throws KafkaJS errors; what the broker took until then stays taken
   */
  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    const before = this.#last;
    const sending = before.catch(() => undefined).then(() => this.#publish(messages));
    this.#last = sending;
    return sending;
  }

  /** One that its topic may not take. @returns false when it does not take so much */
  async offer(message: OutgoingMessage): Promise<boolean> {
    try {
      await this.publish([message]);
      return true;
    } catch (error) {
      if (isMessageTooLarge(error)) return false;
      throw error;
    }
  }

  async #publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const topics = new Set<string>();
    for (const message of messages) topics.add(message.topic);
    await this.#channel.retrying('publish', () => this.#channel.know(topics));
    const partitions = this.#byPartition(messages);
    while (partitions.length > 0) {
      let pending: PartitionBatch[] = partitions.map(({ topic, partition, records }) => ({
        topic,
        partition,
        records: nextChunk(records),
      }));
      await this.#channel.retrying('publish', async () => {
        const failures = await this.#sendAll(pending);
        pending = failures.map(({ batch }) => batch);
        const worst = failures.find(({ error }) => !isRetriable(error)) ?? failures[0];
        if (worst) throw worst.error;
      });
      for (let at = partitions.length - 1; at >= 0; at--) {
        if (partitions[at]?.records.isEmpty) partitions.splice(at, 1);
      }
    }
  }

  #byPartition(messages: readonly OutgoingMessage[]): PartitionQueue[] {
    const queues = new Map<string, PartitionQueue[]>();
    /** by topic and key: messages of a batch share few of them */
    const known = new Map<string, Map<string | Buffer | null, PartitionQueue>>();
    for (const message of messages) {
      let byKey = known.get(message.topic);
      if (!byKey) known.set(message.topic, (byKey = new Map()));
      let queue = byKey.get(message.key);
      if (!queue) {
        const partition = this.#partitionOf(message);
        let ofTopic = queues.get(message.topic);
        if (!ofTopic) queues.set(message.topic, (ofTopic = []));
        queue = ofTopic.find((candidate) => candidate.partition === partition);
        if (!queue) ofTopic.push((queue = { topic: message.topic, partition, records: new RecordQueue() }));
        byKey.set(message.key, queue);
      }
      queue.records.push(message);
    }
    return [...queues.values()].flat();
  }

  /** As Java's and every other default: murmur2 of the key. */
  #partitionOf({ topic, key, value }: OutgoingMessage): number {
    const partitionMetadata = this.#channel.partitionsOf(topic);
    if (partitionMetadata.length === 0) {
      throw new kafkajs.KafkaJSNonRetriableError(`topic ${topic} has no partitions, or does not exist`);
    }
    return this.#partitioner({ topic, partitionMetadata, message: { key, value } });
  }

  /** @returns what failed, by partition */
  async #sendAll(batches: PartitionBatch[]): Promise<PartitionFailure[]> {
    const byLeader = new Map<number, PartitionBatch[]>();
    for (const batch of batches) {
      const leader = this.#channel.leaderOf(batch.topic, batch.partition);
      const own = byLeader.get(leader);
      if (own) own.push(batch);
      else byLeader.set(leader, [batch]);
    }
    const failures = await Promise.all(
      [...byLeader].map(async ([leader, own]) => {
        let produce = this.#produces.get(leader);
        if (!produce) this.#produces.set(leader, (produce = new Produce(this.#channel)));
        try {
          return await produce.send(leader, own);
        } catch (error) {
          return own.map((batch) => ({ batch, error }));
        }
      }),
    );
    return failures.flat();
  }
}

interface PartitionQueue {
  topic: string;
  partition: number;
  records: RecordQueue;
}

class RecordQueue {
  readonly #records: OutgoingRecord[] = [];
  #taken = 0;

  get isEmpty(): boolean {
    return this.#taken >= this.#records.length;
  }

  push(record: OutgoingRecord): void {
    this.#records.push(record);
  }

  /** At least one; more while they fit. */
  take(maxBytes: number): OutgoingRecord[] {
    const from = this.#taken;
    let bytes = BATCH_OVERHEAD_BYTES;
    while (this.#taken < this.#records.length) {
      bytes += sizeOfRecord(this.#records[this.#taken] as OutgoingRecord);
      if (bytes > maxBytes && this.#taken > from) break;
      this.#taken += 1;
    }
    return from === 0 && this.isEmpty ? this.#records : this.#records.slice(from, this.#taken);
  }
}

function nextChunk(records: RecordQueue): OutgoingRecord[] {
  return records.take(MAX_CHUNK_BYTES);
}
