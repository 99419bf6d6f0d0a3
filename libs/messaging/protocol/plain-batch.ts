/**
 * Reads a record batch (magic 2) that is not compressed, in one pass over its bytes. kafkajs makes a decoder, several buffers
 * and a handful of 64-bit numbers of each record: a tenth of all that a worker left to its garbage collector.
 * What comes of it is the same.
 */

import {
  ATTRIBUTES_AT,
  COUNT_AT,
  FIRST_SEQUENCE_AT,
  FIRST_TIMESTAMP_AT,
  LAST_OFFSET_DELTA_AT,
  LEADER_EPOCH_AT,
  LENGTH_AT,
  MAGIC,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  RECORDS_AT,
} from './record-batch-layout.js';

const COMPRESSION = 0x07;
const LOG_APPEND_TIME = 0x08;
const IN_TRANSACTION = 0x10;
const CONTROL = 0x20;

type Headers = Record<string, Buffer | null | (Buffer | null)[]>;

/** As kafkajs has it; numbers of 64 bits are text. */
export interface FetchedRecord {
  magicByte: number;
  attributes: number;
  timestamp: string;
  offset: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Headers;
  isControlRecord: boolean;
  batchContext: object;
}

/**
 * Where the batch ends that begins there; undefined when it is cut off.
 * @throws Error when it says to be shorter than a batch can be
 */
export function endOfBatch(bytes: Buffer, start: number): number | undefined {
  if (bytes.length < start + LEADER_EPOCH_AT) return undefined;
  const end = start + LEADER_EPOCH_AT + bytes.readInt32BE(start + LENGTH_AT);
  if (end < start + RECORDS_AT)
    throw new Error(`a record batch of ${end - start} bytes, which is less than its head`);
  return end > bytes.length ? undefined : end;
}

/** @param start where a whole batch begins */
export function isPlain(bytes: Buffer, start: number): boolean {
  return bytes[start + MAGIC_AT] === MAGIC && (bytes.readInt16BE(start + ATTRIBUTES_AT) & COMPRESSION) === 0;
}

/**
 * @param start where a whole, plain batch begins
 * @throws Error when a record does not end where it says
 */
export function readPlainBatch(bytes: Buffer, start: number): FetchedRecord[] {
  const firstOffset = Number(bytes.readBigInt64BE(start));
  const firstTimestamp = Number(bytes.readBigInt64BE(start + FIRST_TIMESTAMP_AT));
  const maxTimestamp = Number(bytes.readBigInt64BE(start + MAX_TIMESTAMP_AT));
  const attributes = bytes.readInt16BE(start + ATTRIBUTES_AT);
  const isAppendTime = (attributes & LOG_APPEND_TIME) !== 0;
  const isControlRecord = (attributes & CONTROL) !== 0;
  const batchContext = {
    firstOffset: String(firstOffset),
    firstTimestamp: String(firstTimestamp),
    partitionLeaderEpoch: bytes.readInt32BE(start + LEADER_EPOCH_AT),
    inTransaction: (attributes & IN_TRANSACTION) !== 0,
    isControlBatch: isControlRecord,
    lastOffsetDelta: bytes.readInt32BE(start + LAST_OFFSET_DELTA_AT),
    producerId: bytes.readBigInt64BE(start + PRODUCER_ID_AT).toString(),
    producerEpoch: bytes.readInt16BE(start + PRODUCER_EPOCH_AT),
    firstSequence: bytes.readInt32BE(start + FIRST_SEQUENCE_AT),
    maxTimestamp: String(maxTimestamp),
    timestampType: isAppendTime ? 1 : 0,
    magicByte: MAGIC,
  };
  const count = Math.max(0, bytes.readInt32BE(start + COUNT_AT));
  const records = new Array<FetchedRecord>(count);
  const reader = new Reader(bytes, start + RECORDS_AT);
  let timestamp = maxTimestamp;
  let time = batchContext.maxTimestamp;
  for (let at = 0; at < count; at++) {
    const length = reader.varint();
    const end = reader.at + length;
    const recordAttributes = reader.byte();
    const own = firstTimestamp + reader.varint();
    // Neighbours are often of one moment.
    if (!isAppendTime && own !== timestamp) {
      timestamp = own;
      time = String(own);
    }
    records[at] = {
      magicByte: MAGIC,
      attributes: recordAttributes,
      timestamp: time,
      offset: String(firstOffset + reader.varint()),
      key: reader.field(),
      value: reader.field(),
      headers: reader.headers(),
      isControlRecord,
      batchContext,
    };
    if (reader.at !== end) {
      throw new Error(`record ${at} of the batch at offset ${firstOffset} does not end where it says`);
    }
  }
  return records;
}

class Reader {
  constructor(
    private readonly bytes: Buffer,
    public at: number,
  ) {}

  byte(): number {
    return this.bytes.readInt8(this.at++);
  }

  /** zigzag, to 53 bits; beyond the last byte it is not a number */
  varint(): number {
    const { bytes } = this;
    let byte = bytes[this.at++] as number;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
      byte = bytes[this.at++] as number;
      value += (byte & 0x7f) * factor;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A view of the bytes; null when there is none. */
  field(): Buffer | null {
    const length = this.varint();
    if (length === -1) return null;
    const from = this.at;
    this.at += length;
    return this.bytes.subarray(from, this.at);
  }

  /** Values of one name together, at the place of the first. */
  headers(): Headers {
    const count = this.varint();
    if (count <= 0) return {};
    // Without a prototype: names are others' choice.
    const headers = Object.create(null) as Headers;
    for (let at = 0; at < count; at++) {
      const name = String(this.field());
      const value = this.field();
      const known = headers[name];
      if (known === undefined) headers[name] = value;
      else if (Array.isArray(known)) known.push(value);
      else headers[name] = [known, value];
    }
    return headers;
  }
}
