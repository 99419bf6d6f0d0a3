import { crc32c } from './crc32c.js';

describe('crc32c', () => {
  it.each([
    ['', 0],
    ['123456789', 0xe3069283],
    ['The quick brown fox jumps over the lazy dog', 0x22620404],
  ])('of %j', (text, sum) => {
    expect(crc32c(Buffer.from(text))).toBe(sum);
  });

  it.each([
    ['zeros', Buffer.alloc(32), 0x8a9136aa],
    ['ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['rising bytes', Buffer.from(Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e],
  ])('of %s, as RFC 3720 has it, wherever they stand', (_what, bytes, sum) => {
    for (let before = 0; before < 8; before++) {
      const all = Buffer.concat([Buffer.alloc(before, 1), bytes, Buffer.from('behind')]);
      expect(crc32c(all, before, before + 32)).toBe(sum);
    }
  });

  it('of a part', () => {
    expect(crc32c(Buffer.from('--123456789--'), 2, 11)).toBe(0xe3069283);
  });
});
