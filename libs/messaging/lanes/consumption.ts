/** The consumer behind the lanes: joins the group, joins it again, and never stops without saying so. */

import kafkajs, { type Consumer } from 'kafkajs';
import { coPartitionAssigner } from './co-partition-assigner.js';
import { checkTopics } from './check-topics.js';
import { isUnreachable } from '../kafkajs/cluster-channel.js';
import { jitteredBackoffMs } from '../backoff.js';
import { GroupOffsets } from '../offsets/group-offsets.js';
import { Intake } from './intake.js';
import type { LaneProgress, LaneServerOptions } from './lane-server-options.js';
import { LaneSet, type FetchControl } from './lane-set.js';
import { OffsetCommitter } from './offset-committer.js';
import { refusalOf } from '../kafkajs/refusals.js';
import type { Clock, ConsumedRecord, LanePosition, Log, Translated } from '../records.js';
import { Semaphore } from '../semaphore.js';
import { systemClock } from '../system-clock.js';

export interface ConsumptionOptions<E> extends LaneServerOptions<E> {
  topicPrefix: string;
  clock: Clock;
  log: Log;
  translate: (records: ConsumedRecord[]) => Promise<Translated<E>[]>;
}

const MAX_BATCH_RECORDS = 2_000;
const MAX_BATCH_BYTES = 4_000_000;
const CONCURRENT_LANES = 3;
/** Partitions whose batches are handed on at the same time: all, since handing on is all there is to do. */
const PARTITIONS_AT_ONCE = 24;
/** A fetch costs the broker nearly the same for few records as for many. */
const SMALL_FETCH_RECORDS = 100;
const FETCH_PAUSE_MS = 10;

const SESSION_TIMEOUT_MS = 6_000;
const FLUSH_WITHIN_MS = 5_000;
const RECONNECT = { firstMs: 200, mostMs: 2_000 };

export class Consumption<E> implements FetchControl {
  readonly #topics: string[];
  readonly #groupId: string;
  readonly #lanes: LaneSet<E>;
  readonly #intake: Intake<E>;
  readonly #offsets: GroupOffsets;
  readonly #committer: OffsetCommitter;
  #consumer: Consumer | undefined;
  #isClosing = false;
  /** in a row, without having joined the group in between */
  #crashes = 0;
  #failed = false;
  #memberAt: number | undefined;

  constructor(private readonly options: ConsumptionOptions<E>) {
    const { kafka, topics, topicPrefix, clock, log } = options;
    this.#topics = topics.map((topic) => topicPrefix + topic);
    this.#groupId = options.groupId ?? 'holdfast';
    this.#offsets = new GroupOffsets(kafka, this.#groupId, this.#topics);
    this.#lanes = new LaneSet(this.#laneSetOptions());
    this.#committer = new OffsetCommitter({
      commit: async (offsets) => this.#consumer?.commitOffsets(offsets),
      intervalMs: options.commitIntervalMs ?? 100,
      clock,
      log,
    });
    this.#intake = new Intake({
      lanes: this.#lanes,
      control: this,
      ranges: async (lane) => (await this.#whenReachable(() => this.#offsets.ranges([lane]))).get(lane),
      mark: (topic, lane, offset) => this.#committer.mark(topic, lane, offset),
      onFatal: (error) => this.#fail(error),
    });
  }

  async start(): Promise<void> {
    await this.#whenReachable(() => this.#offsets.connect());
    await this.#whenReachable(() => this.#offsets.checkAccess());
    checkTopics(await this.#whenReachable(() => this.#offsets.partitionCounts()));
    const consumer = this.#newConsumer();
    this.#consumer = consumer;
    this.#listen(consumer);
    await this.#whenReachable(() => consumer.connect());
    await this.#whenReachable(() => consumer.subscribe({ topics: this.#topics, fromBeginning: true }));
    await this.#run(consumer);
  }

  async drain(): Promise<void> {
    this.#isClosing = true;
    await this.#lanes.stop();
    // kafkajs tries a commit for half a minute while the broker is away, and what is not committed is read again.
    const enough = new AbortController();
    await Promise.race([this.#committer.flush(), this.options.clock.delay(FLUSH_WITHIN_MS, enough.signal)]);
    enough.abort();
  }

  async close(): Promise<void> {
    await this.drain();
    await this.#consumer?.disconnect();
    await this.#offsets.disconnect();
  }

  progress(): LaneProgress {
    const { topics, topicPrefix } = this.options;
    const positions: LaneProgress['positions'] = new Map(
      topics.map((topic) => [topic, new Map<number, number>()]),
    );
    for (const number of this.#lanes.numbers) {
      for (const [topic, offset] of this.#lanes.get(number)?.appliedOffsets ?? []) {
        positions.get(topic.slice(topicPrefix.length))?.set(number, offset);
      }
    }
    const { appliedRecords, bufferedRecords, numbers } = this.#lanes;
    const lanes = numbers.sort((a, b) => a - b);
    const memberAt = this.#memberAt;
    return { lanes, appliedRecords, bufferedRecords, positions, ...(memberAt !== undefined && { memberAt }) };
  }

  // What lanes ask for. Between a crash of the consumer and its restart it takes no calls; the next assignment
  // then says everything anew.

  pause(lanes: readonly number[], topics: readonly string[] = this.#topics): void {
    if (lanes.length === 0) return;
    this.#whileRunning((consumer) =>
      consumer.pause(topics.map((topic) => ({ topic, partitions: [...lanes] }))),
    );
  }

  resume(lane: number, topics: readonly string[] = this.#topics): void {
    this.#whileRunning((consumer) => consumer.resume(topics.map((topic) => ({ topic, partitions: [lane] }))));
  }

  seek(topic: string, lane: number, offset: number): void {
    this.#whileRunning((consumer) => consumer.seek({ topic, partition: lane, offset: String(offset) }));
  }

  ranges(lanes: readonly number[]): ReturnType<FetchControl['ranges']> {
    return this.#offsets.ranges(lanes);
  }

  applied(lane: number, positions: ReadonlyMap<string, LanePosition>): void {
    for (const [topic, { nextOffset }] of positions) this.#committer.mark(topic, lane, nextOffset);
  }

  #laneSetOptions(): ConstructorParameters<typeof LaneSet<E>>[0] {
    const { options } = this;
    const maxRecords = options.maxBatchRecords ?? MAX_BATCH_RECORDS;
    const maxBytes = options.maxBatchBytes ?? MAX_BATCH_BYTES;
    return {
      topics: this.#topics,
      limits: {
        maxRecords,
        maxBytes,
        maxBufferedRecords: options.maxBufferedRecords ?? 3 * maxRecords,
        maxBufferedBytes: options.maxBufferedBytes ?? 4 * maxBytes,
      },
      applier: options.applier,
      translate: options.translate,
      gate: new Semaphore(options.concurrentLanes ?? CONCURRENT_LANES),
      clock: options.clock,
      log: options.log,
      maxUnknownInARow: options.maxUnknownInARow ?? 20,
      onFatal: (error) => this.#fail(error),
      workerId: options.workerId,
      control: this,
      retakeAfterMs: options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
    };
  }

  #newConsumer(): Consumer {
    const { options } = this;
    return options.kafka.consumer({
      groupId: this.#groupId,
      partitionAssigners: [coPartitionAssigner(() => this.#lanes.numbers)],
      sessionTimeout: options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
      heartbeatInterval: options.heartbeatIntervalMs ?? 1_500,
      rebalanceTimeout: options.rebalanceTimeoutMs ?? 10_000,
      maxWaitTimeInMs: options.maxWaitTimeMs ?? 100,
      minBytes: options.minBytes ?? 1,
      maxBytesPerPartition: options.maxBytesPerPartition ?? 1024 * 1024,
      maxBytes: options.maxBytes ?? 16 * 1024 * 1024,
      onOffsetOutOfRange: (topic, partition) => this.#intake.outOfRange(topic, partition),
    });
  }

  #listen(consumer: Consumer): void {
    const { events } = consumer;
    const isMember = (): void => void (this.#memberAt = this.options.clock.now());
    consumer.on(events.HEARTBEAT, isMember);
    consumer.on(events.GROUP_JOIN, ({ payload }) => {
      isMember();
      this.#assigned(payload.memberAssignment);
    });
    consumer.on(events.FETCH, () => this.#joinAgainWhenSetBack(consumer));
    consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.#intake.pass(payload);
    });
    consumer.on(events.CRASH, ({ payload: { error, restart } }) => {
      const refusal = refusalOf(error);
      if (refusal) this.#fail(refusal);
      else if (restart) this.options.log.warn(`the consumer starts again after: ${error.message}`);
      else if (isUnreachable(error)) void this.#runAgain(consumer, error);
      else this.#fail(error);
    });
  }

  #run(consumer: Consumer): Promise<void> {
    const pauseMs = this.options.fetchPauseMs ?? FETCH_PAUSE_MS;
    return consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: async ({ batch }) => {
        this.#intake.take(batch);
        // The next fetch begins when everything that this one brought has been handed on.
        if (pauseMs > 0 && batch.messages.length < SMALL_FETCH_RECORDS) await systemClock.delay(pauseMs);
      },
    });
  }

  /**
   * kafkajs counts the time to its next heartbeat by the clock. Set back by an hour, it would send none for an hour and
   * go on fetching, with its lanes long given to others; run again, it counts anew.
   */
  #joinAgainWhenSetBack(consumer: Consumer): void {
    const { clock, log, sessionTimeoutMs = SESSION_TIMEOUT_MS } = this.options;
    const backMs = (this.#memberAt ?? 0) - clock.now();
    if (this.#isClosing || this.#failed || backMs < sessionTimeoutMs / 2) return;
    this.#memberAt = clock.now();
    log.warn(`the clock was set back by ${Math.round(backMs / 1_000)} s and more: joining the group anew`);
    consumer
      .stop()
      .then(() => (this.#isClosing ? undefined : this.#run(consumer)))
      .catch((error: unknown) => this.#fail(error));
  }

  /** What kafkajs gives up for good though it is an outage: it has disconnected, and keeps its subscription. */
  async #runAgain(consumer: Consumer, error: Error): Promise<void> {
    this.options.log.warn(`the consumer is started again after: ${error.message}`);
    try {
      this.#crashes += 1;
      await systemClock.delay(jitteredBackoffMs(this.#crashes, RECONNECT));
      await this.#whenReachable(() => consumer.connect());
      await this.#whenReachable(() => this.#offsets.checkAccess());
      if (!this.#isClosing) await this.#run(consumer);
    } catch (failure) {
      if (!this.#isClosing) this.#fail(failure);
    }
  }

  /** Called before the first fetch of the new generation. */
  #assigned(assignment: Record<string, number[]>): void {
    if (this.#isClosing || this.#failed) return;
    const lanes = new Set(Object.values(assignment).flat());
    for (const lane of lanes) {
      const without = this.#topics.filter((topic) => !assignment[topic]?.includes(lane));
      if (without.length === 0) continue;
      const has = this.#topics.find((topic) => !without.includes(topic)) ?? '';
      return this.#fail(
        new Error(
          `${has} has a partition ${lane} and ${without.join(', ')} ${without.length > 1 ? 'have' : 'has'} none: ` +
            'consumed topics must have the same number of partitions',
        ),
      );
    }
    this.#crashes = 0;
    this.#committer.forget();
    this.#intake.forget();
    const numbers = [...lanes].sort((a, b) => a - b);
    this.options.log.log(
      numbers.length === 0
        ? 'joined the group; no lane is left for this worker'
        : `lanes ${numbers.join(', ')}`,
    );
    this.#lanes.assign(numbers);
  }

  #whileRunning(call: (consumer: Consumer) => void): void {
    try {
      if (this.#consumer) call(this.#consumer);
    } catch (error) {
      if (!(error instanceof kafkajs.KafkaJSNonRetriableError)) throw error;
      this.options.log.debug(`the consumer is not running: ${error.message}`);
    }
  }

  /** Brokers that are away at start are waited for. */
  async #whenReachable<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await ask();
      } catch (error) {
        if (this.#isClosing || !isUnreachable(error)) throw refusalOf(error) ?? error;
        this.options.log.warn(`waiting for the brokers: ${(error as Error).message}`);
        await systemClock.delay(jitteredBackoffMs(tries, RECONNECT));
      }
    }
  }

  /** The lanes stop where they are; the process is told to end, once. */
  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#lanes.stop().catch((failure: unknown) => this.options.log.error(String(failure)));
    this.options.onFatal(error);
  }
}
