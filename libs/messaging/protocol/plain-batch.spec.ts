import fc from 'fast-check';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeRecordBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
import { ByteWriter } from './byte-writer.js';
import { endOfBatch, isPlain, readPlainBatch } from './plain-batch.js';
import { writeGzippedBatch, writeRecordBatch, type OutgoingRecord } from './record-batch.js';

function batchOf(records: readonly OutgoingRecord[], write = writeRecordBatch): Buffer {
  const writer = new ByteWriter();
  write(writer, records, 1_795_913_899_622);
  return Buffer.from(writer.bytes);
}

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value)));
const names = fc.oneof(fc.constantFrom('ce_id', 'trace', ''), fc.string()).filter((name) => !(name in {}));
const record = fc.record<OutgoingRecord>({
  key: bytes,
  value: bytes,
  headers: fc.array(fc.tuple(names, bytes), { maxLength: 4 }),
});
const int64 = fc.bigInt(-(2n ** 52n), 2n ** 52n);

/** What a broker and other producers put there, and ours do not. */
const heads = fc.record({
  firstOffset: fc.bigInt(0n, 2n ** 52n),
  leaderEpoch: fc.integer({ min: -1, max: 1_000 }),
  attributes: fc.integer({ min: 0, max: 7 }).map((flags) => flags << 3),
  firstTimestamp: int64,
  maxTimestamp: int64,
  producerId: fc.bigInt(-1n, 2n ** 62n),
  producerEpoch: fc.integer({ min: -1, max: 30_000 }),
  firstSequence: fc.integer({ min: -1, max: 1_000_000 }),
});

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a plain batch', () => {
  it('is read as kafkajs reads it, whatever its head says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 20 }), heads, async (records, head) => {
        const batch = batchOf(records);
        batch.writeBigInt64BE(head.firstOffset, 0);
        batch.writeInt32BE(head.leaderEpoch, 12);
        batch.writeInt16BE(head.attributes, 21);
        batch.writeBigInt64BE(head.firstTimestamp, 27);
        batch.writeBigInt64BE(head.maxTimestamp, 35);
        batch.writeBigInt64BE(head.producerId, 43);
        batch.writeInt16BE(head.producerEpoch, 51);
        batch.writeInt32BE(head.firstSequence, 53);
        const theirs = await decodeRecordBatch(new Decoder(batch));
        // Behind other bytes, as in an answer of several batches.
        const answer = Buffer.concat([Buffer.alloc(7), batch, Buffer.alloc(3)]);
        expect(plain(readPlainBatch(answer, 7))).toEqual(plain(theirs.records));
      }),
      { numRuns: 500 },
    );
  });

  it('takes a header for what it is, also where every object has something of that name', () => {
    const headers = ['__proto__', 'toString', 'toString'].map((name) => [name, Buffer.from('x')] as const);
    const [read] = readPlainBatch(batchOf([{ key: null, value: null, headers }]), 0);
    const x = Buffer.from('x');
    expect(Object.entries(read?.headers ?? {})).toEqual([
      ['__proto__', x],
      ['toString', [x, x]],
    ]);
  });

  it.each([
    ['time', (-(2 ** 45)).toString(), '-35184372088832'],
    ['offset', '127', '127'],
  ])('has deltas of several bytes: %s', async (what, delta, told) => {
    // One record without key, value and headers: length, attributes, the two deltas, then -1, -1 and 0.
    const zigzag = BigInt.asUintN(64, (BigInt(delta) << 1n) ^ (BigInt(delta) >> 63n));
    const varint: number[] = [];
    let rest = zigzag;
    for (; rest > 0x7fn; rest >>= 7n) varint.push(Number(rest & 0x7fn) | 0x80);
    varint.push(Number(rest));
    const deltas = what === 'time' ? [...varint, 0] : [0, ...varint];
    const body = [0, ...deltas, 1, 1, 0];
    const batch = Buffer.concat([batchOf([{ key: null, value: null }]).subarray(0, 61), Buffer.from([body.length * 2, ...body])]); // prettier-ignore
    batch.writeInt32BE(batch.length - 12, 8);
    batch.writeBigInt64BE(0n, 27);
    const [read] = readPlainBatch(batch, 0);
    expect(what === 'time' ? read?.timestamp : read?.offset).toBe(told);
    expect(plain([read])).toEqual(plain((await decodeRecordBatch(new Decoder(batch))).records));
  });

  it('is told from one that is compressed, and from one that is cut off', () => {
    const records = [{ key: 'k', value: 'v'.repeat(100) }];
    const batch = batchOf(records);
    expect(isPlain(batch, 0)).toBe(true);
    expect(isPlain(batchOf(records, writeGzippedBatch), 0)).toBe(false);
    expect(endOfBatch(batch, 0)).toBe(batch.length);
    for (const length of [0, 5, 11, 12, 60, batch.length - 1]) {
      expect(endOfBatch(batch.subarray(0, length), 0)).toBeUndefined();
    }
  });

  it.each([-12, 0, 48])('is refused when it says to be too short: %d bytes', (length) => {
    const batch = batchOf([{ key: 'k', value: 'v' }]);
    batch.writeInt32BE(length, 8);
    expect(() => endOfBatch(batch, 0)).toThrow(`a record batch of ${12 + length} bytes`);
  });

  it('is refused when a record does not end where it says', () => {
    const batch = batchOf([{ key: 'k', value: 'value' }]);
    batch[61] = (batch[61] as number) + 2;
    expect(() => readPlainBatch(batch, 0)).toThrow('record 0 of the batch at offset 0');
    expect(() => readPlainBatch(batch.subarray(0, 62), 0)).toThrow();
  });
});
