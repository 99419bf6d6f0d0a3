/** How long the lanes of a killed worker stand still: from the kill until each has applied something again. Pure. */

import type { LaneState } from './database-look.js';

export class LaneWatch {
  readonly #still = new Map<number, number>();
  readonly #stoodMs = new Map<number, number>();

  /**
   * @param lanes as they were at the kill, those of the killed worker
   * @param killedAt epoch ms
   */
  constructor(
    lanes: readonly LaneState[],
    private readonly killedAt: number,
  ) {
    for (const { lane, applied } of lanes) this.#still.set(lane, applied);
  }

  /** The lanes as they are now. @param at epoch ms */
  look(lanes: readonly LaneState[], at: number): void {
    for (const { lane, applied } of lanes) {
      const before = this.#still.get(lane);
      if (before === undefined) continue;
      // What the worker had committed in its last moment is seen late, and is no movement.
      if (at - this.killedAt < SETTLING_MS) this.#still.set(lane, applied);
      else if (applied > before) {
        this.#still.delete(lane);
        this.#stoodMs.set(lane, at - this.killedAt);
      }
    }
  }

  get lanes(): number[] {
    return [...this.#still.keys(), ...this.#stoodMs.keys()].sort((a, b) => a - b);
  }

  /** Lanes that have not moved yet. */
  get standing(): number[] {
    return [...this.#still.keys()].sort((a, b) => a - b);
  }

  /** The longest standstill of those that have moved again, ms. */
  get longestMs(): number {
    return Math.max(0, ...this.#stoodMs.values());
  }
}

const SETTLING_MS = 500;
