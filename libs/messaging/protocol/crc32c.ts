/** CRC-32C (Castagnoli), sixteen bytes a step. Node's zlib has the other CRC-32 alone. */

const POLYNOMIAL = 0x82f63b78;
const STEP = 16;
/** 256 entries for each byte of a step, those of its last byte first. */
const TABLE = tables();

function tables(): Int32Array {
  const table = new Int32Array(256 * STEP);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[byte] = crc;
  }
  for (let at = 256; at < table.length; at++) {
    const before = table[at - 256]!;
    table[at] = (before >>> 8) ^ table[before & 0xff]!;
  }
  return table;
}

/** @returns unsigned */
export function crc32c(bytes: Buffer, start = 0, end = bytes.length): number {
  // Read as words, which takes less than half the time of bytes.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let crc = -1;
  let at = start;
  for (; at + STEP <= end; at += STEP) {
    const a = crc ^ view.getInt32(at, true);
    const b = view.getInt32(at + 4, true);
    const c = view.getInt32(at + 8, true);
    const d = view.getInt32(at + 12, true);
    crc = ofWord(a, 12) ^ ofWord(b, 8) ^ ofWord(c, 4) ^ ofWord(d, 0);
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/** @param behind bytes of the step behind it */
function ofWord(word: number, behind: number): number {
  const at = behind << 8;
  return (
    TABLE[at + 768 + (word & 0xff)]! ^
    TABLE[at + 512 + ((word >>> 8) & 0xff)]! ^
    TABLE[at + 256 + ((word >>> 16) & 0xff)]! ^
    TABLE[at + (word >>> 24)]!
  );
}
