/**
 * Nest's transport strategy for lanes: one kafkajs consumer that does nothing but hand on what it fetched, so
 * that fetching and heartbeats never wait for the database; the lanes do the work.
 */

import { Logger } from '@nestjs/common';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { Consumption } from './consumption.js';
import { checkHandlers, translator } from './handlers.js';
import type { KafkaPort } from './kafka-port.js';
import type { Clock, LaneApplier, Log } from './records.js';
import { systemClock } from './system-clock.js';

export interface LaneServerOptions<E> {
  kafka: KafkaPort;
  applier: LaneApplier<E>;
  /** without prefix, in the order that decides when the broker's times are equal */
  topics: readonly string[];
  /** stands before every topic's name on the broker */
  topicPrefix?: string;
  workerId: string;
  /** called once, when the process has to stop with a non-zero exit */
  onFatal: (error: unknown) => void;
  /** default `holdfast` */
  groupId?: string;
  /** silence after which the broker gives this worker's lanes to others; default 6,000 */
  sessionTimeoutMs?: number;
  /** default 1,500 */
  heartbeatIntervalMs?: number;
  /** how long a rebalance waits for members that are slow to join; default 10,000 */
  rebalanceTimeoutMs?: number;
  /** how long the broker may wait for records before it answers; default 100 */
  maxWaitTimeMs?: number;
  /** default 1 */
  minBytes?: number;
  /** of one fetch and partition; a larger record arrives all the same; default 1 MiB */
  maxBytesPerPartition?: number;
  /** of one fetch; default 16 MiB */
  maxBytes?: number;
  /** lanes that apply at the same time; default 6 */
  concurrentLanes?: number;
  /** default 2,000 */
  maxBatchRecords?: number;
  /** of keys and values; default 4,000,000 */
  maxBatchBytes?: number;
  /** per lane; default three batches */
  maxBufferedRecords?: number;
  /** per lane; default four batches */
  maxBufferedBytes?: number;
  /** at most so often are offsets committed; default 100 */
  commitIntervalMs?: number;
  /** so many records in a row that fail for an unknown reason are a fault of ours; default 20 */
  maxUnknownInARow?: number;
  logger?: Log;
  clock?: Clock;
}

/** What a worker is doing, for health and logs. */
export interface LaneProgress {
  lanes: number[];
  /** since the start of this worker, dead letters included */
  appliedRecords: number;
  bufferedRecords: number;
  /** next offsets of everything applied, by topic without prefix, by partition, of the lanes at hand */
  positions: Map<string, Map<number, number>>;
}

export class LaneServer<E> extends Server implements CustomTransportStrategy {
  #consumption: Consumption<E> | undefined;
  readonly #log: Log;

  constructor(private readonly options: LaneServerOptions<E>) {
    super();
    this.#log = options.logger ?? new Logger('lanes');
  }

  /** Calls back when this worker has joined its group, or with what is wrong. */
  listen(callback: (error?: unknown) => void): void {
    this.#start().then(() => callback(), callback);
  }

  async #start(): Promise<void> {
    const { topics, topicPrefix = '', clock = systemClock } = this.options;
    checkHandlers(topics, this.messageHandlers);
    const translate = translator<E>(topics, topicPrefix, this.messageHandlers);
    const { options } = this;
    this.#consumption = new Consumption({ ...options, topicPrefix, clock, log: this.#log, translate });
    await this.#consumption.start();
  }

  /** Takes in nothing more, finishes the batches in flight and commits their offsets; stays in the group. */
  async drain(): Promise<void> {
    await this.#consumption?.drain();
  }

  /** Drains, leaves the group and disconnects. */
  async close(): Promise<void> {
    await this.#consumption?.close();
  }

  progress(): LaneProgress {
    return (
      this.#consumption?.progress() ?? {
        lanes: [],
        appliedRecords: 0,
        bufferedRecords: 0,
        positions: new Map(),
      }
    );
  }

  /** There are no events to subscribe to. */
  override on(): never {
    throw new Error('a LaneServer has no events');
  }

  /** There is nothing inside that anybody else should use. */
  override unwrap<T>(): T {
    throw new Error('a LaneServer unwraps to nothing');
  }
}
