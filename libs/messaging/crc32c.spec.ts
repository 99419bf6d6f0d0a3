import { crc32c } from './crc32c.js';

describe('crc32c', () => {
  it.each([
    ['', 0],
    ['123456789', 0xe3069283],
    ['The quick brown fox jumps over the lazy dog', 0x22620404],
  ])('of %j', (text, sum) => {
    expect(crc32c(Buffer.from(text))).toBe(sum);
  });

  it('of a part', () => {
    expect(crc32c(Buffer.from('--123456789--'), 2, 11)).toBe(0xe3069283);
  });
});
