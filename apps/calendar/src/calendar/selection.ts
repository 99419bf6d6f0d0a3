/** Which dates are chosen, and what clicks and keys make of it. The page's own focus is the cursor. */

import { datesBetween } from './dates.js';

export interface Selection {
  readonly dates: ReadonlySet<string>;
  /** where a range starts that Shift extends */
  readonly anchor: string | null;
}

export const NOTHING: Selection = { dates: new Set(), anchor: null };

export function only(date: string): Selection {
  return { dates: new Set([date]), anchor: date };
}

export function toggled({ dates }: Selection, date: string): Selection {
  const after = new Set(dates);
  if (!after.delete(date)) after.add(date);
  return { dates: after, anchor: date };
}

/** From the anchor to the date. @param keep what was chosen before stays chosen */
export function extendedTo({ dates, anchor }: Selection, date: string, keep = false): Selection {
  const from = anchor ?? date;
  return { dates: new Set([...(keep ? dates : []), ...datesBetween(from, date)]), anchor: from };
}

/**
 * A group at once, as all Fridays of a month: instead of the rest, or on top of it. All of them chosen already:
 * they are let go.
 */
export function group({ dates }: Selection, members: readonly string[], keep: boolean): Selection {
  const first = members[0] ?? null;
  const all = members.every((date) => dates.has(date));
  if (all && (keep || dates.size === members.length)) {
    return { dates: new Set([...dates].filter((date) => !members.includes(date))), anchor: first };
  }
  return { dates: new Set([...(keep ? dates : []), ...members]), anchor: first };
}

export function inOrder({ dates }: Selection): string[] {
  return [...dates].sort();
}
