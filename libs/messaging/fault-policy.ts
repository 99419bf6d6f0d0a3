/**
 * Applies a batch whatever is wrong with it: waits out what is only away, halves the batch around a record that
 * cannot be applied until it is alone and a dead letter, and gives up only when faults come in a row that
 * nobody knows.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { ContentFault, LaneLostFault, TransientFault } from '@holdfast/core';
import type { LaneApplier, LaneBatch, LanePosition, Translated } from './record.js';

export interface FaultPolicy<E> {
  applier: LaneApplier<E>;
  /** false once the lane is another's or the process stops: nothing is retried any more */
  isOpen: () => boolean;
  log: (message: string) => void;
}

/** Unknown faults of single records in a row that are no longer the records' fault. */
export const MAX_UNKNOWN_IN_A_ROW = 20;
const MAX_BACKOFF_MS = 2_000;
const ATTEMPTS_ALONE = 3;

export class TooManyUnknownFaults extends Error {
  override name = 'TooManyUnknownFaults';
}

type Batch<E> = Omit<LaneBatch<E>, 'attempts'>;

export class FaultTolerantApplier<E> {
  #unknownInARow = 0;

  constructor(private readonly policy: FaultPolicy<E>) {}

  /** @throws LaneLostFault; TooManyUnknownFaults */
  async apply(batch: Batch<E>): Promise<void> {
    for (let attempts = 1; ; attempts++) {
      const fault = await this.#try({ ...batch, attempts });
      if (fault === undefined) {
        this.#unknownInARow = 0;
        return;
      }
      if (batch.items.length > 1) {
        const [first, second] = halves(batch);
        await this.apply(first);
        await this.apply(second);
        return;
      }
      if (batch.items.length === 0) throw fault;
      const known = fault instanceof ContentFault;
      if (!known && attempts < ATTEMPTS_ALONE) continue;
      await this.#deadLetter(batch, fault, attempts);
      return;
    }
  }

  /** @returns a fault of the content, or an unknown one */
  async #try(batch: LaneBatch<E>): Promise<unknown> {
    for (let waits = 0; ; waits++) {
      try {
        await this.policy.applier.apply(batch);
        return undefined;
      } catch (error) {
        if (error instanceof LaneLostFault) throw error;
        if (!(error instanceof TransientFault)) return error ?? new Error('nothing was thrown');
        if (waits % 30 === 0) this.policy.log(`lane ${batch.lane} waits: ${error.message}`);
        await delay(Math.min(MAX_BACKOFF_MS, 50 * 2 ** Math.min(waits, 6)) * (0.5 + Math.random() / 2));
        if (!this.policy.isOpen()) throw new LaneLostFault('closed while waiting', { cause: error });
      }
    }
  }

  async #deadLetter(batch: Batch<E>, fault: unknown, attempts: number): Promise<void> {
    const known = fault instanceof ContentFault;
    if (!known) {
      this.#unknownInARow += 1;
      this.policy.log(`a record fails for an unknown reason: ${stackOf(fault)}`);
      if (this.#unknownInARow >= MAX_UNKNOWN_IN_A_ROW) {
        throw new TooManyUnknownFaults(`${MAX_UNKNOWN_IN_A_ROW} records in a row failed: ${stackOf(fault)}`);
      }
    }
    const { record } = batch.items[0] as Translated<E>;
    const errorClass = known ? fault.errorClass : 'unexpected-error';
    const message = known ? fault.message : `${fault instanceof Error ? fault.name : typeof fault}`;
    const items: Translated<E>[] = [{ record, poison: { errorClass, message } }];
    const again = await this.#try({ ...batch, items, attempts });
    // Not even its dead letter can be written: that is no fault of the record.
    if (again !== undefined) throw again;
  }
}

function stackOf(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}

/** The first half stands where its own records end; the second, where the whole batch does. */
function halves<E>(batch: Batch<E>): [Batch<E>, Batch<E>] {
  const middle = batch.items.length >> 1;
  const first = batch.items.slice(0, middle);
  const positions = new Map<string, LanePosition>();
  for (const { record } of first) {
    positions.set(record.topic, { nextOffset: record.offset + 1, timestamp: record.timestamp });
  }
  return [
    { ...batch, items: first, positions },
    { ...batch, items: batch.items.slice(middle) },
  ];
}
