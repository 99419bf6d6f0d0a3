/**
 * Rests between slices. What is read as of one moment has to be read while the server has that moment (5 minutes
 * unless set otherwise), so the rests of a store that takes long become shorter, and then none.
 */

import { setTimeout as delay } from 'node:timers/promises';

/** From so long after the begin of a store on, rests are a quarter; from `HURRY_MS` on there are none. */
const SHORTER_MS = 90_000;
const HURRY_MS = 180_000;

class GivenUp extends Error {
  override name = 'GivenUp';
}

export class Pacer {
  readonly #stopping = new AbortController();
  #begunAt = 0;

  constructor(
    private readonly pauseMs: number,
    /** whether to go on at all */
    private readonly isActive: () => boolean,
    /** ms since any moment */
    private readonly stopwatch: () => number = () => performance.now(),
  ) {}

  /** A store begins, and with it its moment. */
  begin(): void {
    this.#begunAt = this.stopwatch();
  }

  /** @throws what `isGivenUp` knows, when another process is active by now or this one stops */
  async rest(): Promise<void> {
    const { signal } = this.#stopping;
    const ms = this.restMs();
    if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || !this.isActive()) throw new GivenUp('given up in the middle of a store');
  }

  /** How long the next rest is. */
  restMs(): number {
    const elapsed = this.stopwatch() - this.#begunAt;
    if (elapsed >= HURRY_MS) return 0;
    return elapsed >= SHORTER_MS ? this.pauseMs / 4 : this.pauseMs;
  }

  isGivenUp(error: unknown): boolean {
    return error instanceof GivenUp;
  }

  stop(): void {
    this.#stopping.abort();
  }
}
