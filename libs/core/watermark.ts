/**
 * Expiry never outruns payments: a hold expires only when every payment and rejection that the broker had by
 * the time the hold fell due has been applied.
 */

export interface Backlog {
  /** the broker's end: the offset that the next record will get */
  end: number;
  /** the next offset to apply; undefined when nothing was ever applied */
  next?: number;
  /** broker timestamp of the last record applied, epoch ms */
  appliedAt?: number;
}

/**
 * The least, over all partitions of payments and rejections, of: the time of looking, where the applied position
 * has reached the end; else the timestamp of the last applied record. One beyond the end has moved since the end was
 * asked for, or its topic was made anew and nothing of it is applied: the last record's timestamp is right for both.
 * @param lookedAt epoch ms, taken before the ends were asked for, and those before the positions were read
 * @returns epoch ms; holds due at or before it may expire
 */
export function watermarkOf(backlogs: Iterable<Backlog>, lookedAt: number): number {
  let watermark = lookedAt;
  for (const backlog of backlogs) {
    if (isCaughtUp(backlog)) continue;
    watermark = Math.min(watermark, backlog.appliedAt ?? 0);
  }
  return watermark;
}

export function isCaughtUp({ end, next }: Backlog): boolean {
  return (next ?? 0) === end;
}
