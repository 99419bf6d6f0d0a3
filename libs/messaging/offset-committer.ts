/**
 * Tells the broker how far lanes are. Behind the transactions and beside them: a commit that is late or lost
 * means records that come again, and find themselves known.
 */

import type { Consumer } from 'kafkajs';
import type { LanePosition } from './record.js';

export class OffsetCommitter {
  #pending = new Map<string, { topic: string; partition: number; offset: string }>();
  #committing: Promise<void> | undefined;

  constructor(
    private readonly consumer: Consumer,
    private readonly log: (message: string) => void,
  ) {}

  note(partition: number, positions: ReadonlyMap<string, LanePosition>): void {
    for (const [topic, { nextOffset }] of positions) {
      this.#pending.set(`${topic}/${partition}`, { topic, partition, offset: String(nextOffset) });
    }
    this.#committing ??= this.#commit().finally(() => (this.#committing = undefined));
  }

  /** After a rebalance the partitions may be another's, and its offsets further. */
  forget(): void {
    this.#pending.clear();
  }

  /** Resolves when nothing is pending. */
  async flush(): Promise<void> {
    while (this.#committing) await this.#committing;
  }

  async #commit(): Promise<void> {
    while (this.#pending.size > 0) {
      const offsets = [...this.#pending.values()];
      this.#pending = new Map();
      try {
        await this.consumer.commitOffsets(offsets);
      } catch (error) {
        this.log(`offsets not committed, their records will come again: ${(error as Error).message}`);
      }
    }
  }
}
