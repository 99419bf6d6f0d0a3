import { timeLeft } from './countdown.js';

describe('time left on a hold', () => {
  const now = Date.parse('2026-12-24T10:00:00Z');

  it('is told in minutes and seconds', () => {
    expect(timeLeft('2026-12-24T10:29:59.500Z', now)).toEqual({ minutes: 30, seconds: 0, isOver: false });
    expect(timeLeft('2026-12-24T10:01:05Z', now)).toEqual({ minutes: 1, seconds: 5, isOver: false });
  });

  it('is over when due, and not less than nothing after', () => {
    expect(timeLeft('2026-12-24T10:00:00Z', now).isOver).toBe(true);
    expect(timeLeft('2026-12-24T09:00:00Z', now)).toEqual({ minutes: 0, seconds: 0, isOver: true });
  });
});
