/** Cells of the table that are edited and not saved. */

import type { Balances, Place } from '../api/types.js';
import { outcomeOf, parseEntry, type Edit, type Entry, type Seen, type Wrong } from '../calendar/changes.js';
import { keyOf } from '../calendar/slots.js';

export interface Draft {
  place: Place;
  text: string;
  entry: Entry;
  /** what stood there when the edit began */
  seen: Seen;
  /** why the last Save refused it */
  refused?: string;
}

/** by `product/variant/date` */
export type Drafts = ReadonlyMap<string, Draft>;

/** As React's setter: what comes of a save never covers what was typed meanwhile. */
export type SetDrafts = (change: (drafts: Drafts) => Drafts) => void;

export interface Change {
  place: Place;
  text: string;
  now: Balances;
}

/** What is typed is a draft, unless it says what is there already. */
export function drafted(drafts: Drafts, changes: readonly Change[]): Drafts {
  const after = new Map(drafts);
  for (const { place, text, now } of changes) {
    const key = keyOf(place);
    const entry = parseEntry(text);
    const known = drafts.get(key);
    const seen = known?.seen ?? { free: now.free, version: now.version };
    const isSame = entry.kind === 'set' && entry.quantity === now.free && seen.version === now.version;
    if (isSame) after.delete(key);
    else after.set(key, { place, text, entry, seen });
  }
  return after;
}

export function without(drafts: Drafts, places: readonly Place[]): Drafts {
  const after = new Map(drafts);
  for (const place of places) after.delete(keyOf(place));
  return after;
}

export function refused(drafts: Drafts, cells: readonly (Place & { message?: string })[]): Drafts {
  const after = new Map(drafts);
  for (const cell of cells) {
    const draft = drafts.get(keyOf(cell));
    if (draft) after.set(keyOf(cell), { ...draft, refused: cell.message ?? '' });
  }
  return after;
}

/** Why the draft cannot be saved as it is. */
export function wrongOf({ entry, seen }: Draft): Wrong | undefined {
  const outcome = outcomeOf(entry, { ...seen, held: 0, sold: 0, refunded: 0, total: null });
  return 'wrong' in outcome ? outcome.wrong : undefined;
}

export function editsOf(drafts: Drafts): { edits: Edit[]; wrong: Draft[] } {
  const edits: Edit[] = [];
  const wrong: Draft[] = [];
  for (const draft of drafts.values()) {
    const { place, entry, seen } = draft;
    if (entry.kind === 'wrong' || wrongOf(draft)) wrong.push(draft);
    else edits.push({ place, entry, seen });
  }
  return { edits, wrong };
}
