import { RepeatedLines } from './repeated-lines.js';

describe('RepeatedLines', () => {
  it('lets a line through once, and again after a while with how often it came', () => {
    const lines = new RepeatedLines();
    const told = [0, 1_000, 29_999, 30_000, 31_000].map((now) => lines.pass('refused', now));
    expect(told).toEqual(['refused', undefined, undefined, 'refused (and 2 times before)', undefined]);
  });

  it('does not hold back other lines', () => {
    const lines = new RepeatedLines();
    expect([lines.pass('one', 0), lines.pass('other', 0)]).toEqual(['one', 'other']);
  });

  it('says nothing of repetitions that there were not', () => {
    const lines = new RepeatedLines();
    expect([lines.pass('one', 0), lines.pass('one', 60_000)]).toEqual(['one', 'one']);
  });
});
