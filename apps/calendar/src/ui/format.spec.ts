import { datesBetween } from '../calendar/dates.js';
import { datesText, dayLong, monthName } from './format.js';

const everySecond = (days: number): string[] =>
  Array.from({ length: days }, (_, at) => `2026-12-${String(1 + 2 * at).padStart(2, '0')}`);

describe('dates in words', () => {
  it('name the day, whatever zone the reader is in', () => {
    expect(dayLong('2026-12-24')).toBe('Thursday 24 December');
    expect(monthName('2026-12')).toBe('December 2026');
  });

  it.each([
    [['2026-12-24', '2026-12-22', '2026-12-23'], '22, 23, 24 Dec'],
    [['2026-12-24'], '24 Dec'],
    [datesBetween('2026-12-01', '2026-12-24'), '1–24 Dec'],
    [['2026-12-24', '2026-12-31', '2027-01-02'], '24, 31 Dec, 2 Jan 2027'],
    [datesBetween('2026-12-28', '2027-01-03'), '28 Dec – 3 Jan 2027'],
    [everySecond(14), '1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27 Dec'],
    [everySecond(15), '1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27 Dec and 1 more'],
  ])('%j', (dates, text) => {
    expect(datesText(dates, '2026')).toBe(text);
  });
});
