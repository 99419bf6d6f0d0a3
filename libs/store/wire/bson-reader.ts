/**
 * BSON to plain documents, for the few types that Holdfast stores. The driver's reader makes a new string of every
 * key of every document; here a key is made once.
 */

import { mongo } from 'mongoose';

const TWO_32 = 2 ** 32;
/** Keys that come again and again; a power of two. */
const KEY_SLOTS = 1_024;
const keys = new Array<string>(KEY_SLOTS).fill('');

/** A type that no document of ours has: somebody wrote it by hand. The driver knows it. */
class ForeignType extends Error {}

export function readDocument(bytes: Buffer): Record<string, unknown> {
  try {
    return new Reader(bytes).document();
  } catch (error) {
    if (error instanceof ForeignType) return mongo.BSON.deserialize(bytes);
    throw error;
  }
}

class Reader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  document(): Record<string, unknown> {
    const document: Record<string, unknown> = {};
    const end = this.#open();
    while (this.#at < end) {
      const type = this.bytes[this.#at++] as number;
      const key = this.#key();
      document[key] = this.#value(type);
    }
    this.#at += 1;
    return document;
  }

  #array(): unknown[] {
    const values: unknown[] = [];
    const end = this.#open();
    while (this.#at < end) {
      const type = this.bytes[this.#at++] as number;
      while (this.bytes[this.#at] !== 0) this.#at += 1;
      this.#at += 1;
      values.push(this.#value(type));
    }
    this.#at += 1;
    return values;
  }

  /** @returns where its last byte is, the terminator */
  #open(): number {
    const start = this.#at;
    return start + this.#int32() - 1;
  }

  #value(type: number): unknown {
    switch (type) {
      case 0x01:
        return this.bytes.readDoubleLE((this.#at += 8) - 8);
      case 0x02:
        return this.#text();
      case 0x03:
        return this.document();
      case 0x04:
        return this.#array();
      case 0x05:
        return this.#binary();
      case 0x08:
        return this.bytes[this.#at++] === 1;
      case 0x09:
        return new Date(this.#int64());
      case 0x0a:
        return null;
      case 0x10:
        return this.#int32();
      case 0x11:
        // The moment of a snapshot, in the answers to reads of one.
        return this.#timestamp();
      case 0x12:
        return this.#long();
      default:
        throw new ForeignType();
    }
  }

  #key(): string {
    const { bytes } = this;
    const start = this.#at;
    let end = start;
    let hash = 0;
    for (let byte = bytes[end] as number; byte !== 0; byte = bytes[++end] as number) {
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    this.#at = end + 1;
    const slot = hash & (KEY_SLOTS - 1);
    const known = keys[slot] as string;
    if (isText(bytes, start, end, known)) return known;
    return (keys[slot] = bytes.toString('utf8', start, end));
  }

  #text(): string {
    const length = this.#int32();
    const start = this.#at;
    this.#at += length;
    return this.bytes.toString('utf8', start, start + length - 1);
  }

  #binary(): mongo.Binary {
    const length = this.#int32();
    const subType = this.bytes[this.#at++] as number;
    const start = this.#at;
    this.#at += length;
    return new mongo.Binary(Buffer.from(this.bytes.subarray(start, start + length)), subType);
  }

  #long(): number | mongo.Long {
    const value = this.#int64();
    if (Number.isSafeInteger(value)) return value;
    return mongo.Long.fromBits(this.bytes.readInt32LE(this.#at - 8), this.bytes.readInt32LE(this.#at - 4));
  }

  #timestamp(): mongo.Timestamp {
    const i = this.#int32() >>> 0;
    return new mongo.Timestamp({ t: this.#int32() >>> 0, i });
  }

  /** Exact while it is a safe integer. */
  #int64(): number {
    const low = this.#int32() >>> 0;
    return this.#int32() * TWO_32 + low;
  }

  #int32(): number {
    const { bytes } = this;
    const at = this.#at;
    this.#at = at + 4;
    return (
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    );
  }
}

function isText(bytes: Buffer, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false;
  for (let at = 0; at < text.length; at++) if (bytes[start + at] !== text.charCodeAt(at)) return false;
  return true;
}
