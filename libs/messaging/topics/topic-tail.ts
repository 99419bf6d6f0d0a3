/**
 * Reads all partitions of a topic from where they end now, and goes on for as long as it is open. It has no group
 * and commits nothing: each process sees everything that is published while it looks.
 *
 * Whenever something may have been missed (the broker was away, a leader moved, the topic was made anew) it stands
 * at the ends again and says so; what lies between is not read, for whoever looks at "now" has no use for it.
 */

import kafkajs from 'kafkajs';
import { jitteredBackoffMs } from '../backoff.js';
import type { ClusterChannel, FetchedPartition, FetchLimits } from '../kafkajs/cluster-channel.js';
import type { KafkaPort } from '../kafkajs/kafka-port.js';
import { listOffsets } from '../protocol/list-offsets.js';
import type { Log } from '../records.js';
import { RepeatedLines } from '../kafkajs/repeated-lines.js';
import { systemClock } from '../system-clock.js';

export interface TailRecord {
  offset: number;
  key: Buffer | null;
  value: Buffer | null;
}

export interface TailOptions {
  kafka: KafkaPort;
  /** with the prefix */
  topic: string;
  log: Log;
  /**
   * Called at the start and after every time that something may have been missed.
   * @param positions next offsets, by partition number
   */
  onPositioned(positions: readonly number[]): void;
  /** In order; the partition is not read further before this resolves. */
  onRecords(partition: number, records: readonly TailRecord[]): Promise<void> | void;
  /** Nothing is read from now on, until `onPositioned`. */
  onLost?(): void;
}

/** What is published meanwhile comes together: a busy topic would answer each of its small batches by itself. */
const FETCH_EVERY_MS = 20;
const LIMITS: FetchLimits = { maxWaitMs: 500, maxBytes: 8 * 1024 * 1024, maxBytesPerPartition: 1024 * 1024 };
/** How soon partitions that were added are noticed. */
const LOOK_FOR_PARTITIONS_MS = 60_000;

/** What is read from one broker ends when another's reading fails: all of them are positioned anew. */
interface Following {
  isOver: boolean;
  positions: number[];
  /** how often reading had been paused when it began */
  pauses: number;
}

export class TopicTail {
  readonly #channel: ClusterChannel;
  readonly #closed = new AbortController();
  readonly #lines = new RepeatedLines();
  #running: Promise<void> | undefined;
  #isPaused = false;
  /** what was begun before a pause does not go on after it */
  #pauses = 0;
  #resumed: () => void = () => {};

  constructor(private readonly options: TailOptions) {
    this.#channel = options.kafka.channel();
  }

  /** Begins to read. A broker that is away is waited for. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Reads nothing for now; before or after `start`. */
  pause(): void {
    this.#isPaused = true;
    this.#pauses += 1;
  }

  /** Reads again, from the ends. */
  resume(): void {
    this.#isPaused = false;
    this.#resumed();
  }

  /** Resolves when nothing is delivered any more. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#resumed();
    await this.#channel.disconnect();
    await this.#running;
  }

  get #isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  async #run(): Promise<void> {
    const { topic, log } = this.options;
    for (let tries = 1; !this.#isClosed; tries++) {
      let positioned = false;
      try {
        if (this.#isPaused) await new Promise<void>((resumed) => (this.#resumed = resumed));
        if (this.#isClosed) break;
        const pauses = this.#pauses;
        const positions = await this.#unlessClosed(this.#ends());
        if (!positions || this.#isClosed) break;
        if (pauses !== this.#pauses) continue;
        this.options.onPositioned(positions);
        positioned = true;
        await this.#follow({ isOver: false, positions, pauses });
        tries = 0;
      } catch (error) {
        if (this.#isClosed) break;
        if (positioned) {
          tries = 1;
          this.options.onLost?.();
        }
        const line = this.#lines.pass(
          `${topic} is not read for now: ${(error as Error).message}`,
          Date.now(),
        );
        if (line !== undefined) log.warn(line);
        await systemClock.delay(
          jitteredBackoffMs(tries, { firstMs: 100, mostMs: 2_000 }),
          this.#closed.signal,
        );
      }
    }
  }

  /** A broker that is away is tried for half a minute, which whoever closes does not wait for. */
  async #unlessClosed<T>(work: Promise<T>): Promise<T | undefined> {
    const { signal } = this.#closed;
    const closed = new AbortController();
    const end = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { signal: closed.signal });
    });
    try {
      work.catch(() => undefined);
      return await Promise.race([work, end]);
    } finally {
      closed.abort();
    }
  }

  async #ends(): Promise<number[]> {
    const { topic } = this.options;
    await this.#channel.connect();
    await this.#channel.know([topic]);
    await this.#channel.refresh();
    return (await listOffsets(this.#channel, [topic], 'end')).get(topic) ?? [];
  }

  /** Reads until it is paused, or something fails, which it throws. */
  async #follow(following: Following): Promise<void> {
    const byLeader = new Map<number, number[]>();
    for (const { partitionId, leader } of this.#channel.partitionsOf(this.options.topic)) {
      const own = byLeader.get(leader);
      if (own) own.push(partitionId);
      else byLeader.set(leader, [partitionId]);
    }
    const readers = [...byLeader].map(([leader, partitions]) => this.#read(leader, partitions, following));
    const ended = await Promise.allSettled(readers);
    const failed = ended.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #read(leader: number, partitions: number[], following: Following): Promise<void> {
    const { topic } = this.options;
    let looked = performance.now();
    try {
      while (this.#goesOn(following)) {
        const fetchedAt = performance.now();
        const positions = partitions.map((partition) => ({
          partition,
          offset: following.positions[partition] ?? 0,
        }));
        for (const fetched of await this.#channel.fetch(leader, topic, positions, LIMITS)) {
          if (!this.#goesOn(following)) return;
          await this.#deliver(fetched, following);
        }
        const early = FETCH_EVERY_MS - (performance.now() - fetchedAt);
        if (early > 0) await systemClock.delay(early, this.#closed.signal);
        if (performance.now() - looked < LOOK_FOR_PARTITIONS_MS) continue;
        looked = performance.now();
        await this.#channel.refresh();
        if (this.#channel.partitionsOf(topic).length !== following.positions.length) {
          throw new kafkajs.KafkaJSError(`${topic} has got other partitions`);
        }
      }
    } finally {
      following.isOver = true;
    }
  }

  #goesOn({ isOver, pauses }: Following): boolean {
    return !isOver && !this.#isClosed && pauses === this.#pauses;
  }

  async #deliver({ partition, messages }: FetchedPartition, { positions }: Following): Promise<void> {
    const from = positions[partition] ?? 0;
    const records: TailRecord[] = [];
    let next = from;
    for (const { offset: text, key, value, isControlRecord } of messages) {
      const offset = Number(text);
      if (offset < from) continue;
      next = offset + 1;
      if (!isControlRecord) records.push({ offset, key, value });
    }
    positions[partition] = next;
    if (records.length > 0) await this.options.onRecords(partition, records);
  }
}
