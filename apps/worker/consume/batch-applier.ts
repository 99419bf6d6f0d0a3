/** Batches of lanes to transactions: events and dead letters in, progress out, the relay woken. */

import type { OrderEvent } from '@holdfast/core';
import { deadLetterOf, type ConsumedRecord, type LaneBatch, type Translated } from '@holdfast/messaging';
import {
  applyBatch,
  keepLargeValue,
  letterOf,
  MAX_INLINE_LETTER_BYTES,
  takeLane,
  type BatchResult,
  type BatchTools,
  type LaneLetter,
  type LaneMark,
  type OutboxDoc,
  type OutboxLetter,
  type Position,
} from '@holdfast/store';
import type { Tracing, WorkSpan } from '@holdfast/telemetry';
import { Logger } from '@nestjs/common';
import type { WorkerMetrics } from '../metrics/worker-metrics.js';
import { BatchSight } from './batch-sight.js';

export interface ApplierOptions {
  tools: BatchTools;
  groupId: string;
  topicPrefix: string;
  /** epoch ms */
  now: () => number;
  /** called after a commit that left something to publish */
  onOutbox: (docs: readonly OutboxDoc[]) => void;
  metrics?: WorkerMetrics | undefined;
  tracing?: Tracing | undefined;
}

type Poison = Extract<Translated<OrderEvent>, { poison: object }>['poison'];

/** What is left to apply of a lane's batch. */
interface Part {
  batch: LaneBatch<OrderEvent>;
  items: Translated<OrderEvent>[];
}

export class BatchApplier {
  readonly #log = new Logger('consume');
  readonly #sight: BatchSight;

  constructor(private readonly options: ApplierOptions) {
    this.#sight = new BatchSight({ ...options, log: this.#log });
  }

  takeLane(lane: number, owner: string): Promise<void> {
    return takeLane(this.options.tools.database, lane, owner);
  }

  /** Applies all of them, each of another lane, in as many transactions as their orders' lines need. */
  async apply(batches: readonly LaneBatch<OrderEvent>[]): Promise<void> {
    let parts: Part[] = batches.map((batch) => ({ batch, items: batch.items }));
    do parts = after(parts, await this.#applySeen(parts));
    while (parts.length > 0);
  }

  #applySeen(parts: readonly Part[]): Promise<number> {
    const lanes = parts.map(({ batch }) => batch.lane);
    const items = parts.flatMap((part) => part.items);
    return this.#sight.within(lanes, items, async (span) => {
      const asked = performance.now();
      const { applied, result } = await this.#applyFirst(parts, span);
      const durationMs = performance.now() - asked;
      this.#sight.committed({ lanes, applied, result, durationMs }, span);
      return applied;
    });
  }

  /** @returns how many of the parts' items, from the first, are applied now, and with what result */
  async #applyFirst(
    parts: readonly Part[],
    span: WorkSpan | undefined,
  ): Promise<{ applied: number; result: BatchResult }> {
    const now = this.options.now();
    const events: OrderEvent[] = [];
    const records: { record: ConsumedRecord; attempts: number }[] = [];
    /** where among all items each event stands; one more for the end */
    const places: number[] = [];
    const letters: { place: number; letter: LaneLetter }[] = [];
    let place = 0;
    for (const { batch, items } of parts) {
      for (const item of items) {
        if ('event' in item) {
          events.push(item.event);
          records.push({ record: item.record, attempts: batch.attempts });
          places.push(place);
        } else {
          const letter = await this.#letter(item.record, item.poison, batch.attempts, now);
          letters.push({ place, letter });
        }
        place += 1;
      }
    }
    const end = place;
    const placeAfter = (applied: number): number => places[applied] ?? end;
    const { watch } = this.#sight;
    const result = await applyBatch(this.options.tools, {
      events,
      now,
      meanwhile: () => parts.forEach(({ batch }) => batch.meanwhile?.()),
      ...(watch && { watch }),
      ...(span && { trace: span.traceparent }),
      lettersAfter: (applied) =>
        letters.flatMap(({ place, letter }) => (place < placeAfter(applied) ? [letter] : [])),
      recordedAt: (at) => (records[at] as (typeof records)[number]).record.timestamp,
      letterFor: (at, failure) => {
        const { record, attempts } = records[at] as (typeof records)[number];
        const letter = letterOf(this.#deadLetter(record, failure, attempts, now));
        return this.#ofLane(record, failure, letter);
      },
      lanesAfter: (applied) => this.#marks(parts, placeAfter(applied)),
    });
    if (result.outbox.length > 0) this.options.onOutbox(result.outbox);
    this.#tellConflicts(events, result);
    return { applied: placeAfter(result.decisions.length), result };
  }

  /** The lanes as they are once so many of all items are applied. */
  #marks(parts: readonly Part[], applied: number): LaneMark[] {
    const marks: LaneMark[] = [];
    for (const { batch, items } of parts) {
      const own = items.slice(0, Math.max(0, applied));
      const isWhole = own.length === items.length;
      // The whole batch's positions count control records behind its last record.
      if (isWhole || own.length > 0) {
        const positions = isWhole ? this.#whole(batch) : this.#behind(own);
        marks.push({ id: batch.lane, owner: batch.owner, positions });
      }
      applied -= items.length;
      if (applied < 0) break;
    }
    return marks;
  }

  #whole({ positions }: LaneBatch<OrderEvent>): Map<string, Position> {
    return new Map([...positions].map(([topic, position]) => [this.#plain(topic), position]));
  }

  #behind(items: readonly Translated<OrderEvent>[]): Map<string, Position> {
    const positions = new Map<string, Position>();
    for (const { record } of items) {
      const { offset, timestamp } = record;
      positions.set(this.#plain(record.topic), { nextOffset: offset + 1, timestamp });
    }
    return positions;
  }

  #plain(topic: string): string {
    return topic.slice(this.options.topicPrefix.length);
  }

  async #letter(record: ConsumedRecord, poison: Poison, attempts: number, now: number): Promise<LaneLetter> {
    const message = this.#deadLetter(record, poison, attempts, now);
    if ((record.value?.length ?? 0) <= MAX_INLINE_LETTER_BYTES)
      return this.#ofLane(record, poison, letterOf(message));
    const file = `${record.topic}/${record.partition}/${record.offset}`;
    await keepLargeValue(this.options.tools.database, file, record.value as Buffer);
    return this.#ofLane(record, poison, letterOf(message, file));
  }

  #ofLane(
    { topic, partition, offset }: ConsumedRecord,
    { errorClass }: Poison,
    letter: OutboxLetter,
  ): LaneLetter {
    return { letter, lane: partition, topic: this.#plain(topic), offset, errorClass };
  }

  #deadLetter(record: ConsumedRecord, poison: Poison, attempts: number, now: number) {
    const { topic, partition, offset } = record;
    const { errorClass } = poison;
    const about = { lane: partition, topic, partition, offset, errorClass, attempts };
    this.#log.warn(`dead letter: ${topic}/${partition}/${offset}: ${errorClass}: ${poison.message}`, about);
    return deadLetterOf(record, {
      ...poison,
      attempts,
      group: this.options.groupId,
      failedAt: now,
    });
  }

  #tellConflicts(events: OrderEvent[], result: BatchResult): void {
    for (const [at, decision] of result.decisions.entries()) {
      if (decision.kind !== 'conflicting') continue;
      const event = events[at] as OrderEvent;
      this.#log.warn(
        `${event.storeId}/${event.orderId} was placed again, differently, by event ${event.cause.eventId}: ignored`,
        { ...event.cause },
      );
    }
  }
}

/** Without their first so many items; a part of which nothing is left is gone, its lane's progress noted. */
function after(parts: readonly Part[], applied: number): Part[] {
  const left: Part[] = [];
  for (const { batch, items } of parts) {
    if (applied < items.length) left.push({ batch, items: items.slice(Math.max(0, applied)) });
    applied -= items.length;
  }
  return left;
}
