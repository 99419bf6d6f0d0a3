/** What the panel's fields hold: one text a slot, for all chosen dates; `null` is the date of a shop without dates. */

import { useState } from 'react';
import type { Balances } from '../api/types.js';
import { outcomeOf, parseEntry, type Edit, type Seen, type Wrong } from './changes.js';
import { balancesAt, keyOf, placeOf, type Slot, type Stock } from './slots.js';

export interface PanelDrafts {
  text: (slot: Slot) => string | undefined;
  set: (slots: readonly Slot[], text: string | undefined) => void;
  clear: () => void;
  /** Leaves only what was typed for one of these keys. */
  keep: (keys: ReadonlySet<string>) => void;
  isEmpty: boolean;
  edits: Edit[];
  /** by slot id */
  wrong: ReadonlyMap<string, Wrong>;
}

export function usePanelDrafts(
  slots: readonly Slot[],
  dates: readonly (string | null)[],
  stock: Stock,
): PanelDrafts {
  const [texts, setTexts] = useState<ReadonlyMap<string, string>>(new Map());
  // The number that the merchant saw when he began to write over it, or chose one more date.
  const [seen, setSeen] = useState<ReadonlyMap<string, Seen>>(new Map());
  const drafted = slots.filter(({ id }) => texts.has(id));
  const unseen = drafted.flatMap((slot) =>
    dates.flatMap((date) => {
      const key = keyOf(placeOf(slot, date));
      return seen.has(key) ? [] : [[key, seenOf(balancesAt(stock, slot, date))] as const];
    }),
  );
  if (unseen.length > 0) setSeen(new Map([...seen, ...unseen]));

  const edits: Edit[] = [];
  const wrong = new Map<string, Wrong>();
  for (const slot of drafted) {
    const entry = parseEntry(texts.get(slot.id) ?? '');
    for (const date of dates) {
      const place = placeOf(slot, date);
      const now = balancesAt(stock, slot, date);
      const outcome = outcomeOf(entry, now);
      if ('wrong' in outcome) wrong.set(slot.id, outcome.wrong);
      if (entry.kind !== 'wrong') edits.push({ place, entry, seen: seen.get(keyOf(place)) ?? seenOf(now) });
    }
  }
  return {
    text: ({ id }) => texts.get(id),
    set(some, text) {
      const after = new Map(texts);
      for (const { id } of some) {
        if (text === undefined) after.delete(id);
        else after.set(id, text);
      }
      setTexts(after);
      if (after.size === 0) setSeen(new Map());
    },
    clear() {
      setTexts(new Map());
      setSeen(new Map());
    },
    keep(keys) {
      const kept = slots.filter((slot) => dates.some((date) => keys.has(keyOf(placeOf(slot, date)))));
      const ids = new Set(kept.map(({ id }) => id));
      setTexts(new Map([...texts].filter(([id]) => ids.has(id))));
      // What was saved has been seen anew.
      setSeen(new Map([...seen].filter(([key]) => keys.has(key))));
    },
    isEmpty: texts.size === 0,
    edits,
    wrong,
  };
}

function seenOf({ free, version }: Balances): Seen {
  return { free, version };
}
