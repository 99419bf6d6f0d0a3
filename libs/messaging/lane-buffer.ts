/** What has arrived for a lane and is not applied yet: a queue per topic, merged by the broker's timestamp. */

import type { ConsumedRecord, LanePosition } from './record.js';

export interface BufferLimits {
  /** most records in one batch */
  maxRecords: number;
  /** most bytes of keys and values in one batch; a larger record is a batch by itself */
  maxBytes: number;
}

interface TopicQueue {
  records: ConsumedRecord[];
  /** the first record that is still here */
  head: number;
  /** where the topic stands once everything here is applied; further than the last record behind control records */
  end: number;
  lastTimestamp: number;
  /** the end has moved without a record */
  moved: boolean;
}

export interface Taken {
  records: ConsumedRecord[];
  positions: Map<string, LanePosition>;
}

export class LaneBuffer {
  /** in the order in which topics go first when timestamps are equal */
  readonly #queues: Map<string, TopicQueue>;
  #records = 0;
  #bytes = 0;

  constructor(
    topics: readonly string[],
    private readonly limits: BufferLimits,
  ) {
    this.#queues = new Map(
      topics.map((topic) => [topic, { records: [], head: 0, end: 0, lastTimestamp: 0, moved: false }]),
    );
  }

  get size(): number {
    return this.#records;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#records === 0 && ![...this.#queues.values()].some((queue) => queue.moved);
  }

  push(topic: string, records: readonly ConsumedRecord[]): void {
    const queue = this.#queue(topic);
    for (const record of records) {
      queue.records.push(record);
      this.#bytes += sizeOf(record);
    }
    this.#records += records.length;
  }

  /** The consumer has passed everything below `end`, also what it never hands out. */
  pass(topic: string, end: number): void {
    const queue = this.#queue(topic);
    if (end <= queue.end) return;
    queue.end = end;
    queue.moved = true;
  }

  /** The oldest records, never reordered within a topic. */
  take(): Taken {
    const records: ConsumedRecord[] = [];
    const positions = new Map<string, LanePosition>();
    let bytes = 0;
    for (;;) {
      const queue = this.#oldest();
      const next = queue?.records[queue.head];
      if (!queue || !next) break;
      const size = sizeOf(next);
      if (
        records.length > 0 &&
        (records.length >= this.limits.maxRecords || bytes + size > this.limits.maxBytes)
      )
        break;
      queue.head += 1;
      queue.lastTimestamp = next.timestamp;
      bytes += size;
      records.push(next);
      positions.set(next.topic, { nextOffset: next.offset + 1, timestamp: next.timestamp });
    }
    this.#records -= records.length;
    this.#bytes -= bytes;
    for (const [topic, queue] of this.#queues) {
      if (queue.head < queue.records.length) {
        compact(queue);
        continue;
      }
      queue.records = [];
      queue.head = 0;
      if (!queue.moved) continue;
      queue.moved = false;
      const next = Math.max(queue.end, positions.get(topic)?.nextOffset ?? 0);
      positions.set(topic, { nextOffset: next, timestamp: queue.lastTimestamp });
    }
    return { records, positions };
  }

  #oldest(): TopicQueue | undefined {
    let oldest: TopicQueue | undefined;
    let timestamp = Infinity;
    for (const queue of this.#queues.values()) {
      const next = queue.records[queue.head];
      if (next && next.timestamp < timestamp) {
        oldest = queue;
        timestamp = next.timestamp;
      }
    }
    return oldest;
  }

  #queue(topic: string): TopicQueue {
    const queue = this.#queues.get(topic);
    if (!queue) throw new Error(`no such topic in this lane: ${topic}`);
    return queue;
  }
}

function compact(queue: TopicQueue): void {
  if (queue.head < 10_000) return;
  queue.records = queue.records.slice(queue.head);
  queue.head = 0;
}

function sizeOf(record: ConsumedRecord): number {
  return (record.value?.length ?? 0) + (record.key?.length ?? 0);
}
