/** For how long a pipeline under steady load decides nothing, and tells nothing: by lane, while something is broken. */

import type { Pipeline } from '../support/pipeline.js';
import type { ShopLoad } from '../chaos/shop-load.js';
import { ALL_LANES } from '../chaos/crew.js';

const LOOK_EVERY_MS = 10;

/** ms */
export interface Pauses {
  /** in which no lane at all has told anything */
  everywhere: number;
  /** of the lane that stood longest: between two of its decisions, and between their arrivals at a reader's */
  decided: number;
  arrived: number;
}

interface Seen {
  lane: number;
  decidedAt: number;
  arrivedAt: number;
}

export class PauseWatch {
  readonly #seen: Seen[] = [];
  readonly #timer: NodeJS.Timeout;
  #read = 0;

  constructor(
    private readonly shop: Pipeline,
    load: ShopLoad,
  ) {
    const laneOf = new Map(
      ALL_LANES.flatMap((lane) => [...load.storesOf(lane)].map((store): [string, number] => [store, lane])),
    );
    this.#timer = setInterval(() => this.#look(laneOf), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The longest ones of those that begin in this time, or reach into it. @param from, @param to epoch ms */
  between(from: number, to: number): Pauses {
    const within = this.#seen.filter(({ arrivedAt }) => arrivedAt > from && arrivedAt < to);
    const decided: number[] = [];
    const arrived: number[] = [];
    for (const lane of ALL_LANES) {
      const own = within.filter((seen) => seen.lane === lane);
      const decisions = own.map(({ decidedAt }) => decidedAt);
      // What is decided and has not arrived yet is not known here: no pause ends with the last one that has.
      decided.push(longestGap(decisions, from, Math.max(from, ...decisions)));
      arrived.push(
        longestGap(
          own.map(({ arrivedAt }) => arrivedAt),
          from,
          to,
        ),
      );
    }
    return {
      everywhere: longestGap(
        within.map(({ arrivedAt }) => arrivedAt),
        from,
        to,
      ),
      decided: Math.max(...decided),
      arrived: Math.max(...arrived),
    };
  }

  #look(laneOf: ReadonlyMap<string, number>): void {
    const { outcomes } = this.shop.outcomes();
    const arrivedAt = Date.now();
    for (; this.#read < outcomes.length; this.#read++) {
      const { storeId, occurredAt, cause } = outcomes[this.#read] as (typeof outcomes)[number];
      const lane = laneOf.get(storeId);
      // What the timer and the merchant do is no answer to what a shop has sent.
      if (lane === undefined || cause.topic === 'timer' || cause.topic === 'api') continue;
      this.#seen.push({ lane, decidedAt: Date.parse(occurredAt), arrivedAt });
    }
  }
}

function longestGap(times: readonly number[], from: number, to: number): number {
  const within = times.filter((time) => time > from && time < to).sort((a, b) => a - b);
  let longest = 0;
  let last = from;
  for (const time of [...within, to]) {
    longest = Math.max(longest, time - last);
    last = time;
  }
  return longest;
}

export function pausesOf({ everywhere, decided, arrived }: Pauses): string {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  return (
    `the slowest lane's outcomes paused for ${seconds(arrived)} (decisions for ${seconds(decided)}), ` +
    `all of them for ${seconds(everywhere)}`
  );
}
