import type { Clock } from '../records.js';

/** Time that stands still until the test moves it. */
export class ManualClock implements Clock {
  #now = 1_000_000;
  #sleepers: { until: number; wake: () => void }[] = [];
  #watchers: { count: number; resolve: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  get sleeping(): number {
    return this.#sleepers.length;
  }

  delay(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper = { until: this.#now + delayMs, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', onAbort);
      this.#watchers = this.#watchers.filter(({ count, resolve: tell }) => {
        if (this.#sleepers.length < count) return true;
        tell();
        return false;
      });
    });
  }

  /** Resolves when so many are asleep. */
  asleep(count = 1): Promise<void> {
    if (this.#sleepers.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push({ count, resolve }));
  }

  advance(byMs: number): void {
    this.#now += byMs;
    const due = this.#sleepers.filter(({ until }) => until <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#now);
    for (const { wake } of due) wake();
  }

  /** Waits until somebody sleeps, and wakes everybody who sleeps for at most that long. */
  async wake(byMs = 10_000): Promise<void> {
    await this.asleep();
    this.advance(byMs);
  }
}
