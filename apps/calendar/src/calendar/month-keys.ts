/** Where the keys of the month lead. */

import { addDays, addMonths, monthDates, monthOf, weekdayOf } from './dates.js';

/** @returns undefined for a key that moves nothing */
export function dateAfterKey(date: string, key: string, control: boolean): string | undefined {
  const month = monthDates(monthOf(date));
  switch (key) {
    case 'ArrowLeft':
      return addDays(date, -1);
    case 'ArrowRight':
      return addDays(date, 1);
    case 'ArrowUp':
      return addDays(date, -7);
    case 'ArrowDown':
      return addDays(date, 7);
    case 'Home':
      return control ? month[0] : addDays(date, 1 - weekdayOf(date));
    case 'End':
      return control ? month.at(-1) : addDays(date, 7 - weekdayOf(date));
    case 'PageUp':
      return addMonths(date, control ? -12 : -1);
    case 'PageDown':
      return addMonths(date, control ? 12 : 1);
    default:
      return undefined;
  }
}
