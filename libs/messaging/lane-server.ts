/**
 * The Nest transport: kafkajs batches into lanes, lanes into transactions, offsets back to the broker.
 *
 * Nest's own Kafka server takes one message at a time, swallows errors and knows no dead letters. Here
 * `eachBatch` only hands records to their lane and returns, so that fetching and heartbeats never wait for the
 * database; lanes that fill up pause their partitions. kafkajs calls nothing of an old generation once it has
 * joined anew: it stops its fetchers, and waits for them, before it joins.
 */

import { Logger } from '@nestjs/common';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import type { Batch, Consumer, ConsumerGroupJoinEvent } from 'kafkajs';
import { isObservable, lastValueFrom } from 'rxjs';
import { coPartitionAssigner } from './co-partition-assigner.js';
import type { KafkaPort } from './kafka-port.js';
import { Lane } from './lane.js';
import { OffsetCommitter } from './offset-committer.js';
import type { ConsumedRecord, LaneApplier, Translated } from './record.js';
import { Slots } from './slots.js';
import { checkTopics } from './topic-check.js';

export interface LaneServerOptions<E> {
  kafka: KafkaPort;
  applier: LaneApplier<E>;
  /** without prefix; in the order in which they go first when timestamps are equal */
  topics: readonly string[];
  topicPrefix: string;
  groupId: string;
  workerId: string;
  sessionTimeoutMs: number;
  heartbeatIntervalMs: number;
  maxWaitTimeMs: number;
  concurrentLanes: number;
  maxBatchRecords: number;
  maxBatchBytes: number;
  /** stops the process: nothing that could be waited out */
  onFatal: (error: unknown) => void;
}

/** A lane with more than this waiting pauses its partitions: some batches ahead are enough. */
const BATCHES_AHEAD = 4;
const MAX_BUFFERED_BYTES = 16_000_000;
/** kafkajs hands out so many partitions side by side; each call returns at once. */
const PARTITIONS_CONCURRENTLY = 64;

export class LaneServer<E> extends Server implements CustomTransportStrategy {
  readonly #log = new Logger('consume');
  readonly #slots: Slots;
  readonly #topics: string[];
  readonly #lanes = new Map<number, Lane<E>>();
  readonly #paused = new Set<number>();
  #handlers = new Map<string, unknown>();
  #consumer: Consumer | undefined;
  #committer: OffsetCommitter | undefined;
  #generation = 0;
  #closing = false;

  constructor(private readonly options: LaneServerOptions<E>) {
    super();
    this.#slots = new Slots(options.concurrentLanes);
    this.#topics = options.topics.map((topic) => options.topicPrefix + topic);
  }

  override on(): never {
    throw new Error('LaneServer emits nothing');
  }

  override unwrap<T>(): T {
    return this.#consumer as T;
  }

  /** Starts consuming. Errors at start go to the callback, so that the process refuses to boot. */
  override listen(callback: (error?: unknown) => void): void {
    this.#start().then(() => callback(), callback);
  }

  /** Stops fetching, finishes the batches in flight, commits, disconnects. */
  override async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
    await this.#committer?.flush();
    await this.#consumer?.disconnect();
  }

  async #start(): Promise<void> {
    const { kafka, groupId, sessionTimeoutMs, heartbeatIntervalMs, maxWaitTimeMs, onFatal } = this.options;
    this.#handlers = this.#checkedHandlers();
    await checkTopics(kafka, this.#topics, groupId);
    const consumer = kafka.consumer({
      groupId,
      sessionTimeoutMs,
      heartbeatIntervalMs,
      maxWaitTimeMs,
      assigner: [coPartitionAssigner],
      onOffsetOutOfRange: onFatal,
    });
    this.#consumer = consumer;
    this.#committer = new OffsetCommitter(consumer, (message) => this.#log.debug(message));
    consumer.on(consumer.events.GROUP_JOIN, (event) => this.#joined(event));
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) onFatal(payload.error);
      else this.#log.warn(`consumer restarts: ${payload.error.message}`);
    });
    // Also told of batches that hold nothing but control records, which eachBatch never sees.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const end = Number(payload.lastOffset) + 1;
      this.#lanes.get(payload.partition)?.push(payload.topic, [], end);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: this.#topics, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: PARTITIONS_CONCURRENTLY,
      eachBatch: ({ batch }) => {
        this.#receive(batch);
        return Promise.resolve();
      },
    });
  }

  /** @throws when a topic has no handler, or two: Nest chains handlers of the same event */
  #checkedHandlers(): Map<string, unknown> {
    const handlers = new Map<string, unknown>();
    for (const topic of this.options.topics) {
      const handler = this.messageHandlers.get(topic);
      if (!handler) throw new Error(`no handler for topic ${topic}: mark one with @FromTopic('${topic}')`);
      if (handler.next) throw new Error(`two handlers for topic ${topic}: keep one @FromTopic('${topic}')`);
      handlers.set(this.options.topicPrefix + topic, handler);
    }
    for (const topic of this.messageHandlers.keys()) {
      if (!this.options.topics.includes(topic))
        throw new Error(`a handler for ${topic}, which is not consumed`);
    }
    return handlers;
  }

  #joined({ payload }: ConsumerGroupJoinEvent): void {
    this.#generation += 1;
    const lanes = new Set(Object.values(payload.memberAssignment).flat());
    const before = new Map([...this.#lanes].map(([number, lane]) => [number, lane.close()]));
    this.#lanes.clear();
    this.#paused.clear();
    this.#committer?.forget();
    if (this.#closing) return;
    for (const number of lanes) {
      this.#lanes.set(number, this.#open(number, before.get(number) ?? Promise.resolve()));
    }
    this.#log.log(`lanes ${[...lanes].sort((a, b) => a - b).join(', ') || '(none)'}`);
  }

  #open(number: number, before: Promise<void>): Lane<E> {
    const { applier, workerId, maxBatchRecords, maxBatchBytes, onFatal } = this.options;
    return new Lane<E>({
      lane: number,
      owner: `${workerId}/${this.#generation}`,
      topics: this.#topics,
      limits: { maxRecords: maxBatchRecords, maxBytes: maxBatchBytes },
      applier,
      translate: (records) => this.#translate(records),
      slots: this.#slots,
      before,
      onApplied: (lane, positions) => this.#committer?.note(lane, positions),
      onDrained: (lane) => this.#resumeWhenLow(lane),
      onFatal,
      log: (message) => this.#log.warn(message),
    });
  }

  #receive(batch: Batch): void {
    const lane = this.#lanes.get(batch.partition);
    if (!lane) return;
    const { topic, partition } = batch;
    const records = batch.messages.map(({ offset, timestamp, key, value, headers }): ConsumedRecord => ({
      topic,
      partition,
      offset: Number(offset),
      timestamp: Number(timestamp),
      key,
      value,
      headers: headers ?? {},
    }));
    lane.push(topic, records, Number(batch.lastOffset()) + 1);
    const { records: waiting, bytes } = lane.buffered;
    if (waiting > BATCHES_AHEAD * this.options.maxBatchRecords || bytes > MAX_BUFFERED_BYTES)
      this.#pause(partition);
  }

  #pause(lane: number): void {
    if (this.#paused.has(lane)) return;
    this.#paused.add(lane);
    this.#consumer?.pause(this.#topics.map((topic) => ({ topic, partitions: [lane] })));
  }

  #resumeWhenLow(lane: number): void {
    if (!this.#paused.has(lane)) return;
    const buffered = this.#lanes.get(lane)?.buffered;
    if (!buffered) return;
    if (buffered.records > this.options.maxBatchRecords || buffered.bytes > MAX_BUFFERED_BYTES / 2) return;
    this.#paused.delete(lane);
    this.#consumer?.resume(this.#topics.map((topic) => ({ topic, partitions: [lane] })));
  }

  /** One call of a handler per topic; what comes back stands in the records' order again. */
  async #translate(records: ConsumedRecord[]): Promise<Translated<E>[]> {
    const byTopic = new Map<string, ConsumedRecord[]>();
    for (const record of records) {
      const same = byTopic.get(record.topic);
      if (same) same.push(record);
      else byTopic.set(record.topic, [record]);
    }
    const queues = new Map<string, Iterator<Translated<E>>>();
    for (const [topic, own] of byTopic) queues.set(topic, (await this.#handle(topic, own)).values());
    return records.map(({ topic }) => queues.get(topic)?.next().value as Translated<E>);
  }

  /** Nest wraps what a handler returns into a promise of an observable. */
  async #handle(topic: string, records: ConsumedRecord[]): Promise<Translated<E>[]> {
    const handler = this.#handlers.get(topic) as (records: ConsumedRecord[]) => unknown;
    const returned = await handler(records);
    const translated = (isObservable(returned) ? await lastValueFrom(returned) : returned) as Translated<E>[];
    if (translated.length !== records.length) {
      throw new Error(`the handler of ${topic} made ${translated.length} of ${records.length} records`);
    }
    return translated;
  }
}
