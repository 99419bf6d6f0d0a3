/**
 * Everything that Holdfast has published so far, read by one consumer from the beginning, as other services read it.
 *
 * kafkajs can stand still without a word: an error that it takes for ours ends it whatever `restartOnFailure` says,
 * and a connection that is given up with a request under way waits for the answer for good, as its time-outs are
 * switched off first. A test would wait with it, so a reader that stops asking for records is replaced by another.
 */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CONSUMED_TOPICS,
  deadLetterTopicOf,
  PUBLISHED_TOPICS,
  type ConsumedTopic,
  type CustomerNotification,
  type OrderExpired,
  type PublishedTopic,
  type StockOutcome,
} from '@holdfast/contracts';
import type { Consumer, EachBatchPayload, IHeaders, Kafka, KafkaMessage } from 'kafkajs';

/** Record values of one fetch; a single larger record comes all the same. */
const FETCH_BYTES = 4_000_000;
/** It asks some twenty times a second, and every 2 s while the broker is away. */
const STANDSTILL_SECONDS = 15;
/** What stands still may never end. */
const ABANDONED_MS = 5_000;

export interface Published<Message = unknown> {
  topic: PublishedTopic;
  partition: number;
  offset: number;
  key: string | null;
  /** the value as it came, and what it says */
  text: string;
  message: Message;
  headers: Record<string, string>;
}

export interface DeadLetterArrived {
  /** the consumed topic that it comes from */
  source: ConsumedTopic;
  partition: number;
  offset: number;
  key: Buffer | null;
  value: Buffer | null;
  /** all headers; one that was given several times is a list */
  headers: IHeaders;
  /** the headers that Holdfast added, as text, without `dead-letter-` */
  told: Record<string, string>;
}

/** In order of arrival. The lists of messages hold first deliveries only; `published` holds copies too. */
export interface Outcomes {
  outcomes: StockOutcome[];
  expired: OrderExpired[];
  notifications: CustomerNotification[];
  letters: DeadLetterArrived[];
  published: Published[];
  /** outcomes of one order, in order of arrival */
  of(storeId: string, orderId: string): StockOutcome[];
  /** names of those outcomes */
  story(storeId: string, orderId: string): StockOutcome['outcome'][];
  /** what the customer of one order was told */
  told(storeId: string, orderId: string): CustomerNotification['template'][];
}

export class Arrivals {
  #consumer: Consumer | undefined;
  #secondsSilent = 0;
  #opening: Promise<void> | undefined;
  #isStopped = false;
  /** of consumers that stood still, their ends */
  readonly #abandoned: Promise<unknown>[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** topic with prefix and partition → next offset; what a rebalance or another reader brings again is passed over */
  readonly #positions = new Map<string, number>();
  readonly #ids = new Set<string>();
  readonly #ofOrder = new Map<string, StockOutcome[]>();
  readonly #toldOfOrder = new Map<string, CustomerNotification['template'][]>();
  readonly #watchers = new Set<() => void>();
  readonly all: Outcomes = {
    outcomes: [],
    expired: [],
    notifications: [],
    letters: [],
    published: [],
    of: (storeId, orderId) => this.#ofOrder.get(`${storeId}/${orderId}`) ?? [],
    story: (storeId, orderId) => this.all.of(storeId, orderId).map(({ outcome }) => outcome),
    told: (storeId, orderId) => this.#toldOfOrder.get(`${storeId}/${orderId}`) ?? [],
  };

  constructor(
    private readonly kafka: Kafka,
    private readonly topicPrefix: string,
  ) {}

  get topics(): string[] {
    return [...PUBLISHED_TOPICS, ...CONSUMED_TOPICS.map(deadLetterTopicOf)].map(
      (topic) => this.topicPrefix + topic,
    );
  }

  async start(): Promise<void> {
    await this.#open();
    // Counts its own ticks: a test process that was not given the processor for long is no standstill.
    this.#timer = setInterval(() => {
      this.#secondsSilent += 1;
      if (this.#secondsSilent >= STANDSTILL_SECONDS) this.#reopen('asks for nothing any more');
    }, 1_000);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStopped = true;
    const ends = this.#opening ?? this.#consumer?.disconnect() ?? Promise.resolve();
    await Promise.race([
      Promise.allSettled([...this.#abandoned, ends]),
      delay(ABANDONED_MS, undefined, { ref: false }),
    ]);
  }

  async #open(): Promise<void> {
    // kafkajs starts one again that crashes after its `disconnect`, too: it would keep the process for good.
    const isWanted = (): boolean => this.#consumer === consumer && !this.#isStopped;
    const consumer = this.kafka.consumer({
      // Each begins at the beginning, and in a group of its own: no member before it is waited for.
      groupId: `${this.topicPrefix}arrivals-${randomUUID()}`,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 250,
      maxBytesPerPartition: FETCH_BYTES,
      retry: { retries: 30, maxRetryTime: 2_000, restartOnFailure: () => Promise.resolve(isWanted()) },
    });
    this.#consumer = consumer;
    const { FETCH_START, CRASH } = consumer.events;
    consumer.on(FETCH_START, () => {
      if (isWanted()) this.#secondsSilent = 0;
    });
    consumer.on(CRASH, ({ payload: { error, restart } }) => {
      if (!restart && isWanted()) this.#reopen(error.message);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: this.topics, fromBeginning: true });
    await consumer.run({
      partitionsConsumedConcurrently: 4,
      eachBatchAutoResolve: true,
      eachBatch: (payload) => Promise.resolve(this.#receive(payload)),
    });
    if (this.#isStopped) await consumer.disconnect();
  }

  #reopen(why: string): void {
    if (this.#opening || this.#isStopped) return;
    this.#secondsSilent = 0;
    process.stderr.write(
      `the test's reader of what is published stands still (${why}): another one reads on\n`,
    );
    if (this.#consumer) this.#abandoned.push(this.#consumer.disconnect().catch(() => undefined));
    this.#opening = this.#open()
      .catch((error: unknown) => void process.stderr.write(`the test's reader: ${String(error)}\n`))
      .finally(() => (this.#opening = undefined));
  }

  /** Whether everything below these end offsets has arrived. @param ends topic with prefix → by partition */
  hasReached(ends: ReadonlyMap<string, readonly number[]>): boolean {
    return [...ends].every(([topic, offsets]) =>
      offsets.every((end, partition) => (this.#positions.get(`${topic}/${partition}`) ?? 0) >= end),
    );
  }

  /** Calls after each batch that arrives; call the result to end it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #receive({ batch: { topic, partition, messages } }: EachBatchPayload): void {
    const name = topic.slice(this.topicPrefix.length);
    const source = CONSUMED_TOPICS.find((consumed) => deadLetterTopicOf(consumed) === name);
    const place = `${topic}/${partition}`;
    for (const record of messages) {
      const offset = Number(record.offset);
      if (offset < (this.#positions.get(place) ?? 0)) continue;
      if (source) this.all.letters.push(letter(source, partition, record));
      else this.#add(name as PublishedTopic, partition, record);
      this.#positions.set(place, offset + 1);
    }
    for (const watcher of this.#watchers) watcher();
  }

  #add(topic: PublishedTopic, partition: number, record: KafkaMessage): void {
    const text = record.value?.toString() ?? '';
    const message: unknown = JSON.parse(text);
    this.all.published.push({
      topic,
      partition,
      offset: Number(record.offset),
      key: record.key?.toString() ?? null,
      text,
      message,
      headers: Object.fromEntries(
        Object.entries(record.headers ?? {}).map(([name, value]) => [name, String(value)]),
      ),
    });
    const { outcomes, expired, notifications } = this.all;
    if (topic === 'StockOutcome') {
      const outcome = message as StockOutcome;
      if (!this.#isFirst(outcome.outcomeId)) return;
      outcomes.push(outcome);
      append(this.#ofOrder, `${outcome.storeId}/${outcome.orderId}`, outcome);
    } else if (topic === 'OrderExpired') {
      const event = message as OrderExpired;
      if (this.#isFirst(event.eventId)) expired.push(event);
    } else {
      const notification = message as CustomerNotification;
      if (!this.#isFirst(notification.notificationId)) return;
      notifications.push(notification);
      append(this.#toldOfOrder, `${notification.storeId}/${notification.orderId}`, notification.template);
    }
  }

  #isFirst(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    return true;
  }
}

function letter(source: ConsumedTopic, partition: number, record: KafkaMessage): DeadLetterArrived {
  const headers = record.headers ?? {};
  const told = Object.entries(headers)
    .filter(([name]) => name.startsWith('dead-letter-'))
    .map(([name, value]): [string, string] => [name.slice('dead-letter-'.length), String(value)]);
  return {
    source,
    partition,
    offset: Number(record.offset),
    key: record.key,
    value: record.value,
    headers,
    told: Object.fromEntries(told),
  };
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}
