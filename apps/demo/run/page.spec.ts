import { pageUrl } from './page.js';

describe('the address of the page', () => {
  it('opens the month that has most of the dates', () => {
    const dates = ['2026-11-28', '2026-11-30', '2026-12-01', '2026-12-02', '2026-12-03'];
    expect(pageUrl('http://127.0.0.1:4001', dates)).toBe(
      'http://127.0.0.1:4001/#/sole-bakery/calendar/2026-12',
    );
  });

  it('opens the sooner of two months that have as many', () => {
    expect(pageUrl('http://h:1', ['2026-11-30', '2026-12-01'])).toMatch(/2026-11$/);
  });
});
