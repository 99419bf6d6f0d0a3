import { datesAfter, demandFor, headlines } from './shops.js';

const { open, closed } = datesAfter(Date.UTC(2026, 10, 24, 9));

describe("the bakery's dates", () => {
  it('are the four weeks to come, Sundays closed', () => {
    expect([...open, ...closed].sort()).toHaveLength(28);
    expect(open[0]).toBe('2026-11-25');
    expect(open.at(-1)).toBe('2026-12-22');
    expect(closed).toEqual(['2026-11-29', '2026-12-06', '2026-12-13', '2026-12-20']);
  });

  it('are all asked for, the next one and Saturdays most', () => {
    const demand = demandFor(open);
    expect(Object.keys(demand)).toEqual(open);
    const dates = Object.entries(demand).filter(([, weight]) => weight > 2);
    expect(dates.map(([date]) => date)).toEqual([
      '2026-11-25',
      '2026-11-28',
      '2026-12-05',
      '2026-12-12',
      '2026-12-19',
    ]);
  });

  it('are shown by the next one and a Saturday after it, also when the next one is a Saturday', () => {
    const cakes = (dates: readonly string[]) =>
      headlines(dates)
        .map(({ label }) => label)
        .filter((label) => label.startsWith('Birthday'));
    expect(cakes(open)).toEqual(['Birthday cakes, Wed 25 Nov', 'Birthday cakes, Sat 28 Nov']);
    expect(cakes(datesAfter(Date.UTC(2026, 10, 27, 9)).open)).toEqual([
      'Birthday cakes, Sat 28 Nov',
      'Birthday cakes, Sat 5 Dec',
    ]);
  });
});
