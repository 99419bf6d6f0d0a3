/** Kafka's primitives into one buffer that grows and is used again. */

const SMALL_COPY_BYTES = 32;

export class ByteWriter {
  #bytes: Buffer;
  #end = 0;

  constructor(capacity = 64 * 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  get end(): number {
    return this.#end;
  }

  /** What was written; valid until the next write. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  reset(): void {
    this.#end = 0;
  }

  int8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#end++] = value & 0xff;
  }

  int16(value: number): void {
    this.#reserve(2);
    this.#end = this.#bytes.writeInt16BE(value, this.#end);
  }

  int32(value: number): void {
    this.#reserve(4);
    this.#end = this.#bytes.writeInt32BE(value, this.#end);
  }

  int64(value: number): void {
    this.#reserve(8);
    this.#end = this.#bytes.writeBigInt64BE(BigInt(value), this.#end);
  }

  int32At(at: number, value: number): void {
    this.#bytes.writeInt32BE(value, at);
  }

  uint32At(at: number, value: number): void {
    this.#bytes.writeUInt32BE(value, at);
  }

  /** int16 length and UTF-8; null as length -1. */
  string(value: string | null): void {
    if (value === null) return this.int16(-1);
    const length = Buffer.byteLength(value);
    this.int16(length);
    this.#reserve(length);
    this.#end += this.#bytes.write(value, this.#end);
  }

  /** zigzag, for numbers of 31 bits */
  varint(value: number): void {
    this.#reserve(5);
    this.#end = putVarint(this.#bytes, this.#end, value);
  }

  raw(bytes: Buffer): void {
    this.#reserve(bytes.length);
    if (bytes.length <= SMALL_COPY_BYTES) {
      // A call into native code costs more than it saves here.
      for (let at = 0; at < bytes.length; at++) this.#bytes[this.#end + at] = bytes[at] as number;
    } else {
      bytes.copy(this.#bytes, this.#end);
    }
    this.#end += bytes.length;
  }

  /** varint length and content; null as length -1. */
  varBytes(value: Buffer | string | null): void {
    if (value === null) return this.varint(-1);
    if (typeof value !== 'string') {
      this.varint(value.length);
      this.raw(value);
      return;
    }
    const guess = value.length;
    const start = this.#end;
    const from = this.openLength(guess);
    this.#reserve(guess * 3);
    this.#end += this.#bytes.write(value, this.#end);
    this.closeLength(start, from);
  }

  /**
   * Leaves room for a varint length that is not known yet; `closeLength` writes it and moves what follows when
   * the guess needed another number of bytes.
   * @returns where the content begins
   */
  openLength(guess: number): number {
    this.#reserve(5);
    this.#end += sizeOfVarint(guess);
    return this.#end;
  }

  closeLength(start: number, from: number): void {
    const length = this.#end - from;
    const size = sizeOfVarint(length);
    const shift = start + size - from;
    if (shift !== 0) {
      this.#reserve(5);
      this.#bytes.copyWithin(from + shift, from, this.#end);
      this.#end += shift;
    }
    putVarint(this.#bytes, start, length);
  }

  #reserve(length: number): void {
    if (this.#end + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#end + length));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

function putVarint(bytes: Buffer, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

function sizeOfVarint(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x200000) return 3;
  return zigzag < 0x10000000 ? 4 : 5;
}
