/** Waits that end in time, and early when there is nothing to wait for any more. */

import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

export class Patience {
  #trouble: Error | undefined;
  readonly #alarms = new Set<(error: Error) => void>();

  /** @param onFailure called before a wait fails */
  constructor(private readonly onFailure: () => void) {}

  /** Something that makes all waiting pointless, now and later. */
  giveUp(trouble: Error): void {
    this.#trouble = trouble;
    for (const alarm of this.#alarms) alarm(trouble);
  }

  /**
   * @param what is waited for, for people
   * @throws in time, or with the trouble
   */
  async within(
    timeoutMs: number,
    what: string | (() => string),
    work: (isOver: () => boolean) => Promise<void>,
  ): Promise<void> {
    if (this.#trouble) throw this.#trouble;
    let over = false;
    let timer: NodeJS.Timeout | undefined;
    let alarm: ((error: Error) => void) | undefined;
    try {
      const failed = new Promise<never>((_, reject) => {
        alarm = reject;
        this.#alarms.add(reject);
        timer = setTimeout(() => {
          const waitedFor = typeof what === 'string' ? what : what();
          reject(new Error(`${timeoutMs} ms have passed without: ${waitedFor}`));
        }, timeoutMs);
      });
      await Promise.race([work(() => over), failed]);
    } catch (error) {
      this.onFailure();
      throw error;
    } finally {
      over = true;
      clearTimeout(timer);
      if (alarm) this.#alarms.delete(alarm);
    }
  }

  /**
   * Looks again and again until nothing is left.
   * @param look what is left, for people; empty when nothing
   * @throws in time, or with the trouble
   */
  async untilNothingIsLeft(timeoutMs: number, what: string, look: () => Promise<string>): Promise<void> {
    let left = 'everything';
    await this.within(
      timeoutMs,
      () => `${what} (left: ${left})`,
      async (isOver) => {
        for (;;) {
          left = await look();
          if (left === '' || isOver()) return;
          await delay(LOOK_EVERY_MS);
        }
      },
    );
  }
}
