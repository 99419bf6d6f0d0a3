/** The Produce request (version 7), and what its answer says of each partition. */

import kafkajs from 'kafkajs';
import { ByteWriter } from './byte-writer.js';
import type { ClusterChannel, RawRequest } from '../kafkajs/cluster-channel.js';
import { writeRecordBatch, type OutgoingRecord } from './record-batch.js';

export interface PartitionBatch {
  topic: string;
  partition: number;
  records: readonly OutgoingRecord[];
}

export interface PartitionFailure {
  batch: PartitionBatch;
  error: unknown;
}

const API_KEY = 0;
const API_VERSION = 7;
const ALL_REPLICAS = -1;
const ACK_TIMEOUT_MS = 30_000;

/** What a broker may answer to a Produce request, by its number: name, and whether to try again. */
const ERRORS: Record<number, [type: string, retriable: boolean]> = {
  2: ['CORRUPT_MESSAGE', true],
  3: ['UNKNOWN_TOPIC_OR_PARTITION', true],
  5: ['LEADER_NOT_AVAILABLE', true],
  6: ['NOT_LEADER_FOR_PARTITION', true],
  7: ['REQUEST_TIMED_OUT', true],
  8: ['BROKER_NOT_AVAILABLE', true],
  9: ['REPLICA_NOT_AVAILABLE', true],
  10: ['MESSAGE_TOO_LARGE', false],
  13: ['NETWORK_EXCEPTION', true],
  17: ['INVALID_TOPIC_EXCEPTION', false],
  18: ['RECORD_LIST_TOO_LARGE', false],
  19: ['NOT_ENOUGH_REPLICAS', true],
  20: ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', true],
  21: ['INVALID_REQUIRED_ACKS', false],
  29: ['TOPIC_AUTHORIZATION_FAILED', false],
  31: ['CLUSTER_AUTHORIZATION_FAILED', false],
  32: ['INVALID_TIMESTAMP', false],
  56: ['KAFKA_STORAGE_ERROR', true],
  87: ['INVALID_RECORD', false],
};

/** Sends record batches, one request after the other, each written over the one before. */
export class Produce {
  #writer = new ByteWriter();

  constructor(private readonly channel: ClusterChannel) {}

  /**
   * @param leader of all the batches' partitions
   * @param write how a record batch is written, where it is not to be plain
   * @returns what the broker did not take
   */
  async send(
    leader: number,
    batches: readonly PartitionBatch[],
    write = writeRecordBatch,
  ): Promise<PartitionFailure[]> {
    try {
      return await this.channel.send(leader, produceRequest(this.#writer, batches, Date.now(), write));
    } catch (error) {
      // A request that was given up may yet be on its way out of it.
      this.#writer = new ByteWriter();
      throw error;
    }
  }
}

function produceRequest(
  writer: ByteWriter,
  batches: readonly PartitionBatch[],
  timestamp: number,
  write: typeof writeRecordBatch,
): RawRequest<PartitionFailure[]> {
  writer.reset();
  writer.string(null); // no transaction
  writer.int16(ALL_REPLICAS);
  writer.int32(ACK_TIMEOUT_MS);
  const topics = new Map<string, PartitionBatch[]>();
  for (const batch of batches) {
    const own = topics.get(batch.topic);
    if (own) own.push(batch);
    else topics.set(batch.topic, [batch]);
  }
  writer.int32(topics.size);
  for (const [topic, own] of topics) {
    writer.string(topic);
    writer.int32(own.length);
    for (const { partition, records } of own) {
      writer.int32(partition);
      const sizeAt = writer.end;
      writer.int32(0);
      write(writer, records, timestamp);
      writer.int32At(sizeAt, writer.end - sizeAt - 4);
    }
  }
  return {
    apiKey: API_KEY,
    apiVersion: API_VERSION,
    apiName: 'Produce',
    body: writer.bytes,
    decode: (response) => failuresOf(response, batches),
  };
}

function failuresOf(response: Buffer, batches: readonly PartitionBatch[]): PartitionFailure[] {
  const failures: PartitionFailure[] = [];
  let at = 0;
  const int32 = (): number => response.readInt32BE((at += 4) - 4);
  const int16 = (): number => response.readInt16BE((at += 2) - 2);
  for (let topics = int32(); topics > 0; topics--) {
    const length = int16();
    const topic = response.toString('utf8', at, (at += length));
    for (let partitions = int32(); partitions > 0; partitions--) {
      const partition = int32();
      const code = int16();
      at += 24; // base offset, append time, log start
      if (code === 0) continue;
      const batch = batches.find((sent) => sent.topic === topic && sent.partition === partition);
      if (batch) failures.push({ batch, error: errorOf(code, batch) });
    }
  }
  return failures;
}

function errorOf(code: number, { topic, partition }: PartitionBatch): Error {
  const [type, retriable] = ERRORS[code] ?? [`ERROR_${code}`, false];
  const message = `the broker refused messages for ${topic}/${partition}: ${type}`;
  const Refusal = kafkajs.KafkaJSProtocolError as unknown as new (error: object) => Error;
  return new Refusal({ message, type, code, retriable });
}
