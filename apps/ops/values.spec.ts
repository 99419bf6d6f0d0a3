import {
  dates,
  daysOf,
  duration,
  durationText,
  line,
  quantity,
  signedNumber,
  time,
  weekday,
} from './values.js';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
  ])('reads %s', (text, ms) => expect(duration(text)).toBe(ms));

  it.each(['', '30', 'm', '30 m', '-5s', '30min', '5s!', '1h 30m'])('refuses "%s"', (text) =>
    expect(() => duration(text)).toThrow('such as 90s, 30m'),
  );

  it.each([0, 1, 90_000, 1_800_000, 93_784_005])('writes %d so that it reads back', (ms) =>
    expect(duration(durationText(ms))).toBe(ms),
  );
});

describe('numbers', () => {
  it('reads units, and unlimited as the word', () => {
    expect(['0', '40', 'unlimited'].map(quantity)).toEqual([0, 40, 'unlimited']);
    expect(['+5', '-5', '5'].map(signedNumber)).toEqual([5, -5, 5]);
  });

  it.each(['', '-1', '1.5', '1e3', ' 5', '0x10', 'blank', '1000000001'])(
    'refuses "%s" as a quantity',
    (text) =>
      expect(() => quantity(text)).toThrow('Use a whole number from 0 to 1000000000, or "unlimited".'),
  );
});

describe('dates', () => {
  it('reads days and ranges, over the end of a month and the change of the clocks', () => {
    expect(dates('2026-12-24')).toEqual(['2026-12-24']);
    expect(dates('2024-02-28..2024-03-01')).toEqual(['2024-02-28', '2024-02-29', '2024-03-01']);
    expect(dates('2026-10-24..2026-10-26')).toHaveLength(3);
  });

  it.each([
    '2026-02-29',
    '2026-12',
    '24.12.2026',
    '2026-12-24..',
    '2026-12-24..2026-12-01',
    '2026-01-01..2046-01-01',
  ])('refuses %s', (text) => expect(() => dates(text)).toThrow(/^(Use a|Name the first)/));

  it('keeps each day once, in order, of the weekdays that are asked for', () => {
    const ranges = [dates('2026-12-05..2026-12-07'), dates('2026-12-01..2026-12-06')];
    expect(daysOf(ranges, undefined)).toEqual(dates('2026-12-01..2026-12-07'));
    expect(daysOf(ranges, ['sat', 'SUN'].map(weekday))).toEqual(['2026-12-05', '2026-12-06']);
    expect(daysOf(undefined, undefined)).toEqual([]);
  });
});

describe('times', () => {
  it('need an offset', () => {
    expect(time('2026-12-24T18:00:00+01:00')).toBe(Date.UTC(2026, 11, 24, 17));
    expect(() => time('2026-12-24T18:00:00')).toThrow('with its offset');
  });
});

describe('lines', () => {
  it('name goods as a stock key does', () => {
    expect(line('mug=2')).toEqual({ productId: 'mug', quantity: 2 });
    expect(line('shirt/M=1')).toEqual({ productId: 'shirt', variantId: 'M', quantity: 1 });
    expect(line('cake/-/2026-12-24=3')).toEqual({
      productId: 'cake',
      fulfillmentDate: '2026-12-24',
      quantity: 3,
    });
    expect(line('a=b=2')).toEqual({ productId: 'a=b', quantity: 2 });
  });

  it.each(['mug', 'mug=0', 'mug=-1', '=2', 'a/b/2026-02-30=1', 'a/b/c/d=1'])('refuses %s', (text) =>
    expect(() => line(text)).toThrow('Use PRODUCT=UNITS'),
  );
});
