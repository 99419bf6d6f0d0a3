import { TestApi, type KeyName } from '../testing/test-api.js';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.stop());

const DAYS = 'from=2026-12-01&to=2026-12-31';
const MERCHANTS = [
  `/calendar?${DAYS}`,
  '/stock',
  '/stock/orders?productId=cake&kind=held',
  '/orders',
  '/holds',
  '/refunds',
  '/events',
];
const CHECKOUTS = ['/availability?productId=cake', '/orders/o1', '/orders/o1?wait=1'];

describe('a read of a store', () => {
  it.each([...MERCHANTS, ...CHECKOUTS])(
    'is refused without a key, and not there for a neighbour: %s',
    async (path) => {
      const asked = async (as: KeyName): Promise<number> => (await api.askShop('GET', path, { as })).status;
      expect(await asked('none')).toBe(401);
      expect(await asked('foreign')).toBe(404);
    },
  );

  it.each(MERCHANTS)("is no business of a checkout's key: %s", async (path) => {
    expect((await api.askShop('GET', path, { as: 'storefront' })).status).toBe(403);
  });

  it.each(['merchant', 'read-only', 'operator'] as const)('is answered to the key of a %s', async (as) => {
    for (const path of [...MERCHANTS, ...CHECKOUTS]) {
      if (path === '/events') continue;
      const { status } = await api.askShop('GET', path, { as });
      expect({ path, status }).toEqual({ path, status: path.startsWith('/orders/') ? 404 : 200 });
    }
  });
});
