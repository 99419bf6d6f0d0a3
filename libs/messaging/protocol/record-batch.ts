/**
 * Writes record batches (magic 2) in place, into the buffer of the whole request. kafkajs makes some thirty
 * small buffers of a record with six headers, which costs ten times as much.
 */

import { gzipSync } from 'node:zlib';
import { ByteWriter } from './byte-writer.js';
import { crc32c } from './crc32c.js';
import {
  ATTRIBUTES_AT,
  CRC_AT,
  LEADER_EPOCH_AT,
  LENGTH_AT,
  MAGIC,
  RECORDS_AT,
} from './record-batch-layout.js';

/** Several headers may share a name; order is kept. */
export type OutgoingHeaders =
  Readonly<Record<string, string | Buffer>> | readonly (readonly [string, string | Buffer | null])[];

export interface OutgoingRecord {
  key: string | Buffer | null;
  value: string | Buffer | null;
  headers?: OutgoingHeaders;
}

const NO_PRODUCER = -1;
const GZIP = 1;

/** Bytes of a record besides key, value and headers, at most; and of the batch around it. */
const RECORD_OVERHEAD_BYTES = 32;
export const BATCH_OVERHEAD_BYTES = RECORDS_AT;

/** Header names and values that come again and again, encoded once. */
const MAX_REMEMBERED_HEADERS = 256;
const names = new Map<string, Buffer>();

/** @param timestamp epoch ms, of every record */
export function writeRecordBatch(
  writer: ByteWriter,
  records: readonly OutgoingRecord[],
  timestamp: number,
): void {
  writer.int64(0); // base offset: the broker's to say
  const lengthAt = writer.end;
  writer.int32(0);
  writer.int32(-1); // partition leader epoch
  writer.int8(MAGIC);
  const crcAt = writer.end;
  writer.int32(0);
  writer.int16(0); // attributes: uncompressed, create time
  writer.int32(records.length - 1);
  writer.int64(timestamp);
  writer.int64(timestamp);
  writer.int64(NO_PRODUCER);
  writer.int16(NO_PRODUCER);
  writer.int32(NO_PRODUCER);
  writer.int32(records.length);
  for (let at = 0; at < records.length; at++) writeRecord(writer, records[at] as OutgoingRecord, at);
  writer.int32At(lengthAt, writer.end - lengthAt - 4);
  writer.uint32At(crcAt, crc32c(writer.bytes, crcAt + 4));
}

/** The batch as it would be plain, with its records compressed and what depends on that said anew. */
export function writeGzippedBatch(
  writer: ByteWriter,
  records: readonly OutgoingRecord[],
  timestamp: number,
): void {
  const plain = new ByteWriter();
  writeRecordBatch(plain, records, timestamp);
  const compressed = gzipSync(plain.bytes.subarray(RECORDS_AT));
  const batch = Buffer.concat([plain.bytes.subarray(0, RECORDS_AT), compressed]);
  batch.writeInt32BE(batch.length - LEADER_EPOCH_AT, LENGTH_AT);
  batch.writeInt16BE(GZIP, ATTRIBUTES_AT);
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT), CRC_AT);
  writer.raw(batch);
}

function writeRecord(writer: ByteWriter, record: OutgoingRecord, offsetDelta: number): void {
  const start = writer.end;
  const from = writer.openLength(sizeOfRecord(record));
  writer.int8(0); // attributes
  writer.int8(0); // timestamp delta
  writer.varint(offsetDelta);
  writer.varBytes(record.key);
  writer.varBytes(record.value);
  writeHeaders(writer, record.headers);
  writer.closeLength(start, from);
}

function writeHeaders(writer: ByteWriter, headers: OutgoingHeaders | undefined): void {
  if (headers === undefined) return writer.int8(0);
  if (isList(headers)) {
    writer.varint(headers.length);
    for (const [name, value] of headers) {
      writer.raw(encodedName(name));
      writer.varBytes(value);
    }
    return;
  }
  const own = Object.keys(headers);
  writer.varint(own.length);
  for (const name of own) {
    writer.raw(encodedName(name));
    writer.varBytes(headers[name] as string | Buffer);
  }
}

function isList(headers: OutgoingHeaders): headers is readonly (readonly [string, string | Buffer | null])[] {
  return Array.isArray(headers);
}

/** Length and bytes. */
function encodedName(name: string): Buffer {
  let bytes = names.get(name);
  if (bytes === undefined) {
    const text = Buffer.from(name);
    bytes = Buffer.concat([varint(text.length), text]);
    // Dead letters bring names of others' choosing: what is remembered must stay small.
    if (names.size >= MAX_REMEMBERED_HEADERS) names.clear();
    names.set(name, bytes);
  }
  return bytes;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value << 1;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** What it takes on the wire; exact for ASCII, else less than a third of it. */
export function sizeOfRecord(record: OutgoingRecord): number {
  let size = RECORD_OVERHEAD_BYTES + (record.key?.length ?? 0) + (record.value?.length ?? 0);
  const { headers } = record;
  if (headers === undefined) return size;
  if (isList(headers)) {
    for (const [name, value] of headers) size += name.length + (value?.length ?? 0) + 4;
    return size;
  }
  for (const name in headers) size += name.length + (headers[name] as string | Buffer).length + 4;
  return size;
}
