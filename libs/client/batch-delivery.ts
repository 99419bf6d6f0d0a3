/**
 * Hands the records of one fetch to their handler, one after the other. A record is passed (its offset resolved)
 * once its handler is done. When the handler fails, its partition pauses and the record is fetched again later: other
 * partitions go on meanwhile, and nothing is thrown into kafkajs, which some errors would end for good.
 */

import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { PublishedTopic } from '@holdfast/contracts';
import { jitteredBackoffMs } from '../messaging/backoff.js';
import type { Delivery, DeliveryFailure, Handler, UnreadableRecord } from './delivery.js';
import { incomingOf } from './incoming.js';
import { Seen } from './seen.js';

export interface BatchDeliveryOptions {
  topic: PublishedTopic;
  handler: Handler<PublishedTopic>;
  onUnreadable: (record: UnreadableRecord) => Promise<void> | void;
  onFailure: (failure: DeliveryFailure) => void;
  /** orders that each partition remembers */
  window: number;
  heartbeatEveryMs: number;
}

interface Partition {
  seen: Seen;
  /** the record whose handler failed last, and how often it has */
  failing?: { offset: number; times: number };
}

const BACKOFF = { firstMs: 200, mostMs: 30_000 };

/** Of one topic. What it remembers outlives rebalances: a partition that comes back is known. */
export class BatchDelivery {
  readonly #partitions = new Map<number, Partition>();
  readonly #resuming = new Set<NodeJS.Timeout>();
  #running = 0;

  constructor(
    private readonly options: BatchDeliveryOptions,
    private readonly signal: AbortSignal,
  ) {}

  get isBusy(): boolean {
    return this.#running > 0;
  }

  /** Nothing is taken up again that waits to be retried. */
  stop(): void {
    for (const timer of this.#resuming) clearTimeout(timer);
    this.#resuming.clear();
  }

  /** @throws only what kafkajs itself throws, for it to handle */
  async deliver(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, commitOffsetsIfNecessary, isRunning, isStale } = payload;
    const partition = this.#partition(batch.partition);
    for (const record of batch.messages) {
      if (!isRunning() || isStale() || this.signal.aborted) return;
      try {
        await this.#whileAlive(heartbeat, () => this.#hand(record, batch.partition, partition));
      } catch (error) {
        this.#retryLater(payload, Number(record.offset), error);
        return;
      }
      resolveOffset(record.offset);
      await commitOffsetsIfNecessary();
      await heartbeat();
    }
  }

  async #hand(record: KafkaMessage, number: number, partition: Partition): Promise<void> {
    const { topic, handler, onUnreadable } = this.options;
    const place = { topic, partition: number, offset: Number(record.offset) };
    const incoming = incomingOf(topic, record.value);
    if (typeof incoming === 'string') {
      const { key, value, headers = {} } = record;
      await onUnreadable({ ...place, key, value, headers, reason: incoming });
      return;
    }
    const { message, identity } = incoming;
    if (partition.seen.has(identity)) return;
    const delivery: Delivery = {
      ...identity,
      ...place,
      attempt: failuresOf(partition, place.offset) + 1,
      signal: this.signal,
    };
    await handler(message, delivery);
    partition.seen.add(identity);
  }

  /** A handler that takes its time must not cost the membership of the group. */
  async #whileAlive(heartbeat: () => Promise<void>, work: () => Promise<void>): Promise<void> {
    // What it rejects with, the heartbeat after the handler says again, to kafkajs.
    const timer = setInterval(() => void heartbeat().catch(() => undefined), this.options.heartbeatEveryMs);
    this.#running += 1;
    try {
      await work();
    } finally {
      this.#running -= 1;
      clearInterval(timer);
    }
  }

  #retryLater({ batch, pause }: EachBatchPayload, offset: number, error: unknown): void {
    if (this.signal.aborted) return;
    const partition = this.#partition(batch.partition);
    const attempt = failuresOf(partition, offset) + 1;
    partition.failing = { offset, times: attempt };
    const retryInMs = Math.round(jitteredBackoffMs(attempt, BACKOFF));
    const resume = pause();
    const timer = setTimeout(() => {
      this.#resuming.delete(timer);
      resume();
    }, retryInMs);
    this.#resuming.add(timer);
    const { topic, onFailure } = this.options;
    onFailure({ topic, partition: batch.partition, offset, attempt, error, retryInMs });
  }

  #partition(number: number): Partition {
    let partition = this.#partitions.get(number);
    if (!partition) {
      partition = { seen: new Seen(this.options.window) };
      this.#partitions.set(number, partition);
    }
    return partition;
  }
}

function failuresOf({ failing }: Partition, offset: number): number {
  return failing?.offset === offset ? failing.times : 0;
}
