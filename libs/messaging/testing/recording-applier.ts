/** An applier that remembers, and tells whoever waits. */

import type { LaneApplier, LaneBatch, Translated } from '../records.js';

export class RecordingApplier<E> implements LaneApplier<E> {
  readonly batches: LaneBatch<E>[] = [];
  readonly taken: { lane: number; owner: string }[] = [];
  #waiting: { holds: () => boolean; resolve: () => void }[] = [];
  /** called before a batch counts as applied; may reject or take its time */
  onApply: (batch: LaneBatch<E>) => Promise<void> = () => Promise.resolve();
  onTake: (lane: number, owner: string) => Promise<void> = () => Promise.resolve();

  async takeLane(lane: number, owner: string): Promise<void> {
    await this.onTake(lane, owner);
    this.taken.push({ lane, owner });
    this.tell();
  }

  async apply(batch: LaneBatch<E>): Promise<void> {
    await this.onApply(batch);
    this.batches.push(batch);
    this.tell();
  }

  get items(): Translated<E>[] {
    return this.batches.flatMap((batch) => batch.items);
  }

  /** Next offset of a topic-partition, as the last batch said it. */
  position(topic: string, partition: number): number | undefined {
    for (let at = this.batches.length - 1; at >= 0; at--) {
      const batch = this.batches[at];
      const position = batch?.lane === partition ? batch.positions.get(topic) : undefined;
      if (position) return position.nextOffset;
    }
    return undefined;
  }

  /** Resolves as soon as it holds; looked at after every call. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ holds, resolve }));
  }

  /** Looks again at what is waited for. */
  tell(): void {
    const holding = this.#waiting.filter(({ holds }) => holds());
    this.#waiting = this.#waiting.filter((waiter) => !holding.includes(waiter));
    for (const { resolve } of holding) resolve();
  }
}
