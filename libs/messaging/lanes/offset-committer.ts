/**
 * Commits to Kafka what is applied: the latest offsets, one request in flight, not more often than every so many
 * ms. A commit that fails or comes late is harmless: what is read twice is applied once.
 */

import type { Clock, Log } from '../records.js';

export interface OffsetToCommit {
  topic: string;
  partition: number;
  offset: string;
}

export interface CommitterOptions {
  commit: (offsets: OffsetToCommit[]) => Promise<void>;
  intervalMs: number;
  clock: Clock;
  log: Log;
}

export class OffsetCommitter {
  #pending = new Map<string, OffsetToCommit>();
  #running: Promise<void> | undefined;
  #hurry = new AbortController();

  constructor(private readonly options: CommitterOptions) {}

  mark(topic: string, partition: number, nextOffset: number): void {
    this.#pending.set(`${topic}/${partition}`, { topic, partition, offset: String(nextOffset) });
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Lanes were assigned anew: offsets that wait are of lanes that may be others' now. */
  forget(): void {
    this.#pending.clear();
  }

  /** Resolves when what was marked is committed, or has failed. */
  async flush(): Promise<void> {
    this.#hurry.abort();
    await this.#running;
    this.#hurry = new AbortController();
  }

  async #run(): Promise<void> {
    const { commit, clock, intervalMs, log } = this.options;
    while (this.#pending.size > 0) {
      await clock.delay(intervalMs, this.#hurry.signal);
      const offsets = [...this.#pending.values()];
      this.#pending.clear();
      if (offsets.length === 0) return;
      try {
        await commit(offsets);
      } catch (error) {
        log.warn(`offsets not committed, which is harmless: ${(error as Error).message}`);
      }
    }
  }
}
