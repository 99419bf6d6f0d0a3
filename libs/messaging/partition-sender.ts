/**
 * Sends records to the partitions that are named, in order, one request in flight. What is too large for a topic as
 * it is goes compressed: a record that came so may be larger than its topic takes plain.
 */

import { gzipSync } from 'node:zlib';
import { ByteWriter } from './byte-writer.js';
import { crc32c } from './crc32c.js';
import { produceRequest, type PartitionBatch } from './produce-request.js';
import { BATCH_OVERHEAD_BYTES, sizeOfRecord, writeRecordBatch, type OutgoingRecord } from './record-batch.js';
import { OverChannel } from './over-channel.js';

/** A topic takes 1 MiB a batch unless it says otherwise. */
const MAX_PLAIN_BYTES = 900_000;
const ACK_TIMEOUT_MS = 30_000;
/** The batch's header up to the number of its records; what follows is what is compressed. */
const HEADER_BYTES = 61;
const ATTRIBUTES_AT = 21;
const CRC_AT = 17;
const LENGTH_AT = 8;
/** what `length` does not count */
const BEFORE_LENGTH_ENDS = 12;
const GZIP = 1;

export interface AddressedRecord extends OutgoingRecord {
  /** with the prefix */
  topic: string;
  partition: number;
}

export class PartitionSender extends OverChannel {
  #writer = new ByteWriter();

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
      const leader = this.channel
        .partitionsOf(topic)
        .find(({ partitionId }) => partitionId === partition)?.leader;
      const write = large ? writeGzippedBatch : writeRecordBatch;
      const request = produceRequest(this.#writer, [batch], Date.now(), ACK_TIMEOUT_MS, write);
      // An unknown leader fails at the broker pool, and is looked up anew.
      const [failure] = await this.channel.send(leader ?? -1, request).catch((error: unknown) => {
        // A request that was given up may yet be on its way out of it.
        this.#writer = new ByteWriter();
        throw error;
      });
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

/** The batch as it would be plain, with its records compressed and what depends on that said anew. */
export function writeGzippedBatch(
  writer: ByteWriter,
  records: readonly OutgoingRecord[],
  timestamp: number,
): void {
  const plain = new ByteWriter();
  writeRecordBatch(plain, records, timestamp);
  const compressed = gzipSync(plain.bytes.subarray(HEADER_BYTES));
  const batch = Buffer.concat([plain.bytes.subarray(0, HEADER_BYTES), compressed]);
  batch.writeInt32BE(batch.length - BEFORE_LENGTH_ENDS, LENGTH_AT);
  batch.writeInt16BE(GZIP, ATTRIBUTES_AT);
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT), CRC_AT);
  writer.raw(batch);
}
