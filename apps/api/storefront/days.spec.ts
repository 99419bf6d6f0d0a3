import { daysOf } from './days.js';

describe('the days of a question', () => {
  it('are those listed, each once, or none', () => {
    expect(daysOf({})).toBeUndefined();
    expect(daysOf({ date: ['2026-12-24', '2026-12-24', '2026-12-25'] })).toEqual([
      '2026-12-24',
      '2026-12-25',
    ]);
  });

  it('are all of a range with both its ends, over months, leap days and days that the clocks change on', () => {
    expect(daysOf({ from: '2026-12-24', to: '2026-12-24' })).toEqual(['2026-12-24']);
    expect(daysOf({ from: '2028-02-28', to: '2028-03-01' })).toEqual([
      '2028-02-28',
      '2028-02-29',
      '2028-03-01',
    ]);
    expect(daysOf({ from: '2026-03-28', to: '2026-03-30' })).toEqual([
      '2026-03-28',
      '2026-03-29',
      '2026-03-30',
    ]);
    expect(daysOf({ from: '2026-10-24', to: '2026-10-26' })).toEqual([
      '2026-10-24',
      '2026-10-25',
      '2026-10-26',
    ]);
  });

  it.each([
    ['half a range', { from: '2026-12-24' }, 'to'],
    ['the other half', { to: '2026-12-24' }, 'from'],
    ['a range turned round', { from: '2026-12-25', to: '2026-12-24' }, 'to'],
    ['more than an answer holds', { from: '2026-01-01', to: '2032-01-01' }, 'to'],
    ['a list beside a range', { date: ['2026-12-24'], from: '2026-12-24', to: '2026-12-25' }, 'date'],
  ])('are refused for %s', (_, asked, field) => {
    expect(() => daysOf(asked)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ field })] }) as Error,
    );
  });
});
