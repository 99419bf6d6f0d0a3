/** The calendar of a store between two days, as of one moment. */

import { DateTime } from 'luxon';
import { DEFAULT_STORE } from '@holdfast/core';
import {
  calendarCells,
  dayIn,
  endOfPrefix,
  InputFault,
  inSnapshot,
  productView,
  type Database,
} from '@holdfast/store';
import type { CalendarDto } from './stock.dto.js';

export const MAX_DAYS = 400;

export interface CalendarRange {
  from: string;
  to: string;
  productIds?: readonly string[];
}

/** @param now epoch ms; @throws InputFault when the range is turned round or too long */
export async function calendarOf(
  database: Database,
  storeId: string,
  range: CalendarRange,
  now: number,
): Promise<CalendarDto> {
  checkRange(range);
  const { from, to, productIds } = range;
  return inSnapshot(database, async (session) => {
    const store = await database.stores.findOne({ _id: storeId }, { session });
    const prefix = storeId + '/';
    const wanted = productIds
      ? { _id: { $in: productIds.map((productId) => prefix + productId) } }
      : { _id: { $gte: prefix, $lt: endOfPrefix(prefix) } };
    const products = await database.products.find(wanted, { session, sort: { _id: 1 } }).toArray();
    const cells = await calendarCells(database, storeId, range, session);
    const today = dayIn(store?.timeZone ?? DEFAULT_STORE.timeZone, now);
    return { from, to, today, products: products.map(productView), cells };
  });
}

/** Days are counted as days, not as hours: a day that the clocks change on is one too. */
function checkRange({ from, to }: CalendarRange): void {
  const days =
    DateTime.fromISO(to, { zone: 'UTC' }).diff(DateTime.fromISO(from, { zone: 'UTC' }), 'days').days + 1;
  if (days < 1) {
    throw new InputFault([
      { field: 'to', problem: `is before ${from}`, remedy: 'use the same day or a later one' },
    ]);
  }
  if (days > MAX_DAYS) {
    const remedy = `ask for at most ${MAX_DAYS} days`;
    throw new InputFault([{ field: 'to', problem: `is ${days} days from the first`, remedy }]);
  }
}
