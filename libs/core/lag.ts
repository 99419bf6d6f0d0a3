/** How far a partition is behind, in records and in time. */

import type { Backlog } from './watermark.js';

export interface Lag {
  /** not applied yet */
  records: number;
  /** how long the oldest of them has waited, at most; ms */
  ms: number;
}

/**
 * The oldest record that waits came after the last one that was applied, and after the last moment at which none
 * waited: the later of the two bounds its age, so a lane that was idle for a day is not a day late at its next record.
 * @param now epoch ms
 * @param clearAt when nothing was seen to wait, or looking began; epoch ms
 */
export function lagOf(backlog: Backlog, now: number, clearAt: number): Lag {
  const records = backlog.end - (backlog.next ?? 0);
  if (records <= 0) return { records: 0, ms: 0 };
  const since = Math.max(backlog.appliedAt ?? 0, clearAt);
  return { records, ms: Math.max(0, now - since) };
}
