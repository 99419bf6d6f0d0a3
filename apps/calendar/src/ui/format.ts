/** Numbers, dates and times in the page's language. Dates are days, written without any time zone. */

import { dayNumber, monthOf, runsOf } from '../calendar/dates.js';
import { datesBetween } from '../calendar/dates.js';
import { LOCALE, strings } from '../strings.js';

const day = (options: Intl.DateTimeFormatOptions): ((date: string) => string) => {
  const format = new Intl.DateTimeFormat(LOCALE, { timeZone: 'UTC', ...options });
  return (date) => format.format(dayNumber(date) * 86_400_000);
};

export const dayLong = day({ weekday: 'long', day: 'numeric', month: 'long' });
export const dayShort = day({ day: 'numeric', month: 'short' });
export const dayWithWeekday = day({ weekday: 'short', day: 'numeric', month: 'short' });
const monthYear = day({ month: 'long', year: 'numeric' });
const monthShort = day({ month: 'short' });
const monthShortYear = day({ month: 'short', year: 'numeric' });
export const weekdayLong = day({ weekday: 'long' });
export const weekdayShort = day({ weekday: 'short' });

export function monthName(month: string): string {
  return monthYear(`${month}-01`);
}

const numbers = new Intl.NumberFormat(LOCALE);
export function number(value: number): string {
  return numbers.format(value);
}

const moments = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' });
/** A moment, on the reader's clock. */
export function moment(time: string): string {
  return moments.format(new Date(time));
}

const LISTED_RUN = 3;
const MOST_PIECES = 14;

/** `22, 23, 24 Dec`; `1–31 Dec, 2 Jan 2027`. @param year the year that need not be said */
export function datesText(dates: readonly string[], year: string): string {
  const pieces: { text: string; month: string; dates: number }[] = [];
  for (const [from, to] of runsOf(dates)) {
    const run = datesBetween(from, to);
    if (run.length <= LISTED_RUN || monthOf(from) !== monthOf(to)) {
      if (run.length <= LISTED_RUN) {
        for (const one of run) pieces.push({ text: dayOfMonth(one), month: monthOf(one), dates: 1 });
      } else {
        const text = `${dayShort(from)} – ${dayOfMonth(to)}`;
        pieces.push({ text, month: monthOf(to), dates: run.length });
      }
    } else {
      pieces.push({ text: `${dayOfMonth(from)}–${dayOfMonth(to)}`, month: monthOf(from), dates: run.length });
    }
  }
  const shown = pieces.slice(0, MOST_PIECES);
  const rest = pieces.slice(MOST_PIECES).reduce((sum, piece) => sum + piece.dates, 0);
  const text = shown
    .map((piece, at) =>
      piece.month === shown[at + 1]?.month ? piece.text : `${piece.text} ${inMonth(piece.month, year)}`,
    )
    .join(', ');
  return rest > 0 ? strings.andMore(text, rest) : text;
}

function dayOfMonth(date: string): string {
  return String(Number(date.slice(8)));
}

function inMonth(month: string, year: string): string {
  return month.startsWith(year) ? monthShort(`${month}-01`) : monthShortYear(`${month}-01`);
}
