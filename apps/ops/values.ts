/** How options are written: durations, numbers of units, dates and ranges of them, goods. */

import { InvalidArgumentError } from 'commander';
import { DateTime } from 'luxon';
import { isDate, isId, timeOf } from '@holdfast/contracts';
import { MAX_QUANTITY, type Line } from '@holdfast/core';

const UNITS_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `30m`, `1h30m`, `2d`: ms */
export function duration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy)];
  const read = parts.reduce((length, part) => length + part[0].length, 0);
  if (parts.length === 0 || read !== text.length) {
    throw new InvalidArgumentError('Use a number with its unit, such as 90s, 30m, 1h30m or 2d.');
  }
  return Math.round(
    parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS_MS[unit ?? ''] ?? 0), 0),
  );
}

/** ms as people write it: `1h30m` */
export function durationText(ms: number): string {
  let left = ms;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = UNITS_MS[unit] as number;
    const count = Math.floor(left / size);
    if (count > 0) text += `${count}${unit}`;
    left -= count * size;
  }
  return text === '' ? '0s' : text;
}

/** `40`, or `unlimited`, which stays a word: commander takes null for nothing */
export function quantity(text: string): number | 'unlimited' {
  if (text === 'unlimited') return text;
  return wholeNumber(0, MAX_QUANTITY, 'or "unlimited"')(text);
}

/** `5`, `+5`, `-5` */
export function signedNumber(text: string): number {
  return wholeNumber(-MAX_QUANTITY, MAX_QUANTITY)(text.replace(/^\+(?=\d)/, ''));
}

export function wholeNumber(least: number, most: number, or = ''): (text: string) => number {
  return (text) => {
    const number = /^-?\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Use a whole number from ${least} to ${most}${or && `, ${or}`}.`);
  };
}

export function positiveNumber(text: string): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('Use a number above 0, such as 100 or 2.5.');
}

export function onOrOff(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new InvalidArgumentError('Use on or off.');
}

export function idOf(text: string): string {
  if (isId(text)) return text;
  throw new InvalidArgumentError('Use 1 to 128 bytes without "/" or control characters, and not just "-".');
}

/** For options that may be given several times. */
export function collected<T>(read: (text: string) => T): (text: string, before: T[] | undefined) => T[] {
  return (text, before) => [...(before ?? []), read(text)];
}

/** `a,b,c` */
export function listOf<T>(read: (text: string) => T): (text: string) => T[] {
  return (text) => text.split(',').map((item) => read(item.trim()));
}

/** Most days of one range. */
const MAX_DAYS = 3_660;

/** `2026-12-24`, or the range `2026-12-01..2026-12-31`: every day of it */
export function dates(text: string): string[] {
  const [first = '', last = first, ...rest] = text.split('..');
  if (!isDate(first) || !isDate(last) || rest.length > 0) {
    throw new InvalidArgumentError('Use a day that exists, 2026-12-24, or a range, 2026-12-01..2026-12-31.');
  }
  const days: string[] = [];
  const end = DateTime.fromISO(last, { zone: 'utc' });
  for (let day = DateTime.fromISO(first, { zone: 'utc' }); day <= end; day = day.plus({ days: 1 })) {
    days.push(day.toISODate() as string);
    if (days.length > MAX_DAYS) throw new InvalidArgumentError(`Use a range of at most ${MAX_DAYS} days.`);
  }
  if (days.length === 0) throw new InvalidArgumentError('Name the first day of a range first.');
  return days;
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** `fri` → 5, as ISO numbers them */
export function weekday(text: string): number {
  const at = WEEKDAYS.indexOf(text.toLowerCase());
  if (at >= 0) return at + 1;
  throw new InvalidArgumentError(`Use some of ${WEEKDAYS.join(',')}.`);
}

/** Each date once, in order; only those weekdays, when some are given. */
export function daysOf(
  ranges: readonly string[][] | undefined,
  weekdays: readonly number[] | undefined,
): string[] {
  const days = [...new Set((ranges ?? []).flat())].sort();
  if (!weekdays) return days;
  return days.filter((day) => weekdays.includes(DateTime.fromISO(day, { zone: 'utc' }).weekday));
}

/** ISO 8601 with an offset: epoch ms */
export function time(text: string): number {
  const ms = timeOf(text);
  if (Number.isFinite(ms)) return ms;
  throw new InvalidArgumentError('Use a time with its offset, such as 2026-12-24T18:00:00+01:00.');
}

/** `mug=2`, `shirt/M=1`, `cake/-/2026-12-24=3` */
export function line(text: string): Line {
  const [, goods, count] = /^(.+)=(\d{1,7})$/.exec(text) ?? [];
  const [productId = '', variantId = '-', fulfillmentDate = '-', ...rest] = (goods ?? '').split('/');
  const wrong =
    !isId(productId) ||
    (variantId !== '-' && !isId(variantId)) ||
    (fulfillmentDate !== '-' && !isDate(fulfillmentDate)) ||
    rest.length > 0 ||
    !(Number(count) >= 1);
  if (wrong) {
    throw new InvalidArgumentError(
      'Use PRODUCT=UNITS, PRODUCT/VARIANT=UNITS or PRODUCT/VARIANT/DATE=UNITS ("-" for no variant).',
    );
  }
  const result: Line = { productId, quantity: Number(count) };
  if (variantId !== '-') result.variantId = variantId;
  if (fulfillmentDate !== '-') result.fulfillmentDate = fulfillmentDate;
  return result;
}

export function oneOf<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`Use one of ${choices.join(', ')}.`);
  };
}
