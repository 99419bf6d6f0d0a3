/**
 * What has arrived for a lane and is not taken yet, a queue per topic. Taking merges the queues by the broker's
 * time, the earlier topic first where times are equal; within a topic the order is never touched, so a record
 * whose time runs backwards keeps those behind it waiting. Control records and gaps are passed by the position
 * alone.
 */

import type { ConsumedRecord, LanePosition, Translated } from '../records.js';

/** What one fetch brought of one topic. */
export interface Chunk<E> {
  readonly records: ConsumedRecord[];
  /** of its records, once somebody has translated them */
  items?: readonly Translated<E>[];
  /** next offset after the chunk, control records behind its last record included */
  nextOffset: number;
}

interface TopicQueue<E> {
  topic: string;
  chunks: Chunk<E>[];
  /** of the first chunk, so many records are taken; none from one taking to the next */
  taken: number;
  /** of its records that are not taken */
  records: number;
  /** of their keys and values */
  bytes: number;
  /** of the last record taken, epoch ms */
  lastTimestamp: number;
}

export interface Taken<E> {
  records: ConsumedRecord[];
  /** of the same records, where they were translated while they waited */
  items: (Translated<E> | undefined)[];
  positions: Map<string, LanePosition>;
}

export interface BatchLimits {
  maxRecords: number;
  /** of keys and values; a single larger record is a batch by itself */
  maxBytes: number;
}

/** Below both of these a batch is small: a transaction with it costs hardly more than one without. */
export const SMALL_BATCH = { records: 100, bytes: 256 * 1024 };

export class LaneBuffer<E> {
  readonly #queues: TopicQueue<E>[];
  #chunks = 0;

  /** @param topics in the order that decides when times are equal */
  constructor(topics: readonly string[]) {
    this.#queues = topics.map((topic) => ({
      topic,
      chunks: [],
      taken: 0,
      records: 0,
      bytes: 0,
      lastTimestamp: 0,
    }));
  }

  get records(): number {
    return this.#queues.reduce((sum, { records }) => sum + records, 0);
  }

  /** of keys and values */
  get bytes(): number {
    return this.#queues.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get isSmall(): boolean {
    return this.records < SMALL_BATCH.records && this.bytes <= SMALL_BATCH.bytes;
  }

  /** Nothing to take, not even a position. */
  get isEmpty(): boolean {
    return this.#chunks === 0;
  }

  /** Topics of which as much waits as fits a batch. */
  fullTopics({ maxRecords, maxBytes }: BatchLimits): string[] {
    return this.#queues
      .filter(({ records, bytes }) => records >= maxRecords || bytes >= maxBytes)
      .map(({ topic }) => topic);
  }

  /** @param nextOffset after these records and whatever the fetch passed behind them */
  add(topic: string, records: ConsumedRecord[], nextOffset: number): void {
    const queue = this.#queues.find((candidate) => candidate.topic === topic);
    if (!queue) throw new Error(`the lane does not read ${topic}`);
    const last = queue.chunks[queue.chunks.length - 1];
    if (records.length === 0 && last) {
      last.nextOffset = nextOffset;
      return;
    }
    queue.chunks.push({ records, nextOffset });
    this.#chunks += 1;
    queue.records += records.length;
    for (const record of records) queue.bytes += sizeOf(record);
  }

  clear(): void {
    for (const queue of this.#queues) Object.assign(queue, { chunks: [], records: 0, bytes: 0 });
    this.#chunks = 0;
  }

  /**
   * What nobody has translated yet of what the next batch may take, which is decided when it does.
   * @param atMost records that wait before them
   */
  untranslated(atMost: number): Chunk<E>[] {
    return this.#queues.flatMap(({ chunks }) => {
      let before = 0;
      return chunks.filter(({ items, records }) => {
        const isNear = before < atMost;
        before += records.length;
        return isNear && !items && records.length > 0;
      });
    });
  }

  take({ maxRecords, maxBytes }: BatchLimits): Taken<E> {
    const records: ConsumedRecord[] = [];
    const items: (Translated<E> | undefined)[] = [];
    const positions = new Map<string, LanePosition>();
    let bytes = 0;
    for (const queue of this.#queues) this.#passEmpty(queue, positions);
    while (records.length < maxRecords) {
      const queue = this.#next();
      if (!queue) break;
      const record = headOf(queue) as ConsumedRecord;
      const size = sizeOf(record);
      if (bytes + size > maxBytes && records.length > 0) break;
      records.push(record);
      items.push(queue.chunks[0]?.items?.[queue.taken]);
      bytes += size;
      queue.records -= 1;
      queue.bytes -= size;
      this.#advance(queue, record, positions);
    }
    for (const queue of this.#queues) cut(queue);
    return { records, items, positions };
  }

  /** The queue whose first record is the earliest. */
  #next(): TopicQueue<E> | undefined {
    let earliest: TopicQueue<E> | undefined;
    let timestamp = Infinity;
    for (const queue of this.#queues) {
      const head = headOf(queue);
      if (head && head.timestamp < timestamp) {
        earliest = queue;
        timestamp = head.timestamp;
      }
    }
    return earliest;
  }

  #advance(queue: TopicQueue<E>, record: ConsumedRecord, positions: Map<string, LanePosition>): void {
    queue.taken += 1;
    queue.lastTimestamp = record.timestamp;
    const chunk = queue.chunks[0] as Chunk<E>;
    const isWhole = queue.taken >= chunk.records.length;
    const nextOffset = isWhole ? chunk.nextOffset : record.offset + 1;
    const position = positions.get(queue.topic);
    if (position) {
      position.nextOffset = nextOffset;
      position.timestamp = record.timestamp;
    } else {
      positions.set(queue.topic, { nextOffset, timestamp: record.timestamp });
    }
    if (!isWhole) return;
    this.#dropChunk(queue);
    this.#passEmpty(queue, positions);
  }

  /** Chunks of control records alone. */
  #passEmpty(queue: TopicQueue<E>, positions: Map<string, LanePosition>): void {
    for (let chunk = queue.chunks[0]; chunk && chunk.records.length === 0; chunk = queue.chunks[0]) {
      positions.set(queue.topic, { nextOffset: chunk.nextOffset, timestamp: queue.lastTimestamp });
      this.#dropChunk(queue);
    }
  }

  #dropChunk(queue: TopicQueue<E>): void {
    queue.chunks.shift();
    queue.taken = 0;
    this.#chunks -= 1;
  }
}

/** What is taken of the first chunk is let go of, and is not translated for nothing. */
function cut<E>(queue: TopicQueue<E>): void {
  const [first] = queue.chunks;
  if (!first || queue.taken === 0) return;
  const { records, items, nextOffset } = first;
  const left = { records: records.slice(queue.taken), nextOffset };
  queue.chunks[0] = items ? { ...left, items: items.slice(queue.taken) } : left;
  queue.taken = 0;
}

function headOf<E>(queue: TopicQueue<E>): ConsumedRecord | undefined {
  return queue.chunks[0]?.records[queue.taken];
}

function sizeOf(record: ConsumedRecord): number {
  return (record.key?.length ?? 0) + (record.value?.length ?? 0);
}
