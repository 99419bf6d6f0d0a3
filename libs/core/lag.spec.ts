import { lagOf } from './lag.js';

const MINUTE = 60_000;

describe('the lag of a partition', () => {
  it('is nothing where everything is applied, however long ago that was', () => {
    expect(lagOf({ end: 5, next: 5, appliedAt: 0 }, 90 * MINUTE, 0)).toEqual({ records: 0, ms: 0 });
    expect(lagOf({ end: 0 }, 90 * MINUTE, 0)).toEqual({ records: 0, ms: 0 });
  });

  it('lasts since the last record applied', () => {
    expect(lagOf({ end: 9, next: 5, appliedAt: 3 * MINUTE }, 5 * MINUTE, MINUTE)).toEqual({
      records: 4,
      ms: 2 * MINUTE,
    });
  });

  it('lasts since none waited where that was later: an idle day is no lag', () => {
    expect(lagOf({ end: 6, next: 5, appliedAt: MINUTE }, 99 * MINUTE, 98 * MINUTE)).toEqual({
      records: 1,
      ms: MINUTE,
    });
  });

  it('counts everything where nothing was ever applied', () => {
    expect(lagOf({ end: 6 }, 10 * MINUTE, 8 * MINUTE)).toEqual({ records: 6, ms: 2 * MINUTE });
  });

  it('is never below nothing, also where clocks differ', () => {
    expect(lagOf({ end: 6, next: 5, appliedAt: 7 * MINUTE }, 5 * MINUTE, 0).ms).toBe(0);
  });
});
