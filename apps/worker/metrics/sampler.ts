/**
 * Looks at both servers from time to time, on behalf of all workers: one process does it, by lease. Gentle: a handful
 * of small reads every few seconds, each with a bounded time; counting the open holds reads their whole index, and is
 * done so seldom that it takes at most a hundredth of the time.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import { CONSUMED_TOPICS, deadLetterTopicOf, topicName } from '@holdfast/contracts';
import type { EndOffsets } from '@holdfast/messaging';
import { countHolds, lookAround, orphanedLanes, type Database, type Sight } from '@holdfast/store';
import { LagSamples } from './lag-samples.js';
import type { Sampled, SampledMetrics } from './sampled-metrics.js';

export const SAMPLE_EVERY_MS = 5_000;
const WITHIN_MS = 2_000;
const KAFKA_WITHIN_MS = 4_000;
const COUNT_WITHIN_MS = 10_000;
const COUNT_LEAST_MS = 15_000;
/** Counting waits so many times as long as it took. */
const COUNT_REST = 100;

interface Ends {
  consumed: Map<string, number[]>;
  deadLetters: Sampled[];
}

const DEAD_LETTERS = CONSUMED_TOPICS.map(deadLetterTopicOf);

export interface SamplerOptions {
  database: Database;
  ends: Pick<EndOffsets, 'of' | 'startsOf'>;
  topicPrefix: string;
  metrics: SampledMetrics;
  log: Pick<Logger, 'debug'>;
}

export class Sampler {
  readonly #lag = new LagSamples();
  #countAgainAt = 0;
  #asking: Promise<Ends> | undefined;

  constructor(private readonly options: SamplerOptions) {}

  /** One look. A server that does not answer leaves its numbers out, not those of the other. @returns ms to the next */
  async turn(): Promise<number> {
    const { metrics } = this.options;
    const ends = await this.#unlessAway('Kafka', () => this.#endsInTime());
    const sight = await this.#unlessAway('MongoDB', () => lookAround(this.options.database, WITHIN_MS));
    if (ends) metrics.keep('kafka', ends.deadLetters);
    if (sight) metrics.keep('mongodb', samplesOf(sight));
    if (ends && sight) {
      const partitions = ends.consumed.get('OrderPlaced')?.length ?? 0;
      metrics.keep('both', [
        ...this.#lag.of({ ends: ends.consumed, lanes: sight.lanes, now: sight.now }),
        { gauge: 'lanesUnowned', value: unowned(sight, partitions) },
        { gauge: 'sampledAt', value: sight.now / 1_000 },
      ]);
    }
    if (sight) await this.#unlessAway('MongoDB', () => this.#count(sight.now));
    return SAMPLE_EVERY_MS;
  }

  /** The client tries for half a minute, during which the other server's numbers would grow old. */
  async #endsInTime(): Promise<Ends> {
    if (this.#asking) throw new Error('still no answer');
    this.#asking = this.#ends().finally(() => (this.#asking = undefined));
    // Nobody may be left to hear of it.
    this.#asking.catch(() => undefined);
    const enough = new AbortController();
    const late = delay(KAFKA_WITHIN_MS, undefined, { signal: enough.signal });
    try {
      return await Promise.race([
        this.#asking,
        late.then(() => Promise.reject(new Error(`no answer within ${KAFKA_WITHIN_MS} ms`))),
      ]);
    } finally {
      enough.abort();
      late.catch(() => undefined);
    }
  }

  async #ends(): Promise<Ends> {
    const { ends, topicPrefix } = this.options;
    const nameOf = (topic: (typeof CONSUMED_TOPICS)[number] | (typeof DEAD_LETTERS)[number]) =>
      topicName(topic, topicPrefix);
    const letters = DEAD_LETTERS.map(nameOf);
    // The database is asked afterwards, so that what counts as applied by then really is.
    const starts = await ends.startsOf(letters);
    const found = await ends.of([...CONSUMED_TOPICS.map(nameOf), ...letters]);
    return {
      consumed: new Map(CONSUMED_TOPICS.map((topic) => [topic, found.get(nameOf(topic)) ?? []])),
      deadLetters: DEAD_LETTERS.map((topic) => ({
        gauge: 'deadLetterRecords',
        labels: { topic },
        value: sum(found.get(nameOf(topic)) ?? []) - sum(starts.get(nameOf(topic)) ?? []),
      })),
    };
  }

  async #count(now: number): Promise<void> {
    const asked = performance.now();
    if (asked < this.#countAgainAt) return;
    // Also when it fails: what takes too long is not tried again at once.
    this.#countAgainAt = asked + COUNT_REST * COUNT_WITHIN_MS;
    const { open, overdue } = await countHolds(this.options.database, now, COUNT_WITHIN_MS);
    const tookMs = performance.now() - asked;
    const restMs = Math.max(COUNT_LEAST_MS, COUNT_REST * tookMs);
    this.#countAgainAt = asked + restMs;
    this.options.metrics.keep(
      'holds',
      [
        { gauge: 'holdsOpen', value: open },
        { gauge: 'holdsOverdue', value: overdue },
        { gauge: 'holdsCountSeconds', value: tookMs / 1_000 },
      ],
      restMs,
    );
  }

  /** Whoever needs a server more than this says that it is away. */
  async #unlessAway<T>(whom: string, look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await look();
    } catch (error) {
      this.options.log.debug(`not sampled: ${whom}: ${(error as Error).message}`);
      return undefined;
    }
  }
}

function samplesOf({ now, outbox, nextDueAt, expiryPause, workers, reconciled }: Sight): Sampled[] {
  const seconds = (since: number | undefined): number =>
    since === undefined ? 0 : Math.max(0, now - since) / 1_000;
  const audited: Sampled[] = reconciled
    ? [
        { gauge: 'differences', value: reconciled.differences },
        { gauge: 'reconciledAt', value: reconciled.finishedAt.getTime() / 1_000 },
      ]
    : [];
  return [
    ...audited,
    { gauge: 'outboxDocuments', value: outbox.documents },
    { gauge: 'outboxAge', value: seconds(outbox.oldestAt) },
    { gauge: 'overdueAge', value: seconds(nextDueAt) },
    { gauge: 'expiryPaused', value: expiryPause?.on ? 1 : 0 },
    { gauge: 'workers', value: workers.filter(({ roles }) => !roles.includes('api')).length },
  ];
}

/** Lanes that were never taken have nobody either. */
function unowned(sight: Sight, partitions: number): number {
  return orphanedLanes(sight).length + Math.max(0, partitions - sight.lanes.length);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
