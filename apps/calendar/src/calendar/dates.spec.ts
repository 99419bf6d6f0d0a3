import {
  addDays,
  addMonths,
  datesBetween,
  isDate,
  monthDates,
  monthWeeks,
  runsOf,
  weekdayOf,
} from './dates.js';

describe('dates', () => {
  it('takes only days that exist', () => {
    expect(isDate('2026-12-24')).toBe(true);
    expect(isDate('2028-02-29')).toBe(true);
    expect(isDate('2026-02-29')).toBe(false);
    expect(isDate('2026-13-01')).toBe(false);
    expect(isDate('24.12.2026')).toBe(false);
  });

  it('counts a day for a day when clocks are put forward or back', () => {
    expect(addDays('2026-03-28', 1)).toBe('2026-03-29');
    expect(addDays('2026-03-29', 1)).toBe('2026-03-30');
    expect(addDays('2026-10-25', 1)).toBe('2026-10-26');
    expect(datesBetween('2026-10-23', '2026-10-27')).toHaveLength(5);
  });

  it('goes over the ends of months and years', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2027-01-01', -1)).toBe('2026-12-31');
    expect(addMonths('2026-12-24', 1)).toBe('2027-01-24');
    expect(addMonths('2027-01-31', 1)).toBe('2027-02-28');
    expect(addMonths('2028-01-31', 1)).toBe('2028-02-29');
    expect(addMonths('2026-03-31', -1)).toBe('2026-02-28');
  });

  it('knows weekdays, Monday first', () => {
    expect(weekdayOf('2026-12-24')).toBe(4);
    expect(weekdayOf('2026-12-27')).toBe(7);
    expect(weekdayOf('2026-12-28')).toBe(1);
    expect(weekdayOf('1969-12-31')).toBe(3);
  });

  it('lays a month out in whole weeks', () => {
    expect(monthDates('2026-12')).toHaveLength(31);
    const weeks = monthWeeks('2026-12');
    expect(weeks).toHaveLength(5);
    expect(weeks[0]?.[0]).toBe('2026-11-30');
    expect(weeks.at(-1)?.at(-1)).toBe('2027-01-03');
    expect(monthWeeks('2027-02')).toEqual([
      datesBetween('2027-02-01', '2027-02-07'),
      datesBetween('2027-02-08', '2027-02-14'),
      datesBetween('2027-02-15', '2027-02-21'),
      datesBetween('2027-02-22', '2027-02-28'),
    ]);
  });

  it('finds the days that follow each other', () => {
    expect(runsOf(['2026-12-24', '2026-12-22', '2026-12-23', '2026-12-31', '2027-01-01'])).toEqual([
      ['2026-12-22', '2026-12-24'],
      ['2026-12-31', '2027-01-01'],
    ]);
    expect(runsOf(['2026-12-24'])).toEqual([['2026-12-24', '2026-12-24']]);
  });
});
