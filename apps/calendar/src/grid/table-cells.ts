/** The table's cells by row and column: what they are, what stands in them, and what is written into them. */

import type { Place } from '../api/types.js';
import type { Scene } from '../calendar/scene.js';
import { balancesAt, keyOf, placeOf, type Slot } from '../calendar/slots.js';
import { drafted, without, type Drafts, type SetDrafts } from './drafts.js';
import type { Spot } from './paste.js';

export interface TableCells {
  /** undefined where nothing can be set */
  placeAt: (spot: Spot) => Place | undefined;
  textAt: (spot: Spot) => string;
  write: (entries: readonly { spot: Spot; text: string }[]) => void;
  /** takes edits back */
  drop: (spots: readonly Spot[]) => void;
}

interface Options {
  scene: Scene;
  dates: readonly string[];
  drafts: Drafts;
  setDrafts: SetDrafts;
}

export function tableCells({ scene, dates, drafts, setDrafts }: Options): TableCells {
  const { stock } = scene.inView;
  const at = ({ row, column }: Spot): { slot: Slot; place: Place } | undefined => {
    const slot = scene.slots[column];
    const date = dates[row];
    return slot && date !== undefined && slot.counted ? { slot, place: placeOf(slot, date) } : undefined;
  };
  return {
    placeAt: (spot) => at(spot)?.place,
    textAt(spot) {
      const cell = at(spot);
      if (!cell) return '';
      const { slot, place } = cell;
      return drafts.get(keyOf(place))?.text ?? String(balancesAt(stock, slot, place.date).free ?? '');
    },
    write(entries) {
      const changes = entries.flatMap(({ spot, text }) => {
        const cell = at(spot);
        return cell ? [{ place: cell.place, text, now: balancesAt(stock, cell.slot, cell.place.date) }] : [];
      });
      setDrafts((before) => drafted(before, changes));
    },
    drop(spots) {
      const places = spots.flatMap((spot) => at(spot)?.place ?? []);
      setDrafts((before) => without(before, places));
    },
  };
}
