/**
 * JSON put into bytes by hand, for the one message that every transition makes. As text, put together of some sixty parts and
 * then turned into bytes, it takes twice as long and leaves 2 kB to be collected. What comes out is what `JSON.stringify` would
 * write, to the byte.
 */

import { DAY_MS } from './text.js';

/** A call into native code takes longer than so many characters do here. */
const SHORT_TEXT = 40;
/** UTF-8 takes at most so many bytes for a UTF-16 unit. */
const MOST_BYTES = 3;
const FIRST_CAPACITY = 64 * 1024;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;

/** Writes it in UTF-8, which takes at most three bytes a character; there is room for it. @returns where it ends */
export function putText(bytes: Buffer, start: number, text: string): number {
  const { length } = text;
  if (length <= SHORT_TEXT) {
    let at = 0;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code > 0x7f) break;
      bytes[start + at] = code;
    }
    if (at === length) return start + length;
  }
  return start + bytes.write(text, start);
}

let lastDay = NaN;
/** of the last day written, with the `T` behind it */
let date = '';

export class Utf8Writer {
  /** of the bytes that are written */
  end = 0;

  constructor(public bytes: Buffer = Buffer.alloc(0)) {}

  /** As it is. */
  text(text: string): void {
    this.reserve(text.length * MOST_BYTES);
    this.end = putText(this.bytes, this.end, text);
  }

  /** As a JSON string. Half a surrogate pair is escaped, so none but ASCII is taken for granted. */
  quoted(text: string): void {
    const { length } = text;
    this.reserve(length + 2);
    const { bytes } = this;
    let end = this.end;
    bytes[end++] = QUOTE;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
        this.text(JSON.stringify(text));
        return;
      }
      bytes[end++] = code;
    }
    bytes[end++] = QUOTE;
    this.end = end;
  }

  integer(value: number): void {
    if (value > 9 || value < -9) {
      this.text(String(value));
      return;
    }
    this.reserve(2);
    if (value < 0) this.bytes[this.end++] = MINUS;
    this.bytes[this.end++] = ZERO + Math.abs(value);
  }

  /** As `Date.prototype.toISOString`; the date of the last one is remembered. @param time epoch ms */
  time(time: number): void {
    const ms = Math.trunc(time);
    const day = Math.floor(ms / DAY_MS);
    if (day !== lastDay) {
      date = new Date(ms).toISOString().slice(0, -'00:00:00.000Z'.length);
      lastDay = day;
    }
    this.text(date);
    const inDay = ms - day * DAY_MS;
    const seconds = Math.trunc(inDay / 1_000);
    const minutes = Math.trunc(seconds / 60);
    this.#twoDigits(Math.trunc(minutes / 60));
    this.text(':');
    this.#twoDigits(minutes % 60);
    this.text(':');
    this.#twoDigits(seconds % 60);
    this.text('.');
    this.integer(Math.trunc((inDay % 1_000) / 100));
    this.#twoDigits(inDay % 100);
    this.text('Z');
  }

  /** Makes room for so many bytes more. */
  reserve(bytes: number): void {
    if (this.end + bytes <= this.bytes.length) return;
    const capacity = Math.max(FIRST_CAPACITY, 2 * this.bytes.length, this.end + bytes);
    const larger = Buffer.allocUnsafeSlow(capacity);
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
  }

  #twoDigits(value: number): void {
    this.integer(Math.trunc(value / 10));
    this.integer(value % 10);
  }
}
