/**
 * Small batches of several lanes in one transaction. A transaction costs nearly the same for few records as for
 * many, so that with little to do six lanes, each with a transaction of its own, would keep the machine busier than
 * with much. One shared transaction at a time, with a moment in between; what arrives meanwhile goes with the next.
 */

import { TransientFault, type OrderEvent } from '@holdfast/core';
import { SMALL_BATCH, systemClock, type Clock, type LaneApplier, type LaneBatch } from '@holdfast/messaging';

type Batch = LaneBatch<OrderEvent>;

/** Applies batches of different lanes together, or fails with nothing applied of what is not. */
export interface TogetherApplier {
  takeLane(lane: number, owner: string): Promise<void>;
  apply(batches: readonly Batch[]): Promise<void>;
}

interface Waiting {
  batch: Batch;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export class SharedTransactions implements LaneApplier<OrderEvent> {
  #waiting: Waiting[] = [];
  #isApplying = false;

  /** @param lingerMs from the beginning of one shared transaction to that of the next, at least */
  constructor(
    private readonly applier: TogetherApplier,
    private readonly lingerMs: number,
    private readonly clock: Clock = systemClock,
  ) {}

  takeLane(lane: number, owner: string): Promise<void> {
    return this.applier.takeLane(lane, owner);
  }

  apply(batch: Batch): Promise<void> {
    // What has failed goes by itself, so that its fault is nobody else's.
    if (batch.attempts > 1 || !isSmall(batch)) return this.applier.apply([batch]);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      void this.#applyWaiting();
    });
  }

  async #applyWaiting(): Promise<void> {
    if (this.#isApplying) return;
    this.#isApplying = true;
    while (this.#waiting.length > 0) {
      const beganAt = this.clock.now();
      await this.#applyTogether(this.#waiting.splice(0));
      const leftMs = this.lingerMs - (this.clock.now() - beganAt);
      // Not more than that, should the clock be set back meanwhile.
      if (leftMs > 0) await this.clock.delay(Math.min(leftMs, this.lingerMs));
    }
    this.#isApplying = false;
  }

  /** Never rejects: each of them is told by itself. */
  async #applyTogether(taken: readonly Waiting[]): Promise<void> {
    try {
      await this.applier.apply(taken.map(({ batch }) => batch));
      for (const { resolve } of taken) resolve();
    } catch (error) {
      if (taken.length === 1 || error instanceof TransientFault)
        for (const { reject } of taken) reject(error);
      // Whose fault it is shows when each is applied by itself; what is applied already is known, and stays.
      else
        await Promise.all(taken.map((one) => this.applier.apply([one.batch]).then(one.resolve, one.reject)));
    }
  }
}

/** What is larger is worth its own transaction. */
function isSmall({ items }: Batch): boolean {
  if (items.length >= SMALL_BATCH.records) return false;
  let bytes = 0;
  for (const { record } of items) bytes += record.value?.length ?? 0;
  return bytes <= SMALL_BATCH.bytes;
}
