/**
 * When the relay is told of what was committed. To publish a large batch's outcomes takes the worker's one thread some
 * milliseconds, which the batch that follows would wait for before it is read and decided. So the relay is told
 * when that batch has gone out to the database and leaves the thread nothing to do; at once where none follows.
 */

import type { BatchPace, OutboxDoc } from '@holdfast/store';
import type { Signal } from '../signal.js';

/** Fewer messages cost too little to be put off. */
const MANY_MESSAGES = 500;

export class RelayWake implements BatchPace {
  /** under way in this process */
  #batches = 0;
  #isPutOff = false;

  constructor(private readonly signal: Signal) {}

  committed(docs: readonly OutboxDoc[]): void {
    if (docs.reduce((messages, { count }) => messages + count, 0) < MANY_MESSAGES) return this.signal.raise();
    this.#isPutOff = true;
    // A lane that has more begins with it before that.
    setImmediate(() => {
      if (this.#batches === 0) this.#raise();
    });
  }

  begun(): void {
    this.#batches += 1;
  }

  waits(): void {
    this.#raise();
  }

  /** Also when it came to nothing, so that what it kept waiting does not wait for ever. */
  ended(): void {
    this.#batches -= 1;
    this.#raise();
  }

  #raise(): void {
    if (!this.#isPutOff) return;
    this.#isPutOff = false;
    this.signal.raise();
  }
}
