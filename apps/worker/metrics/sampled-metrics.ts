/**
 * What nobody counts because it is a state of the whole: how far the topics are behind, what waits in the outbox,
 * which holds are open. One process at a time looks, by lease; in the others these series are not there, and neither
 * are they where the last look is too long ago to be believed.
 */

import { Gauge, type Registry } from 'prom-client';

const STALE_AFTER_MS = 20_000;

const GAUGES = {
  lagRecords: [
    'holdfast_lag_records',
    'Records between what is applied and the end of the partition.',
    'topic',
    'partition',
  ],
  lagSeconds: [
    'holdfast_lag_seconds',
    'How long the oldest record that is not applied has waited, at most.',
    'topic',
    'partition',
  ],
  appliedOffset: ['holdfast_applied_offset', 'The next offset to apply.', 'topic', 'partition'],
  watermarkLag: [
    'holdfast_expiry_watermark_lag_seconds',
    'How far W is behind: holds due later than that are kept until payments and rejections are applied.',
  ],
  expiryPaused: ['holdfast_expiry_paused', '1 while operators keep every hold.'],
  outboxDocuments: ['holdfast_outbox_documents', 'Batches that wait to be published.'],
  outboxAge: ['holdfast_outbox_age_seconds', 'How long the oldest of them has waited.'],
  holdsOpen: ['holdfast_holds_open', 'Orders that hold units and wait for payment.'],
  holdsOverdue: ['holdfast_holds_overdue', 'Of them, those that are due.'],
  overdueAge: ['holdfast_overdue_hold_age_seconds', 'How long ago the first of them fell due.'],
  lanesUnowned: ['holdfast_lanes_unowned', 'Partition numbers that no live worker works on.'],
  workers: ['holdfast_workers', 'Worker processes that are alive.'],
  deadLetterRecords: ['holdfast_dead_letter_records', 'Records that a dead-letter topic has.', 'topic'],
  holdsCountSeconds: ['holdfast_holds_count_duration_seconds', 'How long counting the open holds took.'],
  differences: [
    'holdfast_reconcile_differences',
    'What did not add up in the last whole pass of the reconciliation.',
  ],
  reconciledAt: ['holdfast_reconciled_timestamp_seconds', 'When that pass ended.'],
  sampledAt: ['holdfast_sampled_timestamp_seconds', 'When these numbers were last looked up.'],
} as const;
export type SampledGauge = keyof typeof GAUGES;

export type Labels = Partial<Record<'topic' | 'partition', string | number>>;

export interface Sampled {
  gauge: SampledGauge;
  value: number;
  labels?: Labels;
}

/** What is known from one server, or from one look; each goes stale by itself. */
export type Look = 'kafka' | 'mongodb' | 'holds' | 'both';

export class SampledMetrics {
  readonly #looks = new Map<Look, { until: number; samples: readonly Sampled[] }>();

  /**
   * @param isOurs whether this process is the one that looks
   * @param now ms since any moment
   */
  constructor(
    registry: Registry,
    private readonly isOurs: () => boolean,
    private readonly now: () => number,
  ) {
    for (const [key, [name, help, ...labelNames]] of Object.entries(GAUGES)) {
      const collect = (): void => this.#fill(gauge, key as SampledGauge);
      const gauge: Gauge = new Gauge({ name, help, labelNames, registers: [registry], collect });
    }
  }

  /** @param againInMs when the next such look is expected */
  keep(look: Look, samples: readonly Sampled[], againInMs = 0): void {
    this.#looks.set(look, { until: this.now() + againInMs + STALE_AFTER_MS, samples });
  }

  #fill(gauge: Gauge, key: SampledGauge): void {
    gauge.reset();
    // A gauge without labels is 0 after that, which would be an answer.
    if (GAUGES[key].length === 2) gauge.remove();
    if (!this.isOurs()) return;
    for (const { until, samples } of this.#looks.values()) {
      if (this.now() > until) continue;
      for (const { gauge: of, value, labels } of samples) if (of === key) gauge.set(labels ?? {}, value);
    }
  }
}
