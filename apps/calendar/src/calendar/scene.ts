import type { Kind, Place } from '../api/types.js';
import type { StockInView } from '../live/use-stock.js';
import type { Slot } from './slots.js';
import type { NameOf } from './names.js';

/** What month and table show. */
export interface Scene {
  month: string;
  weeks: string[][];
  today: string;
  inView: StockInView;
  slots: readonly Slot[];
  nameOf: NameOf;
}

/** A number whose orders are shown. */
export interface Behind {
  place: Place;
  kind: Kind;
}
