/** Records that wait for their time; more may be added while others are taken. */

import type { TrafficRecord } from './record.js';

export class Schedule {
  /** by time, the soonest last, so that taking is popping */
  readonly #waiting: TrafficRecord[];

  constructor(records: readonly TrafficRecord[] = []) {
    this.#waiting = [...records].sort((a, b) => b.sendAt - a.sendAt);
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(record: TrafficRecord): void {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      // Before those of the same time, so that these are taken first.
      if ((this.#waiting[middle] as TrafficRecord).sendAt > record.sendAt) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, record);
  }

  /** Takes what is due, at most so many, in order of time. @param now epoch ms */
  take(now: number, atMost: number): TrafficRecord[] {
    const due: TrafficRecord[] = [];
    while (due.length < atMost) {
      const next = this.#waiting.at(-1);
      if (!next || next.sendAt > now) break;
      this.#waiting.pop();
      due.push(next);
    }
    return due;
  }
}
