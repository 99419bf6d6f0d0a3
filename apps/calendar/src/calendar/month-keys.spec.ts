import { dateAfterKey } from './month-keys.js';

describe('the keys of the month', () => {
  it.each([
    ['ArrowLeft', false, '2026-12-23'],
    ['ArrowRight', false, '2026-12-25'],
    ['ArrowUp', false, '2026-12-17'],
    ['ArrowDown', false, '2026-12-31'],
    ['Home', false, '2026-12-21'],
    ['End', false, '2026-12-27'],
    ['Home', true, '2026-12-01'],
    ['End', true, '2026-12-31'],
    ['PageUp', false, '2026-11-24'],
    ['PageDown', false, '2027-01-24'],
    ['PageDown', true, '2027-12-24'],
    ['x', false, undefined],
  ])('%s (with Control: %s)', (key, control, date) => {
    expect(dateAfterKey('2026-12-24', key, control)).toBe(date);
  });
});
