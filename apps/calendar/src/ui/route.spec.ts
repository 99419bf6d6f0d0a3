import { hrefOf, parseRoute } from './route.js';

describe('the address', () => {
  it('leads back to where it was made', () => {
    const route = { storeId: 'café & co', view: 'calendar' as const, month: '2026-12' };
    expect(parseRoute(hrefOf(route))).toEqual(route);
  });

  it('of nonsense leads to the start', () => {
    expect(parseRoute('#/bakery/elsewhere/2026-13')).toEqual({ storeId: 'bakery', view: null, month: null });
    expect(parseRoute('#/%E0%A4%A/calendar')).toEqual({ storeId: null, view: 'calendar', month: null });
    expect(parseRoute('')).toEqual({ storeId: null, view: null, month: null });
  });
});
