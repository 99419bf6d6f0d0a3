/** When each event is sent: at once, so many orders a second, or as the file's times say, faster or slower. */

import { setTimeout as delay } from 'node:timers/promises';
import type { PlannedEvent } from './timeline.js';

export type Pace =
  | { kind: 'at-once' }
  | { kind: 'rate'; ordersPerSecond: number }
  /** an hour of the file takes an hour divided by `factor` */
  | { kind: 'compressed'; factor: number };

export interface PaceClock {
  /** epoch ms */
  now(): number;
  wait(ms: number): Promise<void>;
}

export const SYSTEM_CLOCK: PaceClock = { now: () => Date.now(), wait: (ms) => delay(ms) };

/** Events that are sent together. */
const MAX_BATCH = 500;

/** The events in batches, each yielded when it is time for it. */
export async function* paced(
  events: readonly PlannedEvent[],
  pace: Pace,
  clock: PaceClock = SYSTEM_CLOCK,
): AsyncGenerator<PlannedEvent[]> {
  const start = clock.now();
  const offsets = offsetsOf(events, pace);
  let next = 0;
  while (next < events.length) {
    const wait = start + (offsets[next] as number) - clock.now();
    if (wait > 0) await clock.wait(wait);
    const reached = Math.max(clock.now() - start, offsets[next] as number);
    const from = next;
    while (next < events.length && next - from < MAX_BATCH && (offsets[next] as number) <= reached) next += 1;
    yield events.slice(from, next);
  }
}

/** ms after the start; never falling. */
export function offsetsOf(events: readonly PlannedEvent[], pace: Pace): number[] {
  const first = events[0]?.at ?? 0;
  let orders = 0;
  return events.map(({ topic, at }) => {
    switch (pace.kind) {
      case 'at-once':
        return 0;
      case 'compressed':
        return (at - first) / pace.factor;
      case 'rate': {
        if (topic === 'OrderPlaced') orders += 1;
        return (Math.max(orders - 1, 0) * 1_000) / pace.ordersPerSecond;
      }
    }
  });
}
