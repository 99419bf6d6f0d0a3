/**
 * Reads a stretch of topics from one offset to another, once: no group, nothing committed, nobody's progress moved.
 * Where the stretch ends is fixed before the first record is read, so a reader ends on a topic that goes on growing.
 */

import kafkajs from 'kafkajs';
import filterAbortedMessages from 'kafkajs/src/consumer/filterAbortedMessages.js';
import type { FetchedMessage, FetchedPartition } from '../kafkajs/cluster-channel.js';
import { listOffsets } from '../protocol/list-offsets.js';
import { recordOf } from '../record-of.js';
import type { ConsumedRecord } from '../records.js';
import { mergedByTime } from './merged-by-time.js';
import { OverChannel } from '../kafkajs/over-channel.js';

/** Where a stretch begins or ends; an offset is meant in every partition, a time is epoch ms. */
export type Bound = 'start' | 'end' | { time: number } | { offset: number };

export interface PartitionRange {
  /** with the prefix */
  topic: string;
  partition: number;
  /** the first offset of the stretch */
  from: number;
  /** the offset after the last one */
  to: number;
  /** the first offset that the broker still has: before it, records are gone */
  logStart: number;
}

const MAX_WAIT_MS = 500;
const BYTES_AT_ONCE = 512 * 1024;
/** A transaction that nobody ends keeps what follows from being read. */
const PATIENCE_MS = 30_000;

/** Offsets in these ranges; markers of transactions among them. */
export function countOf(ranges: readonly PartitionRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0);
}

export class TopicRanges extends OverChannel {
  /**
   * What lies between two bounds, by topic and partition; `from` is part of it, `to` is not.
   * @throws KafkaJS errors, also when a topic does not exist
   */
  async between(topics: readonly string[], from: Bound, to: Bound): Promise<PartitionRange[]> {
    const starts = await listOffsets(this.channel, topics, 'start');
    const firsts = await this.#offsetsAt(topics, from);
    const lasts = await this.#offsetsAt(topics, to);
    const ends = await listOffsets(this.channel, topics, 'end');
    return topics.flatMap((topic) =>
      (ends.get(topic) ?? []).map((end, partition): PartitionRange => {
        const logStart = starts.get(topic)?.[partition] ?? 0;
        const within = (offset: number | undefined): number =>
          Math.min(Math.max(offset ?? end, logStart), end);
        return {
          topic,
          partition,
          from: within(firsts?.get(topic)?.[partition] ?? offsetOf(from)),
          to: within(lasts?.get(topic)?.[partition] ?? offsetOf(to)),
          logStart,
        };
      }),
    );
  }

  /** Partition by partition in order; partitions and topics merged by the broker's time, as a lane merges them. */
  merged(ranges: readonly PartitionRange[], atOnce = 2_000): AsyncGenerator<ConsumedRecord[]> {
    return mergedByTime(
      ranges.filter(({ from, to }) => from < to).map((range) => this.partition(range)),
      ranges.map(({ topic }) => topic),
      atOnce,
    );
  }

  /** The records of one partition, as they come in. @throws KafkaJS errors; retriable ones have been retried */
  async *partition({ topic, partition, from, to }: PartitionRange): AsyncGenerator<ConsumedRecord[]> {
    const records = (messages: readonly FetchedMessage[]): ConsumedRecord[] =>
      messages.map((message) => recordOf(topic, partition, message));
    let next = from;
    let waitingSince = performance.now();
    while (next < to) {
      const { messages, following } = await this.#fetch(topic, partition, next);
      if (following > next) waitingSince = performance.now();
      else if (performance.now() - waitingSince > PATIENCE_MS) throw stuck(topic, partition, next);
      const wanted = messages.filter(({ offset }) => Number(offset) >= next && Number(offset) < to);
      next = following;
      if (wanted.length > 0) yield records(wanted);
    }
  }

  /** @returns what is there from `offset` on, without markers and what was given up, and where it goes on */
  async #fetch(
    topic: string,
    partition: number,
    offset: number,
  ): Promise<{ messages: FetchedMessage[]; following: number }> {
    const limits = { maxWaitMs: MAX_WAIT_MS, maxBytes: BYTES_AT_ONCE, maxBytesPerPartition: BYTES_AT_ONCE };
    const [fetched] = await this.channel.retrying(`read ${topic}/${partition}`, async () => {
      const leader = this.channel.leaderOf(topic, partition);
      if (leader === -1) throw new kafkajs.KafkaJSError(`${topic}/${partition} is not known yet`);
      return this.channel.fetch(leader, topic, [{ partition, offset }], limits);
    });
    const all = fetched?.messages ?? [];
    const last = all[all.length - 1];
    const following = last === undefined ? offset : Number(last.offset) + 1;
    return { messages: fetched ? readable(fetched) : [], following: Math.max(following, offset) };
  }

  async #offsetsAt(topics: readonly string[], bound: Bound): Promise<Map<string, number[]> | undefined> {
    if (bound === 'start' || bound === 'end') return listOffsets(this.channel, topics, bound);
    if ('offset' in bound) {
      await this.channel.know(topics);
      return undefined;
    }
    const found = await listOffsets(this.channel, topics, bound.time);
    if (![...found.values()].flat().includes(-1)) return found;
    // Nothing is as late as that: what comes next will be.
    const ends = await listOffsets(this.channel, topics, 'end');
    for (const [topic, offsets] of found) {
      found.set(
        topic,
        offsets.map((offset, partition) => (offset < 0 ? (ends.get(topic)?.[partition] ?? 0) : offset)),
      );
    }
    return found;
  }
}

function offsetOf(bound: Bound): number | undefined {
  return typeof bound === 'object' && 'offset' in bound ? bound.offset : undefined;
}

function readable(fetched: FetchedPartition): FetchedMessage[] {
  const { messages, abortedTransactions = [] } = fetched;
  return filterAbortedMessages({ messages, abortedTransactions }).filter(
    ({ isControlRecord }) => isControlRecord !== true,
  );
}

function stuck(topic: string, partition: number, offset: number): Error {
  return new kafkajs.KafkaJSNonRetriableError(
    `${topic}/${partition} cannot be read beyond offset ${offset}: a producer's transaction is open there; ` +
      'wait until the broker ends it (at most transaction.max.timeout.ms)',
  );
}
