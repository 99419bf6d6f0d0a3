/**
 * One lane: the same partition number of all topics, worked as one queue, one batch after the other.
 *
 * A lane lives for one assignment. When the group rebalances, all lanes are closed and new ones made: what they
 * had not applied is read again from the committed offsets, and a batch in flight either commits (and its
 * records find themselves known when they come again) or has lost the lane's fence. The next lane of the same
 * number waits for it, so that two batches of one lane never run side by side in this process.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { LaneLostFault, TransientFault } from '@holdfast/core';
import { FaultTolerantApplier } from './fault-policy.js';
import { LaneBuffer, type BufferLimits } from './lane-buffer.js';
import type { ConsumedRecord, LaneApplier, LanePosition, Translated } from './record.js';
import type { Slots } from './slots.js';

export interface LaneOptions<E> {
  lane: number;
  owner: string;
  topics: readonly string[];
  limits: BufferLimits;
  applier: LaneApplier<E>;
  translate: (records: ConsumedRecord[]) => Promise<Translated<E>[]>;
  /** how many lanes may apply at the same time */
  slots: Slots;
  /** the lane of this number before: settled when nothing of it runs any more */
  before: Promise<void>;
  onApplied: (lane: number, positions: ReadonlyMap<string, LanePosition>, records: number) => void;
  /** the buffer was emptied into a batch */
  onDrained: (lane: number) => void;
  onFatal: (error: unknown) => void;
  log: (message: string) => void;
}

export class Lane<E> {
  readonly #buffer: LaneBuffer;
  readonly #applier: FaultTolerantApplier<E>;
  readonly #settled: Promise<void>;
  #open = true;
  #wake: (() => void) | undefined;

  constructor(private readonly options: LaneOptions<E>) {
    this.#buffer = new LaneBuffer(options.topics, options.limits);
    this.#applier = new FaultTolerantApplier({
      applier: options.applier,
      isOpen: () => this.#open,
      log: options.log,
    });
    this.#settled = this.#run().catch((error: unknown) => {
      if (error instanceof LaneLostFault) options.log(error.message);
      else options.onFatal(error);
    });
  }

  push(topic: string, records: readonly ConsumedRecord[], end: number): void {
    if (!this.#open) return;
    if (records.length > 0) this.#buffer.push(topic, records);
    this.#buffer.pass(topic, end);
    this.#wake?.();
  }

  get buffered(): { records: number; bytes: number } {
    return { records: this.#buffer.size, bytes: this.#buffer.bytes };
  }

  /** Takes nothing more; resolves when the batch in flight is done. What is buffered is dropped. */
  close(): Promise<void> {
    this.#open = false;
    this.#wake?.();
    return this.#settled;
  }

  get settled(): Promise<void> {
    return this.#settled;
  }

  async #run(): Promise<void> {
    const { before, slots, onDrained } = this.options;
    await before;
    await this.#take();
    while (this.#open) {
      if (this.#buffer.isEmpty) {
        await new Promise<void>((wake) => (this.#wake = wake));
        continue;
      }
      const leave = await slots.enter();
      try {
        if (!this.#open) return;
        // Taken late: while the lane waited for its turn, more may have come.
        const { records, positions } = this.#buffer.take();
        onDrained(this.options.lane);
        await this.#apply(records, positions);
      } finally {
        leave();
      }
    }
  }

  async #apply(records: ConsumedRecord[], positions: Map<string, LanePosition>): Promise<void> {
    const { lane, owner, translate, onApplied } = this.options;
    const items = records.length === 0 ? [] : await translate(records);
    await this.#applier.apply({ lane, owner, items, positions });
    if (this.#open) onApplied(lane, positions, records.length);
  }

  async #take(): Promise<void> {
    const { applier, lane, owner, log } = this.options;
    for (let waits = 0; this.#open; waits++) {
      try {
        await applier.takeLane(lane, owner);
        return;
      } catch (error) {
        if (!(error instanceof TransientFault)) throw error;
        if (waits % 30 === 0) log(`lane ${lane} waits to be taken: ${error.message}`);
        await delay(100 + Math.random() * 400);
      }
    }
  }
}
