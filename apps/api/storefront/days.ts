/** The dates that a question is about: listed, or a range. */

import { DateTime } from 'luxon';
import { InputFault, MAX_AVAILABILITY_ITEMS } from '@holdfast/store';

export interface DaysAsked {
  date?: readonly string[];
  from?: string;
  to?: string;
}

/** @throws InputFault when a range is half, turned round or too long, or stands beside a list */
export function daysOf({ date, from, to }: DaysAsked): readonly string[] | undefined {
  if (from === undefined && to === undefined) return date && [...new Set(date)];
  if (date) throw wrong('date', 'stands beside a range', 'use either dates or from and to');
  if (from === undefined) throw wrong('from', 'is missing', 'give the first day too');
  if (to === undefined) throw wrong('to', 'is missing', 'give the last day too');
  if (to < from) throw wrong('to', `is before ${from}`, 'use the same day or a later one');
  const days: string[] = [];
  for (let day = DateTime.fromISO(from, { zone: 'UTC' }); ; day = day.plus({ days: 1 })) {
    const text = day.toISODate() ?? '';
    if (text > to) return days;
    if (days.push(text) > MAX_AVAILABILITY_ITEMS) {
      throw wrong('to', `is more than ${MAX_AVAILABILITY_ITEMS} days from the first`, 'ask for fewer days');
    }
  }
}

function wrong(field: string, problem: string, remedy: string): InputFault {
  return new InputFault([{ field, problem, remedy }]);
}
