/**
 * The ListOffsets request (version 1): where the logs of topics begin and end, whatever transactions are open, and
 * which record was the first since a time.
 */

import kafkajs from 'kafkajs';
import { RefusedFault } from '@holdfast/core';
import { ByteWriter } from './byte-writer.js';
import type { ClusterChannel, RawRequest } from '../kafkajs/cluster-channel.js';

const API_KEY = 2;
const API_VERSION = 1;
const TIMESTAMP = { start: -2, end: -1 } as const;
const CONSUMER = -1;
const TOPIC_AUTHORIZATION_FAILED = 29;
const GRANTS = '`npm run ops -- topics acl` prints what each process has to be granted';

interface Answer {
  topic: string;
  partition: number;
  offset: number;
}

/**
 * By topic, offsets by partition number.
 * @param at or epoch ms: the first record stamped then or later; -1 where there is none
 * @throws KafkaJS errors; retriable ones have been retried
 */
export async function listOffsets(
  channel: ClusterChannel,
  topics: readonly string[],
  at: keyof typeof TIMESTAMP | number,
): Promise<Map<string, number[]>> {
  return channel.retrying('offsets of topics', async () => {
    await channel.know(topics);
    const byLeader = new Map<number, Map<string, number[]>>();
    for (const topic of topics) {
      const partitions = channel.partitionsOf(topic);
      if (partitions.length === 0) throw new kafkajs.KafkaJSError(`topic ${topic} is not known yet`);
      for (const { leader, partitionId } of partitions) {
        let own = byLeader.get(leader);
        if (!own) byLeader.set(leader, (own = new Map()));
        own.set(topic, [...(own.get(topic) ?? []), partitionId]);
      }
    }
    const answers = await Promise.all(
      [...byLeader].map(([leader, own]) =>
        channel.send(leader, request(own, typeof at === 'number' ? at : TIMESTAMP[at])),
      ),
    );
    const offsets = new Map<string, number[]>(topics.map((topic) => [topic, []]));
    for (const { topic, partition, offset } of answers.flat()) {
      const list = offsets.get(topic);
      if (list) list[partition] = offset;
    }
    return offsets;
  });
}

function request(topics: Map<string, number[]>, timestamp: number): RawRequest<Answer[]> {
  const writer = new ByteWriter(1024);
  writer.int32(CONSUMER);
  writer.int32(topics.size);
  for (const [topic, partitions] of topics) {
    writer.string(topic);
    writer.int32(partitions.length);
    for (const partition of partitions) {
      writer.int32(partition);
      writer.int64(timestamp);
    }
  }
  return {
    apiKey: API_KEY,
    apiVersion: API_VERSION,
    apiName: 'ListOffsets',
    body: writer.bytes,
    decode: answersIn,
  };
}

function answersIn(response: Buffer): Answer[] {
  const answers: Answer[] = [];
  let at = 0;
  const int32 = (): number => response.readInt32BE((at += 4) - 4);
  const int16 = (): number => response.readInt16BE((at += 2) - 2);
  for (let topics = int32(); topics > 0; topics--) {
    const length = int16();
    const topic = response.toString('utf8', at, (at += length));
    for (let partitions = int32(); partitions > 0; partitions--) {
      const partition = int32();
      const code = int16();
      at += 8; // timestamp
      const offset = Number(response.readBigInt64BE((at += 8) - 8));
      if (code === TOPIC_AUTHORIZATION_FAILED) {
        throw new RefusedFault(`Kafka does not let this user describe ${topic}: ${GRANTS}`);
      }
      // Always a leader that moved or a topic that is being made or deleted: look again.
      if (code !== 0) throw new kafkajs.KafkaJSError(`${topic}/${partition}: error ${code}`);
      answers.push({ topic, partition, offset });
    }
  }
  return answers;
}
