/**
 * What this process counts of its own work. Everything is told once a batch, from what the batch has at hand; a
 * record costs no more than being summed. docs/runbook.md says what to make of the numbers.
 */

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { CONSUMED_TOPICS, POISON_CLASSES } from '@holdfast/contracts';
import { OUTCOMES, type Decision } from '@holdfast/core';
import type { BatchWatch } from '@holdfast/store';

export type BatchSource = 'consume' | 'expire';

/** Reasons beside those of records that cannot be read. */
const OTHER_REASONS = ['too-many-facts', 'too-old', 'too-large'] as const;
const REASONS = new Set<string>([...POISON_CLASSES, ...OTHER_REASONS]);
/** Of whatever has no name here: a series must be there before it is first counted, or its first count is not seen. */
const NO_KNOWN_REASON = 'other';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const LATE_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600];
const RECORDS = [1, 5, 10, 50, 100, 250, 500, 1_000, 1_500, 2_000, 5_000, 10_000];

/** A batch that is committed. */
export interface BatchDone {
  source: BatchSource;
  /** dead letters among them */
  records: number;
  durationMs: number;
  decisions: readonly Decision[];
}

export class WorkerMetrics {
  readonly #of;

  constructor(registry: Registry) {
    this.#of = { ...batchMetrics([registry]), ...otherMetrics([registry]) };
    this.#begin();
  }

  /** Every series that can be named now starts at 0, so that its first count is an increase. */
  #begin(): void {
    for (const source of ['consume', 'expire'] as const) {
      this.#of.batchRecords.zero({ source });
      this.#of.batchSeconds.zero({ source });
      this.#of.retries.inc({ source }, 0);
      this.#of.guardMisses.inc({ source }, 0);
    }
    for (const outcome of OUTCOMES) if (outcome !== 'StockChanged') this.#of.outcomes.inc({ outcome }, 0);
    for (const kind of ['fact', 'unchanged', 'conflicting', 'refused']) this.#of.decisions.inc({ kind }, 0);
    for (const topic of CONSUMED_TOPICS) {
      for (const reason of [...REASONS, NO_KNOWN_REASON]) this.#of.deadLetters.inc({ topic, reason }, 0);
    }
  }

  watch(source: BatchSource): BatchWatch {
    return {
      retried: () => this.#of.retries.inc({ source }),
      guardMissed: () => this.#of.guardMisses.inc({ source }),
    };
  }

  batch({ source, records, durationMs, decisions }: BatchDone): void {
    this.#of.batchRecords.observe({ source }, records);
    this.#of.batchSeconds.observe({ source }, durationMs / 1_000);
    const { kinds, outcomes } = countsOf(decisions);
    for (const [kind, count] of kinds) this.#of.decisions.inc({ kind }, count);
    for (const [outcome, count] of outcomes) this.#of.outcomes.inc({ outcome }, count);
  }

  /** @param topic without prefix */
  deadLetter(topic: string, reason: string): void {
    this.#of.deadLetters.inc({ topic, reason: REASONS.has(reason) ? reason : NO_KNOWN_REASON });
  }

  /** @param lateness ms of each hold that has expired */
  expired(lateness: readonly number[]): void {
    for (const ms of lateness) this.#of.lateness.observe(ms / 1_000);
  }

  stalled(): void {
    this.#of.stalled.inc();
  }

  published(messages: number, durationMs: number): void {
    this.#of.published.inc(messages);
    this.#of.publishSeconds.observe(durationMs / 1_000);
  }
}

function batchMetrics(registers: Registry[]) {
  const bySource = ['source'] as const;
  return {
    batchRecords: new Histogram({
      name: 'holdfast_batch_records',
      help: 'Records, or due holds, of one transaction.',
      labelNames: bySource,
      buckets: RECORDS,
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'holdfast_batch_duration_seconds',
      help: 'From the first read of a batch to its commit, tries in vain included.',
      labelNames: bySource,
      buckets: SECONDS,
      registers,
    }),
    retries: new Counter({
      name: 'holdfast_transaction_retries_total',
      help: 'Transactions read and decided anew because somebody else changed what they had read.',
      labelNames: bySource,
      registers,
    }),
    guardMisses: new Counter({
      name: 'holdfast_guard_misses_total',
      help: 'Statements whose guard did not hold: the database has not what a batch has read of it.',
      labelNames: bySource,
      registers,
    }),
    decisions: new Counter({
      name: 'holdfast_decisions_total',
      help: 'Records and due holds by what came of them: fact, unchanged, conflicting or refused.',
      labelNames: ['kind'] as const,
      registers,
    }),
    outcomes: new Counter({
      name: 'holdfast_outcomes_total',
      help: 'Outcomes decided by the pipeline; those of the merchant alone are not among them.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    deadLetters: new Counter({
      name: 'holdfast_dead_letters_total',
      help: 'Records that became dead letters, by their topic and why.',
      labelNames: ['topic', 'reason'] as const,
      registers,
    }),
  };
}

function otherMetrics(registers: Registry[]) {
  return {
    lateness: new Histogram({
      name: 'holdfast_expiry_lateness_seconds',
      help: 'From when a hold fell due to when its release was committed.',
      buckets: LATE_SECONDS,
      registers,
    }),
    stalled: new Counter({
      name: 'holdfast_expiry_stalled_partitions_total',
      help: 'Partitions of payments or rejections that no longer hold expiry back, having stood still for too long.',
      registers,
    }),
    published: new Counter({
      name: 'holdfast_published_messages_total',
      help: 'Messages that the broker has, dead letters included.',
      registers,
    }),
    publishSeconds: new Histogram({
      name: 'holdfast_publish_duration_seconds',
      help: 'From handing messages to the client to the last acknowledgement.',
      buckets: SECONDS,
      registers,
    }),
  };
}

/** How many of each; a batch has few different ones. */
function countsOf(decisions: readonly Decision[]) {
  const kinds = new Map<string, number>();
  const outcomes = new Map<string, number>();
  for (const decision of decisions) {
    kinds.set(decision.kind, (kinds.get(decision.kind) ?? 0) + 1);
    if (decision.kind !== 'fact' || !decision.transition) continue;
    for (const { outcome } of decision.transition.outcomes) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  }
  return { kinds, outcomes };
}

/** A gauge that is asked when it is looked at. */
export function askedGauge(
  registry: Registry,
  name: string,
  help: string,
  ask: () => number | undefined,
): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      const value = ask();
      if (value === undefined) this.remove();
      else this.set(value);
    },
  });
}
