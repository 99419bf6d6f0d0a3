/**
 * Dates as the shop writes them, `YYYY-MM-DD`: plain text, with no time and no zone in it, so that a day is never
 * 23 or 25 hours long. Days are counted in UTC, which has no summer time.
 */

const DAY_MS = 86_400_000;
const PATTERN = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Days since 1 January 1970. @throws RangeError for what is no day */
export function dayNumber(date: string): number {
  const match = PATTERN.exec(date);
  const ms = match ? Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) : Number.NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date) {
    throw new RangeError(`${date} is not a date`);
  }
  return ms / DAY_MS;
}

export function isDate(text: string): boolean {
  try {
    dayNumber(text);
    return true;
  } catch {
    return false;
  }
}

export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

export function addDays(date: string, days: number): string {
  return dateOf(dayNumber(date) + days);
}

/** The same day of another month, or that month's last day. */
export function addMonths(date: string, months: number): string {
  const month = addToMonth(monthOf(date), months);
  const last = monthDates(month).length;
  return `${month}-${String(Math.min(Number(date.slice(8)), last)).padStart(2, '0')}`;
}

/** `YYYY-MM` */
export function monthOf(date: string): string {
  return date.slice(0, 7);
}

export function addToMonth(month: string, months: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

export function isMonth(text: string): boolean {
  return /^\d{4}-\d{2}$/.test(text) && isDate(`${text}-01`);
}

/** 1 = Monday to 7 = Sunday */
export function weekdayOf(date: string): number {
  // Day 0 was a Thursday.
  return ((((dayNumber(date) + 3) % 7) + 7) % 7) + 1;
}

/** First and last included; either may come first. */
export function datesBetween(one: string, other: string): string[] {
  const [from, to] = one <= other ? [one, other] : [other, one];
  const first = dayNumber(from);
  return Array.from({ length: dayNumber(to) - first + 1 }, (_, at) => dateOf(first + at));
}

export function monthDates(month: string): string[] {
  const first = `${month}-01`;
  return datesBetween(first, addDays(`${addToMonth(month, 1)}-01`, -1));
}

/** The whole weeks, Monday to Sunday, that the month lies in. */
export function monthWeeks(month: string): string[][] {
  const dates = monthDates(month);
  const first = dates[0] as string;
  const last = dates.at(-1) as string;
  const all = datesBetween(addDays(first, 1 - weekdayOf(first)), addDays(last, 7 - weekdayOf(last)));
  return Array.from({ length: all.length / 7 }, (_, week) => all.slice(week * 7, week * 7 + 7));
}

/** Runs of days that follow each other, as first and last. */
export function runsOf(dates: readonly string[]): [from: string, to: string][] {
  const runs: [string, string][] = [];
  for (const date of [...dates].sort()) {
    const run = runs.at(-1);
    if (run && dayNumber(date) - dayNumber(run[1]) === 1) run[1] = date;
    else if (run?.[1] !== date) runs.push([date, date]);
  }
  return runs;
}
