/** A lane's batch to transactions: events and dead letters in, progress out, the relay woken. */

import type { OrderEvent } from '@holdfast/core';
import {
  deadLetterOf,
  type ConsumedRecord,
  type LaneApplier,
  type LaneBatch,
  type Translated,
} from '@holdfast/messaging';
import {
  applyBatch,
  keepLargeValue,
  letterOf,
  MAX_INLINE_LETTER_BYTES,
  takeLane,
  type BatchResult,
  type BatchTools,
  type OutboxLetter,
  type Position,
} from '@holdfast/store';
import { Logger } from '@nestjs/common';

export interface ApplierOptions {
  tools: BatchTools;
  groupId: string;
  topicPrefix: string;
  /** epoch ms */
  now: () => number;
  /** called after a commit that left something to publish */
  onOutbox: () => void;
}

type Poison = Extract<Translated<OrderEvent>, { poison: object }>['poison'];

export class BatchApplier implements LaneApplier<OrderEvent> {
  readonly #log = new Logger('consume');
  constructor(private readonly options: ApplierOptions) {}

  takeLane(lane: number, owner: string): Promise<void> {
    return takeLane(this.options.tools.database, lane, owner);
  }

  /** Applies all of it, in as many transactions as its orders' lines need. */
  async apply(batch: LaneBatch<OrderEvent>): Promise<void> {
    let items = batch.items;
    do {
      const applied = await this.#applyFirst(batch, items);
      items = items.slice(applied);
    } while (items.length > 0);
  }

  /** @returns how many of the items are applied now */
  async #applyFirst(batch: LaneBatch<OrderEvent>, items: Translated<OrderEvent>[]): Promise<number> {
    const now = this.options.now();
    const events: OrderEvent[] = [];
    const records: ConsumedRecord[] = [];
    /** where in `items` each event stands; one more for the end */
    const places: number[] = [];
    const letters: { place: number; letter: OutboxLetter }[] = [];
    for (const [place, item] of items.entries()) {
      if ('event' in item) {
        events.push(item.event);
        records.push(item.record);
        places.push(place);
      } else {
        const letter = await this.#letter(item.record, item.poison, batch.attempts, now);
        letters.push({ place, letter });
      }
    }
    places.push(items.length);
    const placeAfter = (applied: number): number => places[applied] ?? items.length;
    const result = await applyBatch(this.options.tools, {
      events,
      now,
      lettersAfter: (applied) =>
        letters.flatMap(({ place, letter }) => (place < placeAfter(applied) ? [letter] : [])),
      letterFor: (at, failure) =>
        letterOf(this.#deadLetter(records[at] as ConsumedRecord, failure, batch.attempts, now)),
      lane: {
        id: batch.lane,
        owner: batch.owner,
        positionsAfter: (applied) =>
          this.#positions(batch, items.slice(0, placeAfter(applied)), applied === events.length),
      },
    });
    if (result.outbox > 0) this.options.onOutbox();
    this.#tellConflicts(events, result);
    return placeAfter(result.decisions.length);
  }

  /** Per topic without prefix: where it stands once these items are applied. */
  #positions(
    batch: LaneBatch<OrderEvent>,
    items: Translated<OrderEvent>[],
    whole: boolean,
  ): Map<string, Position> {
    const positions = new Map<string, Position>();
    if (whole) {
      for (const [topic, position] of batch.positions) positions.set(this.#plain(topic), position);
      return positions;
    }
    for (const { record } of items) {
      positions.set(this.#plain(record.topic), {
        nextOffset: record.offset + 1,
        timestamp: record.timestamp,
      });
    }
    return positions;
  }

  #plain(topic: string): string {
    return topic.slice(this.options.topicPrefix.length);
  }

  async #letter(
    record: ConsumedRecord,
    poison: Poison,
    attempts: number,
    now: number,
  ): Promise<OutboxLetter> {
    const message = this.#deadLetter(record, poison, attempts, now);
    if ((record.value?.length ?? 0) <= MAX_INLINE_LETTER_BYTES) return letterOf(message);
    const file = `${record.topic}/${record.partition}/${record.offset}`;
    await keepLargeValue(this.options.tools.database, file, record.value as Buffer);
    return letterOf(message, file);
  }

  #deadLetter(record: ConsumedRecord, poison: Poison, attempts: number, now: number) {
    this.#log.warn(
      `dead letter: ${record.topic}/${record.partition}/${record.offset}: ${poison.errorClass}: ${poison.message}`,
    );
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
      );
    }
  }
}
