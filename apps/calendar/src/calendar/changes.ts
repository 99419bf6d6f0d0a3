/** What the merchant typed, what it will change, and how it is sent. */

import type { Balances, CellChange, ChangedCell, Place } from '../api/types.js';
import { keyOf, named } from './slots.js';

export const MAX_QUANTITY = 1_000_000_000;
/** Most cells of one request. */
export const MAX_CELLS = 10_000;

export type Entry =
  { kind: 'set'; quantity: number | null } | { kind: 'adjust'; by: number } | { kind: 'wrong'; why: Wrong };
export type Wrong = 'negative' | 'fraction' | 'too-large' | 'not-a-number' | 'no-change';

/** Blank is unlimited; a number is what is left from now on; +5 and −5 move what is left. */
export function parseEntry(text: string): Entry {
  const plain = text.replace(/[\s\u00a0\u202f]/g, '').replace(/[−–]/g, '-');
  if (plain === '' || plain === '∞' || /^unlimited$/i.test(plain)) return { kind: 'set', quantity: null };
  if (/^[+-]?\d+[.,]\d+$/.test(plain)) return { kind: 'wrong', why: 'fraction' };
  if (!/^[+-]?\d+$/.test(plain)) return { kind: 'wrong', why: 'not-a-number' };
  const number = Number(plain);
  if (Math.abs(number) > MAX_QUANTITY) return { kind: 'wrong', why: 'too-large' };
  if (!/^[+-]/.test(plain)) return { kind: 'set', quantity: number };
  return number === 0 ? { kind: 'wrong', why: 'no-change' } : { kind: 'adjust', by: number };
}

/** What the merchant saw when the edit began. */
export type Seen = Pick<Balances, 'free' | 'version'>;

export interface Edit {
  place: Place;
  entry: Exclude<Entry, { kind: 'wrong' }>;
  seen: Seen;
}

/** `free` after the edit, or why it cannot be. */
export function outcomeOf(entry: Entry, now: Balances): { free: number | null } | { wrong: Wrong } {
  if (entry.kind === 'wrong') return { wrong: entry.why };
  if (entry.kind === 'set') return { free: entry.quantity };
  if (now.free === null) return { wrong: 'not-a-number' };
  const free = now.free + entry.by;
  if (free < 0) return { wrong: 'negative' };
  return free > MAX_QUANTITY ? { wrong: 'too-large' } : { free };
}

/**
 * A set number counts from what was seen, so it names that version and is refused when someone else has set
 * another since. Moving by ±n is right whatever the number is now.
 */
export function cellOf({ place, entry, seen }: Edit): CellChange {
  return entry.kind === 'set'
    ? { ...named(place), quantity: entry.quantity, expected: seen.version }
    : { ...named(place), adjust: entry.by };
}

export interface PreviewLine {
  place: Place;
  before: number | null;
  after: number | null;
  /** left, held, sold and refunded together, after it; null: unlimited */
  total: number | null;
  held: number;
  sold: number;
  /** units waiting to be put back, which a set number settles */
  settles: number;
}

/** Only what will differ. */
export function previewOf(edits: readonly Edit[], now: (place: Place) => Balances): PreviewLine[] {
  return edits.flatMap(({ place, entry }) => {
    const balances = now(place);
    const outcome = outcomeOf(entry, balances);
    if ('wrong' in outcome) return [];
    const settles = entry.kind === 'set' ? balances.refunded : 0;
    if (outcome.free === balances.free && settles === 0) return [];
    const { free: before, held, sold, refunded } = balances;
    const { free: after } = outcome;
    const total = after === null ? null : after + held + sold + refunded - settles;
    return [{ place, before, after, total, held, sold, settles }];
  });
}

/** The edits that the preview has a line of: what is sent. */
export function changing(edits: readonly Edit[], lines: readonly PreviewLine[]): Edit[] {
  const keys = new Set(lines.map(({ place }) => keyOf(place)));
  return edits.filter(({ place }) => keys.has(keyOf(place)));
}

export interface PreviewGroup {
  place: Place;
  before: number | null;
  after: number | null;
  /** of the dates, the least and the most that there are in all; null: unlimited */
  totals: { least: number; most: number } | null;
  dates: string[];
}

/** What becomes the same of the same is one line, with its dates. */
export function groupsOf(lines: readonly PreviewLine[]): PreviewGroup[] {
  const groups = new Map<string, PreviewGroup>();
  for (const { place, before, after, total } of lines) {
    const key = JSON.stringify([place.productId, place.variantId, before, after]);
    const group = groups.get(key) ?? {
      place: { ...place, date: null },
      before,
      after,
      totals: null,
      dates: [],
    };
    if (place.date !== null) group.dates.push(place.date);
    if (total !== null) {
      const { least, most } = group.totals ?? { least: total, most: total };
      group.totals = { least: Math.min(least, total), most: Math.max(most, total) };
    }
    groups.set(key, group);
  }
  return [...groups.values()];
}

export interface Conflict {
  edit: Edit;
  current: Balances;
}

export interface Answer {
  changed: ChangedCell[];
  /** someone else changed it since it was seen */
  conflicts: Conflict[];
  refused: ChangedCell[];
}

/** Sorts the answers to edits by what is to be done about them. */
export function answered(edits: readonly Edit[], cells: readonly ChangedCell[]): Answer {
  const byKey = new Map(edits.map((edit) => [keyOf(edit.place), edit]));
  const answer: Answer = { changed: [], conflicts: [], refused: [] };
  for (const cell of cells) {
    const edit = byKey.get(keyOf(cell));
    if (cell.result === 'changed') answer.changed.push(cell);
    else if (cell.reason === 'stale' && edit && cell.current) {
      answer.conflicts.push({ edit, current: cell.current });
    } else answer.refused.push(cell);
  }
  return answer;
}

/** Keys of what is neither saved nor given up: the merchant finds it as he typed it. */
export function leftOpen({ conflicts, refused }: Answer): ReadonlySet<string> {
  return new Set([...conflicts.map(({ edit }) => keyOf(edit.place)), ...refused.map(keyOf)]);
}

/** The same edit, by someone who has seen what it is now. */
export function decidedAnew({ edit, current }: Conflict): Edit {
  return { ...edit, seen: { free: current.free, version: current.version } };
}
