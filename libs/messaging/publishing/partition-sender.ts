/**
 * Sends records to the partitions that are named, in order, one request in flight. What is too large for a topic as
 * it is goes compressed: a record that came so may be larger than its topic takes plain.
 */

import { OverChannel } from '../kafkajs/over-channel.js';
import { Produce, type PartitionBatch } from '../protocol/produce-request.js';
import {
  BATCH_OVERHEAD_BYTES,
  sizeOfRecord,
  writeGzippedBatch,
  writeRecordBatch,
  type OutgoingRecord,
} from '../protocol/record-batch.js';

/** A topic takes 1 MiB a batch unless it says otherwise. */
const MAX_PLAIN_BYTES = 900_000;

export interface AddressedRecord extends OutgoingRecord {
  /** with the prefix */
  topic: string;
  partition: number;
}

export class PartitionSender extends OverChannel {
  readonly #produce = new Produce(this.channel);

  /** How many partitions a topic has. @throws KafkaJS errors when it does not exist */
  async partitions(topic: string): Promise<number> {
    await this.channel.retrying('metadata', () => this.channel.know([topic]));
    return this.channel.partitionsOf(topic).length;
  }

  /** Resolves when the broker has them all. @throws KafkaJS errors; what was taken until then stays taken */
  async send(records: readonly AddressedRecord[]): Promise<void> {
    await this.channel.retrying('send', () => this.channel.know(new Set(records.map(({ topic }) => topic))));
    for (const batch of batchesOf(records)) await this.#sendOne(batch);
  }

  #sendOne(batch: PartitionBatch): Promise<void> {
    const { topic, partition, records } = batch;
    const [first] = records;
    const large = records.length === 1 && first !== undefined && sizeOfRecord(first) > MAX_PLAIN_BYTES;
    return this.channel.retrying(`send to ${topic}/${partition}`, async () => {
      const leader = this.channel.leaderOf(topic, partition);
      const write = large ? writeGzippedBatch : writeRecordBatch;
      const [failure] = await this.#produce.send(leader, [batch], write);
      if (failure) throw failure.error;
    });
  }
}

/** Neighbours of one partition go together while they fit. */
function batchesOf(records: readonly AddressedRecord[]): PartitionBatch[] {
  const batches: (PartitionBatch & { records: OutgoingRecord[]; bytes: number })[] = [];
  const open = new Map<string, (typeof batches)[number]>();
  for (const record of records) {
    const place = `${record.partition} ${record.topic}`;
    const bytes = sizeOfRecord(record);
    const batch = open.get(place);
    if (batch && batch.bytes + bytes <= MAX_PLAIN_BYTES) {
      batch.records.push(record);
      batch.bytes += bytes;
      continue;
    }
    const { topic, partition } = record;
    const next = { topic, partition, records: [record], bytes: BATCH_OVERHEAD_BYTES + bytes };
    open.set(place, next);
    batches.push(next);
  }
  return batches;
}
