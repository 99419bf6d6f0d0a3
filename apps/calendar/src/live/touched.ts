/** What live events touched, gathered until it is looked at again. */

import type { Touched } from '../api/types.js';

export interface Window {
  from: string;
  to: string;
  productIds: string[];
}

/** The smallest piece of the calendar that has everything touched in view; undefined when nothing is. */
export function windowOf(touched: readonly Touched[], from: string, to: string): Window | undefined {
  const inView = touched.filter(({ date }) => date !== null && date >= from && date <= to);
  const dates = inView.map(({ date }) => date as string).sort();
  const [first] = dates;
  const last = dates.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return { from: first, to: last, productIds: [...new Set(inView.map(({ productId }) => productId))] };
}

export interface Gathering {
  add(touched: readonly Touched[]): void;
  stop(): void;
}

/** Hands on everything that came within `waitMs` of the first, so that a rush is looked at once. */
export function gather(waitMs: number, handOn: (touched: Touched[]) => void): Gathering {
  let waiting: Touched[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    add(touched) {
      waiting.push(...touched);
      timer ??= setTimeout(() => {
        const all = waiting;
        waiting = [];
        timer = undefined;
        handOn(all);
      }, waitMs);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      waiting = [];
    },
  };
}
