import kafkajs from 'kafkajs';
import snappy from 'snappy';
import './compression.js';

/** The same three records, as the Java client 4.1 compresses them. */
const SNAPPY =
  'glNOQVBQWQAAAAABAAAAAQAAAMiZDWTiCAAAAA5zdG9yZS0w/gd7Im9yZGVySWQiOgkKTC0wIiwidGV4dCI6ImFiY2RlZmdo' +
  '/ggA/ggA/ggA/ggA/ggA/ggA/ggAXggAVCJ9CApjZV9pZAhpZC0wCnR3aWNlAmEJE0QKYWdhaW4GbmlsAeIIAAICDnNFMwAx' +
  'TjMCBDEi/jMC/jMC/jMC/jMC/jMC/jMC/jMC1jMCADFuMwIEBARNMwAyTjMCADL+MwL+MwL+MwL+MwL+MwL+MwL+MwLaMwIA' +
  'MmIzAg==';
const LZ4 =
  'BCJNGGBAgpEAAADyC+IIAAAADnN0b3JlLTD+B3sib3JkZXJJZCI6CgD/BS0wIiwidGV4dCI6ImFiY2RlZmdoCAD/xvIHIn0I' +
  'CmNlX2lkCGlkLTAKdHdpY2UCYRMA8wEKYWdhaW4GbmlsAeIIAAICMwIfMTMCAR8xMwL/5R8xMwIJIwQEMwIfMjMCAR8yMwL/' +
  '5R8yMwIBUAZuaWwBAAAAAA==';
const ZSTD =
  'KLUv/QBY5AMAxAXiCAAAAA5zdG9yZS0w/gd7Im9yZGVySWQiOi0wIiwidGV4dCI6ImFiY2RlZmdoIn0ICmNlX2lkCGlkLTAK' +
  'dHdpY2UCYQphZ2FpbgZuaWwB4ggAAgIxMTEEBDIyMgsAYBF6oB6gDLgNMEIP1AOUsSEcYBMTqlfUtVjBAwEAAA==';

interface Codec {
  compress(encoded: { buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

describe('codecs', () => {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  const codecOf = (name: 'Snappy' | 'LZ4' | 'ZSTD') => CompressionCodecs[CompressionTypes[name]]() as Codec;
  const plain = codecOf('Snappy').decompress(Buffer.from(SNAPPY, 'base64'));

  it.each([
    ['Snappy', SNAPPY],
    ['LZ4', LZ4],
    ['ZSTD', ZSTD],
  ] as const)('reads what a Java producer compressed with %s', async (name, bytes) => {
    const records = await codecOf(name).decompress(Buffer.from(bytes, 'base64'));
    expect(records).toHaveLength(1689);
    expect(records.toString('latin1')).toMatch(/store-0.*order-0.*store-1.*order-1.*store-2.*order-2/s);
    expect(records).toEqual(await plain);
  });

  it('reads snappy without a frame, and in several blocks of one', async () => {
    const records = await plain;
    const { decompress } = codecOf('Snappy');
    expect(await decompress(snappy.compressSync(records))).toEqual(records);
    const frame: Buffer[] = [Buffer.from(SNAPPY, 'base64').subarray(0, 16)];
    for (const part of [records.subarray(0, 700), records.subarray(700)]) {
      const block = snappy.compressSync(part);
      const length = Buffer.alloc(4);
      length.writeInt32BE(block.length);
      frame.push(length, block);
    }
    expect(await decompress(Buffer.concat(frame))).toEqual(records);
  });

  it.each(['Snappy', 'LZ4'] as const)('reads its own %s', async (name) => {
    const codec = codecOf(name);
    const records = await plain;
    expect(await codec.decompress(await codec.compress({ buffer: records }))).toEqual(records);
  });

  it('rejects what is broken', async () => {
    for (const name of ['Snappy', 'LZ4', 'ZSTD'] as const) {
      await expect(codecOf(name).decompress(Buffer.from('not compressed at all'))).rejects.toThrow();
    }
  });
});
