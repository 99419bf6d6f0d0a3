/**
 * Lets unpaid holds expire: finds those that are due, asks how far payments and rejections have been applied,
 * and takes what the watermark allows through the same transaction as everything else.
 *
 * The time is the database's. A process whose clock runs ahead must not let holds expire early, so its own clock
 * only tells how long things take.
 */

import type { Logger } from '@nestjs/common';
import { WATERMARK_TOPICS } from '@holdfast/contracts';
import { GuardFault, isCaughtUp, watermarkOf, type Backlog, type OrderEvent } from '@holdfast/core';
import type { Tracing } from '@holdfast/telemetry';
import {
  applyBatch,
  appliedPositions,
  backlogOf,
  dueHolds,
  isExpiryPaused,
  nextDue,
  type BatchTools,
  type DueHold,
  type OutboxDoc,
} from '@holdfast/store';
import type { WorkerMetrics } from '../metrics/worker-metrics.js';
import { batchesByStore } from './batches-by-store.js';

/** The longest and the shortest pause between two looks, ms. */
const MAX_PAUSE_MS = 200;
const MIN_PAUSE_MS = 5;
/** Taken at once when very many are due, so that a batch finds holds that lie close together. */
const BATCHES_A_TURN = 4;
/** While one waits for the database, the other is decided. */
export const BATCHES_AT_ONCE = 2;

export interface ExpiryOptions {
  tools: BatchTools;
  log: Logger;
  /** ms since any moment: only differences count */
  stopwatch: () => number;
  /** most holds in one transaction */
  batchSize: number;
  /** a backlog without progress for so long is no longer waited for, ms */
  stallAlarmMs: number;
  /** end offsets of every partition, by topic without prefix */
  endOffsets: (topics: readonly string[]) => Promise<Map<string, number[]>>;
  onOutbox: (docs: readonly OutboxDoc[]) => void;
  metrics?: WorkerMetrics | undefined;
  tracing?: Tracing | undefined;
}

export class ExpiryTimer {
  readonly #stalls = new Map<string, { next: number; since: number; alarmed: boolean }>();

  constructor(private readonly options: ExpiryOptions) {}

  /** Expires at most `BATCHES_A_TURN` batches. @returns ms until the next look */
  async turn(): Promise<number> {
    const { tools, stopwatch, batchSize, tracing } = this.options;
    const asked = stopwatch();
    const next = await nextDue(tools.database);
    if (next === undefined) return MAX_PAUSE_MS;
    const early = next.dueAt - next.now;
    if (early > 0) return Math.max(MIN_PAUSE_MS, Math.min(MAX_PAUSE_MS, early));
    if (await isExpiryPaused(tools.database)) return MAX_PAUSE_MS;
    const watermark = await this.#watermark(next.now);
    const most = BATCHES_A_TURN * batchSize;
    const holds = await dueHolds(tools.database, watermark, most, tracing !== undefined);
    if (holds.length === 0) return MAX_PAUSE_MS;
    await this.#expire(holds, watermark, () => next.now + Math.round(stopwatch() - asked));
    return 0;
  }

  /** @param now the database's time, epoch ms. @throws GuardFault when all others have expired */
  async #expire(holds: DueHold[], watermark: number, now: () => number): Promise<void> {
    const batches = batchesByStore(holds, this.options.batchSize);
    const lateness: number[] = [];
    let kept: GuardFault | undefined;
    const apply = async (batch: DueHold[]): Promise<void> => {
      try {
        await this.#applyTraced(batch, watermark, now);
        const committed = now();
        for (const { dueAt } of batch) lateness.push(committed - dueAt);
      } catch (error) {
        if (!(error instanceof GuardFault)) throw error;
        // A hold whose stock is damaged keeps itself alone.
        const middle = batch.length >> 1;
        if (middle === 0) kept = error;
        else for (const half of [batch.slice(0, middle), batch.slice(middle)]) await apply(half);
      }
    };
    const work = async (): Promise<void> => {
      for (let batch = batches.shift(); batch; batch = batches.shift()) await apply(batch);
    };
    const works = await Promise.allSettled(Array.from({ length: BATCHES_AT_ONCE }, work));
    this.#tell(lateness);
    for (const done of works) if (done.status === 'rejected') throw done.reason;
    if (kept) throw kept;
  }

  /** Linked to the placing of these holds, however long ago that was. */
  async #applyTraced(holds: DueHold[], watermark: number, now: () => number): Promise<void> {
    const { tracing } = this.options;
    if (!tracing) return this.#applyAll(holds, watermark, now);
    const from = holds.flatMap(({ trace }) => trace ?? []);
    const attributes = { 'holdfast.holds': holds.length };
    await tracing.span('expire holds', { kind: 'internal', attributes, from, isOwn: true }, (span) =>
      this.#applyAll(holds, watermark, now, span.traceparent),
    );
  }

  async #applyAll(holds: DueHold[], watermark: number, now: () => number, trace?: string): Promise<void> {
    const { tools, onOutbox, metrics, stopwatch } = this.options;
    const watch = metrics?.watch('expire');
    const events = holds.map(({ storeId, orderId, dueAt }): OrderEvent => {
      const eventId = `${storeId}/${orderId}/due/${dueAt}`;
      return { type: 'due', storeId, orderId, watermark, cause: { topic: 'timer', eventId } };
    });
    for (let from = 0; from < events.length;) {
      const asked = stopwatch();
      const batch = {
        events: events.slice(from),
        now: now(),
        ...(watch && { watch }),
        ...(trace !== undefined && { trace }),
      };
      const { decisions, outbox } = await applyBatch(tools, batch);
      from += decisions.length;
      const durationMs = stopwatch() - asked;
      metrics?.batch({ source: 'expire', records: decisions.length, durationMs, decisions });
      if (outbox.length > 0) onOutbox(outbox);
    }
  }

  /** @param lateness ms of each hold, from due to committed */
  #tell(lateness: number[]): void {
    if (lateness.length === 0) return;
    this.options.metrics?.expired(lateness);
    lateness.sort((a, b) => a - b);
    const p50 = lateness[lateness.length >> 1] ?? 0;
    const worst = lateness[lateness.length - 1] ?? 0;
    this.options.log.log(
      `${lateness.length} holds expired, late by ${p50} ms at the median and ${worst} ms at most`,
      { holds: lateness.length, p50Ms: p50, worstMs: worst },
    );
  }

  /**
   * Taken in this order: the time, the ends, the positions. So what counts as caught up really is.
   * @param lookedAt epoch ms
   */
  async #watermark(lookedAt: number): Promise<number> {
    const { tools, endOffsets } = this.options;
    const ends = await endOffsets(WATERMARK_TOPICS);
    const applied = await appliedPositions(tools.database);
    const backlogs: Backlog[] = [];
    for (const [topic, partitions] of ends) {
      for (const [partition, end] of partitions.entries()) {
        const backlog = backlogOf(end, applied.get(topic)?.get(partition));
        if (!this.#isStalled(`${topic}/${partition}`, backlog)) backlogs.push(backlog);
      }
    }
    return watermarkOf(backlogs, lookedAt);
  }

  /** A backlog that has not moved for very long is an alarm, and no reason to keep everyone's stock. */
  #isStalled(name: string, backlog: Backlog): boolean {
    const lookedAt = this.options.stopwatch();
    const next = backlog.next ?? 0;
    const stall = this.#stalls.get(name);
    if (isCaughtUp(backlog)) {
      this.#stalls.delete(name);
      return false;
    }
    if (!stall || stall.next !== next) {
      this.#stalls.set(name, { next, since: lookedAt, alarmed: false });
      return false;
    }
    const stalled = lookedAt - stall.since >= this.options.stallAlarmMs;
    if (stalled && !stall.alarmed) {
      stall.alarmed = true;
      this.options.metrics?.stalled();
      const minutes = Math.round((lookedAt - stall.since) / 60_000);
      this.options.log.error(
        `${name}: ${backlog.end - next} records wait and none was applied for ${minutes} minutes; holds expire without it`,
      );
    }
    return stalled;
  }
}
