import type { Touched } from '../api/types.js';
import { gather, windowOf } from './touched.js';

const touch = (productId: string, date: string | null): Touched => ({ productId, variantId: null, date });

describe('what is looked at again', () => {
  it('is the touched part of what is in view', () => {
    expect(
      windowOf(
        [
          touch('a', '2026-12-24'),
          touch('b', '2026-12-22'),
          touch('a', '2026-12-23'),
          touch('c', '2027-02-01'),
        ],
        '2026-11-30',
        '2027-01-03',
      ),
    ).toEqual({ from: '2026-12-22', to: '2026-12-24', productIds: ['a', 'b'] });
  });

  it('is nothing when nothing in view was touched', () => {
    expect(
      windowOf([touch('a', null), touch('a', '2027-02-01')], '2026-12-01', '2026-12-31'),
    ).toBeUndefined();
  });
});

describe('a rush of events', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('is handed on once, not later than it waits from the first', () => {
    const handed: number[] = [];
    const gathering = gather(150, (touched) => handed.push(touched.length));
    gathering.add([touch('a', null)]);
    jest.advanceTimersByTime(100);
    gathering.add([touch('b', null), touch('c', null)]);
    jest.advanceTimersByTime(49);
    expect(handed).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(handed).toEqual([3]);
    gathering.add([touch('d', null)]);
    gathering.stop();
    jest.advanceTimersByTime(500);
    expect(handed).toEqual([3]);
  });
});
