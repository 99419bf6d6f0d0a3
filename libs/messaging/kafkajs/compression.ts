/**
 * The codecs that kafkajs knows by number but does not bring. Without them one producer that compresses is
 * enough to stop the consumer.
 */

import { decompress as zstdDecompress } from 'fzstd';
import kafkajs from 'kafkajs';
import lz4 from 'lz4-napi';
import snappy from 'snappy';

const { CompressionCodecs, CompressionTypes } = kafkajs;

/** kafkajs's encoder, as far as a codec sees it. */
interface Encoded {
  buffer: Buffer;
}

interface Codec {
  compress(encoded: Encoded): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

/** Java's snappy stream: this magic, two version numbers, then blocks, each after its length. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/** Java clients frame their snappy, others (librdkafka, Go) may send one bare block. */
export function uncompressSnappy(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return uncompressBlock(bytes);
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length;) {
    const length = bytes.readInt32BE(at);
    at += 4;
    blocks.push(uncompressBlock(bytes.subarray(at, at + length)));
    at += length;
  }
  return blocks.length === 1 ? (blocks[0] as Buffer) : Buffer.concat(blocks);
}

function uncompressBlock(block: Buffer): Buffer {
  return snappy.uncompressSync(block, { asBuffer: true }) as Buffer;
}

export function uncompressZstd(bytes: Buffer): Buffer {
  const plain = zstdDecompress(bytes);
  return Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength);
}

const codecs: Record<'Snappy' | 'LZ4' | 'ZSTD', Codec> = {
  Snappy: {
    compress: (encoded) => snappy.compress(encoded.buffer),
    decompress: (bytes) => inPromise(() => uncompressSnappy(bytes)),
  },
  LZ4: {
    compress: (encoded) => lz4.compressFrame(encoded.buffer),
    decompress: (bytes) => inPromise(() => lz4.decompressFrameSync(bytes)),
  },
  ZSTD: {
    compress: () => Promise.reject(new Error('zstd is read, not written')),
    decompress: (bytes) => inPromise(() => uncompressZstd(bytes)),
  },
};

function inPromise<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}

CompressionCodecs[CompressionTypes.Snappy] = () => codecs.Snappy;
CompressionCodecs[CompressionTypes.LZ4] = () => codecs.LZ4;
CompressionCodecs[CompressionTypes.ZSTD] = () => codecs.ZSTD;
