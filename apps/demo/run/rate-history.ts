/** How many orders were decided in each second, from a total that is looked at now and then. Pure. */

const WINDOW_MS = 2_000;

export class RateHistory {
  readonly #samples: { at: number; total: number }[] = [];
  readonly #seconds: number[] = [];
  #startedAt: number | undefined;
  #last = 0;

  /** @param at epoch ms; not before that of the last time */
  note(total: number, at: number): void {
    this.#startedAt ??= at;
    const second = Math.floor((at - this.#startedAt) / 1_000);
    while (this.#seconds.length <= second) this.#seconds.push(0);
    this.#seconds[second] = (this.#seconds[second] ?? 0) + total - this.#last;
    this.#last = total;
    this.#samples.push({ at, total });
    while ((this.#samples[1]?.at ?? at) <= at - WINDOW_MS) this.#samples.shift();
  }

  /** Over the last two seconds. */
  get perSecond(): number {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.at === first.at) return 0;
    return ((last.total - first.total) / (last.at - first.at)) * 1_000;
  }

  /** Whole seconds that have passed, the oldest first. */
  get seconds(): readonly number[] {
    return this.#seconds.slice(0, -1);
  }
}
