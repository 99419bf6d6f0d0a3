import { endOfPrefix } from './key-ranges.js';

describe('the end of a prefix', () => {
  it('comes after every text that begins with it, and before those that do not', () => {
    const end = endOfPrefix('s/mug/');
    expect('s/mug/\u{10ffff}' < end).toBe(true);
    expect('s/mug-2/-/-' < 's/mug/').toBe(true);
    expect('s/mug2/-/-' >= end).toBe(true);
  });
});
