/**
 * The three kinds of text in messages: ids, times and dates. Written by hand because every record passes here
 * several times: a regular expression or `Date.parse` costs many times as much.
 */

export const MAX_ID_BYTES = 128;
export const DAY_MS = 86_400_000;

/** Years that times and dates may have: later ones leave no room for a hold, earlier ones are mistakes. */
export const FIRST_YEAR = 1970;
export const LAST_YEAR = 9998;

/** Longest time that is read; a fraction of a second may have any number of digits up to it. */
const MAX_TIME_LENGTH = 48;

/** 1–128 UTF-8 bytes, well-formed, no control character, no `/`, and not `-`. */
export function isId(text: string): boolean {
  const length = text.length;
  if (length === 0 || length > MAX_ID_BYTES) return false;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x7f) return isUnicodeId(text);
    if (code < 0x20 || code === SLASH) return false;
  }
  return length > 1 || text !== '-';
}

const SLASH = 0x2f;
// Cs under the `u` flag is a surrogate without its partner: UTF-8 cannot say it, so two such ids would meet.
const UNICODE_ID = /^[^\p{Cc}\p{Cs}/]+$/u;

function isUnicodeId(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_ID_BYTES && UNICODE_ID.test(text);
}

/** `YYYY-MM-DD`, a day that exists. */
export function isDate(text: string): boolean {
  return text.length === 10 && dayOf(text) === dayOf(text);
}

/** `YYYY-MM-DDThh:mm[:ss[.fraction]]` and `Z` or `±hh:mm`, a moment that exists. */
export function isTime(text: string): boolean {
  const time = timeOf(text);
  return time === time;
}

/** Epoch ms of a time, digits after the third of a fraction dropped; NaN when it is none. */
export function timeOf(text: string): number {
  const length = text.length;
  if (length < 17 || length > MAX_TIME_LENGTH || text.charCodeAt(10) !== 0x54) return NaN;
  if (text.charCodeAt(13) !== COLON) return NaN;
  const hours = pair(text, 11);
  const minutes = pair(text, 14);
  if (!(hours <= 23 && minutes <= 59)) return NaN;
  let at = 16;
  let ms = 0;
  if (text.charCodeAt(at) === COLON) {
    const seconds = pair(text, at + 1);
    if (!(seconds <= 59)) return NaN;
    ms = seconds * 1000;
    at += 3;
    if (text.charCodeAt(at) === 0x2e) {
      const end = endOfDigits(text, at + 1);
      if (end === at + 1) return NaN;
      ms += fractionMs(text, at + 1, end);
      at = end;
    }
  }
  const offset = offsetMs(text, at);
  return dayOf(text) * DAY_MS + hours * 3_600_000 + minutes * 60_000 + ms - offset;
}

const COLON = 0x3a;
const DASH = 0x2d;

/** The offset from UTC that ends the text at `at`; NaN when it is none. */
function offsetMs(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === 0x5a) return at + 1 === text.length ? 0 : NaN;
  if (sign !== 0x2b && sign !== DASH) return NaN;
  if (at + 6 !== text.length || text.charCodeAt(at + 3) !== COLON) return NaN;
  const hours = pair(text, at + 1);
  const minutes = pair(text, at + 4);
  if (!(hours <= 23 && minutes <= 59)) return NaN;
  const ms = hours * 3_600_000 + minutes * 60_000;
  return sign === DASH ? -ms : ms;
}

function endOfDigits(text: string, from: number): number {
  let at = from;
  while (digit(text, at) >= 0) at++;
  return at;
}

function fractionMs(text: string, from: number, end: number): number {
  let ms = 0;
  for (let at = from, unit = 100; at < end && unit >= 1; at++, unit /= 10) ms += digit(text, at) * unit;
  return ms;
}

/** 0–9, or NaN, which fails every comparison. */
function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 0x30;
  return value >= 0 && value <= 9 ? value : NaN;
}

function pair(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const DAYS_IN = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days since 1970-01-01 of the date that the text begins with; NaN when it is none. */
function dayOf(text: string): number {
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return NaN;
  const year = pair(text, 0) * 100 + pair(text, 2);
  const month = pair(text, 5);
  const day = pair(text, 8);
  if (!(year >= FIRST_YEAR && year <= LAST_YEAR && month >= 1 && month <= 12 && day >= 1)) return NaN;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const inMonth = (DAYS_IN[month - 1] as number) + (leap && month === 2 ? 1 : 0);
  if (day > inMonth) return NaN;
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 477;
  const inYear = (DAYS_BEFORE[month - 1] as number) + (leap && month > 2 ? 1 : 0) + day - 1;
  return (year - 1970) * 365 + leapDays + inYear;
}
