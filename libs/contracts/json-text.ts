/**
 * JSON by hand, for the one message that every transition makes: `JSON.stringify` takes twice as long for it. What comes
 * out is what `JSON.stringify` would write, to the byte.
 */

/** Text without a character that JSON escapes; half a surrogate pair is one, so none but ASCII is taken for granted. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

export function quoted(text: string): string {
  return PLAIN.test(text) ? '"' + text + '"' : JSON.stringify(text);
}

const DAY_MS = 86_400_000;
let lastDay = NaN;
let date = '';

/**
 * As `Date.prototype.toISOString`; the date of the last one is remembered.
 * @param time epoch ms
 */
export function isoText(time: number): string {
  const ms = Math.trunc(time);
  const day = Math.floor(ms / DAY_MS);
  if (day !== lastDay) {
    date = new Date(ms).toISOString().slice(0, -'00:00:00.000Z'.length);
    lastDay = day;
  }
  const inDay = ms - day * DAY_MS;
  const seconds = Math.trunc(inDay / 1_000);
  const minutes = Math.trunc(seconds / 60);
  return (
    date +
    twoDigits(Math.trunc(minutes / 60)) +
    ':' +
    twoDigits(minutes % 60) +
    ':' +
    twoDigits(seconds % 60) +
    (inDay % 1_000 < 100 ? '.0' : '.') +
    twoDigits(inDay % 1_000) +
    'Z'
  );
}

function twoDigits(value: number): string {
  return value < 10 ? '0' + value : '' + value;
}
