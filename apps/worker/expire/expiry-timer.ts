/**
 * Lets unpaid holds expire: finds those that are due, asks how far payments and rejections have been applied,
 * and takes what the watermark allows through the same transaction as everything else.
 */

import type { Logger } from '@nestjs/common';
import { isCaughtUp, watermarkOf, type Backlog, type OrderEvent } from '@holdfast/core';
import {
  applyBatch,
  appliedPositions,
  dueHolds,
  isExpiryPaused,
  nextDue,
  type BatchTools,
  type DueHold,
} from '@holdfast/store';

/** Topics whose backlog holds expiry back. */
export const WATCHED_TOPICS = ['PaymentReceived', 'OrderRejected'] as const;

/** The longest and the shortest pause between two looks, ms. */
const MAX_PAUSE_MS = 200;
const MIN_PAUSE_MS = 5;

export interface ExpiryOptions {
  tools: BatchTools;
  log: Logger;
  /** epoch ms */
  now: () => number;
  /** most holds in one transaction */
  batchSize: number;
  /** a backlog without progress for so long is no longer waited for, ms */
  stallAlarmMs: number;
  /** end offsets of every partition, by topic without prefix */
  endOffsets: (topics: readonly string[]) => Promise<Map<string, number[]>>;
  onOutbox: () => void;
}

/** What one transaction of the timer came to. */
export interface Expired {
  holds: number;
  /** from due to committed, ms */
  worstLatenessMs: number;
}

export class ExpiryTimer {
  readonly #stalls = new Map<string, { next: number; since: number; alarmed: boolean }>();

  constructor(private readonly options: ExpiryOptions) {}

  /** Expires at most one batch. @returns ms until the next look */
  async turn(): Promise<number> {
    const { tools, now, batchSize } = this.options;
    const due = await nextDue(tools.database);
    if (due === undefined) return MAX_PAUSE_MS;
    const early = due - now();
    if (early > 0) return Math.max(MIN_PAUSE_MS, Math.min(MAX_PAUSE_MS, early));
    if (await isExpiryPaused(tools.database)) return MAX_PAUSE_MS;
    const watermark = await this.#watermark();
    const holds = await dueHolds(tools.database, watermark, batchSize);
    if (holds.length === 0) return MAX_PAUSE_MS;
    await this.#expire(holds, watermark);
    return 0;
  }

  async #expire(holds: DueHold[], watermark: number): Promise<void> {
    const { tools, now, log, onOutbox } = this.options;
    const events = holds.map(({ storeId, orderId, dueAt }): OrderEvent => {
      const eventId = `${storeId}/${orderId}/due/${dueAt}`;
      return { type: 'due', storeId, orderId, watermark, cause: { topic: 'timer', eventId } };
    });
    for (let from = 0; from < events.length;) {
      const result = await applyBatch(tools, { events: events.slice(from), now: now() });
      from += result.decisions.length;
      if (result.outbox > 0) onOutbox();
    }
    const committed = now();
    const lateness = holds.map((hold) => committed - hold.dueAt).sort((a, b) => a - b);
    const worst = lateness[lateness.length - 1] ?? 0;
    const p50 = lateness[lateness.length >> 1] ?? 0;
    log.log(`${holds.length} holds expired, late by ${p50} ms at the median and ${worst} ms at most`);
  }

  /** Taken in this order: the time, the ends, the positions. So what counts as caught up really is. */
  async #watermark(): Promise<number> {
    const { tools, now, endOffsets } = this.options;
    const lookedAt = now();
    const ends = await endOffsets(WATCHED_TOPICS);
    const applied = await appliedPositions(tools.database);
    const backlogs: Backlog[] = [];
    for (const [topic, partitions] of ends) {
      for (const [partition, end] of partitions.entries()) {
        const position = applied.get(topic)?.get(partition);
        const backlog: Backlog = { end };
        if (position) Object.assign(backlog, { next: position.next, appliedAt: position.at.getTime() });
        if (!this.#isStalled(`${topic}/${partition}`, backlog, lookedAt)) backlogs.push(backlog);
      }
    }
    return watermarkOf(backlogs, lookedAt);
  }

  /** A backlog that has not moved for very long is an alarm, and no reason to keep everyone's stock. */
  #isStalled(name: string, backlog: Backlog, lookedAt: number): boolean {
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
      const minutes = Math.round((lookedAt - stall.since) / 60_000);
      this.options.log.error(
        `${name}: ${backlog.end - next} records wait and none was applied for ${minutes} minutes; holds expire without it`,
      );
    }
    return stalled;
  }
}
