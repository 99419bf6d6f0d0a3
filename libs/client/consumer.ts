/**
 * Consumes what Holdfast publishes: each message once in a process, those of an order in the order of its versions,
 * none lost. What a handler does not do is retried for as long as it takes.
 *
 * Across restarts a message may come again: what was handled after the last commit of offsets (each second and at
 * the end of each fetch). Whoever must not do a thing twice keeps `delivery.id`, or for each `delivery.subject` the
 * `delivery.version`, together with what it does: in the same transaction where there is one.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { PUBLISHED_TOPICS, type PublishedTopic } from '@holdfast/contracts';
import { jitteredBackoffMs } from '../messaging/backoff.js';
import { wholeFrameSocket } from '../messaging/kafkajs/whole-frames.js';
import { BatchDelivery } from './batch-delivery.js';
import { kafkaOf, logOf, RETRY, type ConnectionOptions } from './connection.js';
import { Connections } from './connections.js';
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
  /** silence after which a consumer that asks the brokers for nothing is replaced; 60,000 unless given */
  standstillMs?: number;
  /** Takes a record that cannot be read; it is passed once this is done. Unless given, it is retried, and told. */
  onUnreadable?: (record: UnreadableRecord) => Promise<void> | void;
  /** called for each failure; unless given, it is logged */
  onFailure?: (failure: DeliveryFailure) => void;
}

const WINDOW = 20_000;
const COMMIT_EVERY_MS = 1_000;
const STANDSTILL_MS = 60_000;
const REOPEN = { firstMs: 200, mostMs: 5_000 };
/** What stands still may never end; then its connections are closed, and nothing of it keeps the process. */
const ABANDONED_MS = 5_000;
/** Longer than a broker is away that restarts: until then what was handled can be committed. */
const LAST_COMMIT_MS = 25_000;
const CLOSING_LOOK_MS = 100;

interface Opened {
  consumer: Consumer;
  connections: Connections;
}

export class HoldfastConsumer {
  readonly #stopping = new AbortController();
  /** by the topic's name on the broker */
  readonly #deliveries: Map<string, BatchDelivery>;
  readonly #log: (line: string) => void;
  readonly #abandoned: Promise<unknown>[] = [];
  #opened: Opened | undefined;
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
    const standstillMs = this.options.standstillMs ?? STANDSTILL_MS;
    this.#watch = setInterval(() => {
      this.#secondsSilent = this.#isBusy ? 0 : this.#secondsSilent + 1;
      if (this.#secondsSilent * 1_000 >= standstillMs) this.#replace('asks for nothing any more');
    }, 1_000);
  }

  /** Resolves when running handlers are done, what they did is committed, and the group is left. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#watch);
    for (const delivery of this.#deliveries.values()) delivery.stop();
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened) await closed(opened, LAST_COMMIT_MS, () => !this.#isBusy);
    await Promise.all([this.#reopening, ...this.#abandoned]);
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
    const { concurrentPartitions = 4, from } = this.options;
    const opened = this.#connecting();
    const { consumer } = opened;
    this.#opened = opened;
    this.#secondsSilent = 0;
    const { FETCH_START, CRASH } = consumer.events;
    const life: { hasBegun: boolean; crash?: Error } = { hasBegun: false };
    consumer.on(FETCH_START, () => {
      if (this.#opened === opened) this.#secondsSilent = 0;
    });
    consumer.on(CRASH, ({ payload: { error, restart } }) => {
      if (restart) return;
      if (!life.hasBegun) life.crash = error;
      else if (this.#opened === opened) this.#replace(error.message);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.#deliveries.keys()], fromBeginning: from !== 'end' });
    await consumer.run({
      eachBatchAutoResolve: false,
      autoCommitInterval: COMMIT_EVERY_MS,
      partitionsConsumedConcurrently: concurrentPartitions,
      eachBatch: (payload) => this.#take(opened, payload),
    });
    if (life.crash) throw life.crash;
    life.hasBegun = true;
  }

  #connecting(): Opened {
    const { groupId, sessionTimeoutMs = 30_000, kafka } = this.options;
    const connections = new Connections(kafka.socketFactory ?? wholeFrameSocket);
    const { socketFactory } = connections;
    // A client of its own: kafkajs shares committed offsets among the consumers of a client.
    const consumer = kafkaOf({ ...this.options, kafka: { ...kafka, socketFactory } }).consumer({
      groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: this.#heartbeatEveryMs,
      maxWaitTimeInMs: 500,
      // kafkajs starts one again that crashes after its `disconnect`, too: it would keep the process for good.
      retry: { ...RETRY, restartOnFailure: () => Promise.resolve(this.#opened?.consumer === consumer) },
    });
    return { consumer, connections };
  }

  async #take(opened: Opened, payload: EachBatchPayload): Promise<void> {
    if (this.#opened !== opened) return;
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
      if (this.#opened) this.#abandoned.push(closed(this.#opened, ABANDONED_MS));
      this.#opened = undefined;
      try {
        await this.#open();
        return;
      } catch (error) {
        this.#log(`the consumer of ${this.options.groupId} waits: ${(error as Error).message}`);
        await delay(jitteredBackoffMs(tries, REOPEN));
      }
    }
  }
}

/** Leaves the group, or closes the connections when that takes longer than `mostMs` from when it can be done. */
async function closed(opened: Opened, mostMs: number, canBeDone = (): boolean => true): Promise<void> {
  let isLeft = false;
  const leaving = opened.consumer
    .disconnect()
    .catch(() => undefined)
    .finally(() => (isLeft = true));
  for (let waitedMs = 0; !isLeft && waitedMs < mostMs; waitedMs += canBeDone() ? CLOSING_LOOK_MS : 0)
    await Promise.race([leaving, delay(CLOSING_LOOK_MS)]);
  opened.connections.close(isLeft);
  await Promise.race([leaving, delay(ABANDONED_MS, undefined, { ref: false })]);
}

/** Somebody wrote into Holdfast's topic. It stays where it is until its owner says what becomes of such records. */
function refuse({ reason }: UnreadableRecord): never {
  throw new Error(`the record cannot be read: ${reason}; \`onUnreadable\` may take it`);
}

function told({ topic, partition, offset, attempt, error, retryInMs }: DeliveryFailure): string {
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `${topic}/${partition}/${offset} failed (${attempt}), is retried in ${retryInMs} ms: ${why}`;
}
