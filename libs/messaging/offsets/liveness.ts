/** Whether a worker still does what it is there for: records wait, and none was applied for too long. */

export interface Observation {
  /** records that wait in the lanes of this worker */
  lag: number;
  /** anything that only grows, and grows with every record applied */
  progress: number;
}

export interface Liveness {
  alive: boolean;
  /** since when nothing moved although records wait, epoch ms; undefined while all is well */
  stalledSince: number | undefined;
  progress: number;
}

export const ALIVE: Liveness = { alive: true, stalledSince: undefined, progress: 0 };

/** Default of how long a standstill may last, ms. */
export const STALL_AFTER_MS = 60_000;

/** The state after a look. Call it from time to time, more often than the standstill may last. */
export function observed(
  before: Liveness,
  { lag, progress }: Observation,
  now: number,
  stallAfterMs = STALL_AFTER_MS,
): Liveness {
  if (lag <= 0 || progress !== before.progress) return { alive: true, stalledSince: undefined, progress };
  const stalledSince = before.stalledSince ?? now;
  return { alive: now - stalledSince < stallAfterMs, stalledSince, progress };
}

/**
 * Records between what is applied and the ends of the topics.
 * @param positions next offsets by topic and partition, of this worker's lanes alone
 * @param ends offsets by topic and partition number
 */
export function lagOf(
  positions: ReadonlyMap<string, ReadonlyMap<number, number>>,
  ends: ReadonlyMap<string, readonly number[]>,
): number {
  let lag = 0;
  for (const [topic, ofTopic] of positions) {
    for (const [partition, next] of ofTopic) {
      lag += Math.max(0, (ends.get(topic)?.[partition] ?? next) - next);
    }
  }
  return lag;
}
