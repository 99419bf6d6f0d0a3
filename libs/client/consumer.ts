/**
 * Consumes what Holdfast publishes: each message once in a process, those of an order in the order of its versions,
 * none lost. What a handler does not do is retried for as long as it takes.
 *
 * Across restarts a message may come again: what was handled after the last commit of offsets (each second and at
 * the end of each fetch). Whoever must not do a thing twice keeps `delivery.id`, or for each `delivery.subject` the
 * `delivery.version`, together with what it does: in the same transaction where there is one.
 */

import type { Consumer, EachBatchPayload } from 'kafkajs';
import { PUBLISHED_TOPICS, type PublishedTopic } from '@holdfast/contracts';
import { jitteredBackoffMs } from '../messaging/backoff.js';
import { BatchDelivery } from './batch-delivery.js';
import { kafkaOf, logOf, RETRY, type ConnectionOptions } from './connection.js';
import type { DeliveryFailure, Handler, Handlers, UnreadableRecord } from './delivery.js';

export interface ConsumerOptions extends ConnectionOptions {
  /** consumers of one group share the work; another service needs another group */
  groupId: string;
  handlers: Handlers;
  /** where a group begins that has never read; everything that is still kept unless said otherwise */
  from?: 'beginning' | 'end';
  /**
   * Orders whose last version each partition of each topic remembers, to pass over copies; 20,000 unless given.
   * What Holdfast publishes again after a crash is what it had published last: some 8,000 orders at most, unless its
   * batches are set larger.
   */
  window?: number;
  /** partitions that are handled at the same time; 4 unless given */
  concurrentPartitions?: number;
  /** silence after which the group takes this consumer for dead; 30,000 unless given */
  sessionTimeoutMs?: number;
  /** Takes a record that cannot be read; it is passed once this is done. Unless given, it is retried, and told. */
  onUnreadable?: (record: UnreadableRecord) => Promise<void> | void;
  /** called for each failure; unless given, it is logged */
  onFailure?: (failure: DeliveryFailure) => void;
}

const WINDOW = 20_000;
const COMMIT_EVERY_MS = 1_000;
const STANDSTILL_SECONDS = 60;
const REOPEN = { firstMs: 200, mostMs: 5_000 };
/** What stands still may never end. */
const ABANDONED_MS = 5_000;

export class HoldfastConsumer {
  readonly #stopping = new AbortController();
  /** by the topic's name on the broker */
  readonly #deliveries: Map<string, BatchDelivery>;
  readonly #log: (line: string) => void;
  readonly #abandoned: Promise<unknown>[] = [];
  #consumer: Consumer | undefined;
  #reopening: Promise<void> | undefined;
  #watch: NodeJS.Timeout | undefined;
  #secondsSilent = 0;

  /** @throws RangeError when no topic has a handler */
  constructor(private readonly options: ConsumerOptions) {
    this.#log = logOf(options);
    this.#deliveries = new Map(
      PUBLISHED_TOPICS.flatMap((topic): [string, BatchDelivery][] => {
        const handler = options.handlers[topic] as Handler<PublishedTopic> | undefined;
        return handler ? [[(options.topicPrefix ?? '') + topic, this.#deliveryOf(topic, handler)]] : [];
      }),
    );
    if (this.#deliveries.size === 0) {
      throw new RangeError(`handlers: give one for at least one of ${PUBLISHED_TOPICS.join(', ')}`);
    }
  }

  /** Resolves when it has joined its group. @throws when no broker answers within some 20 s */
  async start(): Promise<void> {
    await this.#open();
    // Counts its own ticks: a process that was not given the processor for long is no standstill.
    this.#watch = setInterval(() => {
      this.#secondsSilent = this.#isBusy ? 0 : this.#secondsSilent + 1;
      if (this.#secondsSilent >= STANDSTILL_SECONDS) this.#replace('asks for nothing any more');
    }, 1_000);
  }

  /** Resolves when running handlers are done, what they did is committed, and the group is left. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#watch);
    for (const delivery of this.#deliveries.values()) delivery.stop();
    await this.#reopening;
    await this.#consumer?.disconnect();
    let timer: NodeJS.Timeout | undefined;
    const longEnough = new Promise<void>((resolve) => (timer = setTimeout(resolve, ABANDONED_MS)));
    await Promise.race([Promise.allSettled(this.#abandoned), longEnough]);
    clearTimeout(timer);
  }

  get #isBusy(): boolean {
    return [...this.#deliveries.values()].some((delivery) => delivery.isBusy);
  }

  get #heartbeatEveryMs(): number {
    return Math.round((this.options.sessionTimeoutMs ?? 30_000) / 10);
  }

  #deliveryOf(topic: PublishedTopic, handler: Handler<PublishedTopic>): BatchDelivery {
    const { onUnreadable, onFailure, window = WINDOW } = this.options;
    const settings = {
      topic,
      handler,
      window,
      heartbeatEveryMs: this.#heartbeatEveryMs,
      onUnreadable: onUnreadable ?? refuse,
      onFailure: onFailure ?? ((failure: DeliveryFailure) => this.#log(told(failure))),
    };
    return new BatchDelivery(settings, this.#stopping.signal);
  }

  async #open(): Promise<void> {
    const { groupId, sessionTimeoutMs = 30_000, concurrentPartitions = 4, from } = this.options;
    // A client of its own: kafkajs shares committed offsets among the consumers of a client.
    const consumer = kafkaOf(this.options).consumer({
      groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: this.#heartbeatEveryMs,
      maxWaitTimeInMs: 500,
      retry: { ...RETRY, restartOnFailure: () => Promise.resolve(true) },
    });
    this.#consumer = consumer;
    this.#secondsSilent = 0;
    const { FETCH_START, CRASH } = consumer.events;
    consumer.on(FETCH_START, () => {
      if (this.#consumer === consumer) this.#secondsSilent = 0;
    });
    consumer.on(CRASH, ({ payload: { error, restart } }) => {
      if (!restart && this.#consumer === consumer) this.#replace(error.message);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.#deliveries.keys()], fromBeginning: from !== 'end' });
    await consumer.run({
      eachBatchAutoResolve: false,
      autoCommitInterval: COMMIT_EVERY_MS,
      partitionsConsumedConcurrently: concurrentPartitions,
      eachBatch: (payload) => this.#take(consumer, payload),
    });
  }

  async #take(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    if (this.#consumer !== consumer) return;
    await this.#deliveries.get(payload.batch.topic)?.deliver(payload);
  }

  /** kafkajs may end, or stand still without a word; another consumer then goes on from what is committed. */
  #replace(why: string): void {
    if (this.#reopening || this.#stopping.signal.aborted) return;
    this.#log(`the consumer of ${this.options.groupId} is replaced: ${why}`);
    this.#reopening = this.#reopen().finally(() => (this.#reopening = undefined));
  }

  async #reopen(): Promise<void> {
    for (let tries = 1; !this.#stopping.signal.aborted; tries++) {
      if (this.#consumer) this.#abandoned.push(this.#consumer.disconnect().catch(() => undefined));
      this.#consumer = undefined;
      try {
        await this.#open();
        return;
      } catch (error) {
        this.#log(`the consumer of ${this.options.groupId} waits: ${(error as Error).message}`);
        await new Promise((resolve) => setTimeout(resolve, jitteredBackoffMs(tries, REOPEN)));
      }
    }
  }
}

/** Somebody wrote into Holdfast's topic. It stays where it is until its owner says what becomes of such records. */
function refuse({ reason }: UnreadableRecord): never {
  throw new Error(`the record cannot be read: ${reason}; \`onUnreadable\` may take it`);
}

function told({ topic, partition, offset, attempt, error, retryInMs }: DeliveryFailure): string {
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `${topic}/${partition}/${offset} failed (${attempt}), is retried in ${retryInMs} ms: ${why}`;
}
