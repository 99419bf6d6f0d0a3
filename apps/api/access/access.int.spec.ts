import { createApiKey, listApiKeys, revokeApiKey } from '@holdfast/store';
import { line, placed } from '../../../libs/core/testing/events.js';
import { OTHER, SHOP, TestApi, type KeyName } from '../testing/test-api.js';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.stop());

interface Operation {
  security?: Record<string, string[]>[];
}

interface Route {
  method: string;
  path: string;
  /** besides operators; undefined: needs no key */
  scopes: string[] | undefined;
}

/** Every route there is: what is new is here without anybody thinking of it. */
async function routes(): Promise<Route[]> {
  const { body } = await api.ask('GET', '/openapi.json', { as: 'none' });
  const { paths } = body as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      path,
      scopes: security?.find((each) => each['key'])?.['key'],
    })),
  );
}

/** The status alone: a stream never ends by itself. */
async function statusOf({ method, path }: Route, as: KeyName, storeId: string): Promise<number> {
  const filled = path.replace('{storeId}', storeId).replaceAll(/\{\w+\}/g, 'x1');
  const key = api.keys.get(as);
  const end = new AbortController();
  const response = await fetch(api.api.url + filled, {
    method,
    signal: end.signal,
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
  });
  end.abort();
  return response.status;
}

const MERCHANT = ['merchant'];
const READ = ['merchant', 'read-only'];
const CHECKOUT = ['merchant', 'read-only', 'storefront'];

/** Who may call what, besides operators, who may call everything. */
const ALLOWED: Record<string, string[] | undefined> = {
  'POST /v1/session': undefined,
  'GET /v1/session': CHECKOUT,
  'DELETE /v1/session': CHECKOUT,
  'GET /v1/stores': READ,
  'GET /v1/stores/{storeId}': READ,
  'PATCH /v1/stores/{storeId}': MERCHANT,
  'PUT /v1/stores/{storeId}': [],
  'GET /v1/stores/{storeId}/products': READ,
  'GET /v1/stores/{storeId}/products/{productId}': READ,
  'PUT /v1/stores/{storeId}/products/{productId}': MERCHANT,
  'POST /v1/stores/{storeId}/stock/changes': MERCHANT,
  'GET /v1/stores/{storeId}/stock/changes': READ,
  'GET /v1/stores/{storeId}/stock/changes/{changeId}': READ,
  'POST /v1/stores/{storeId}/stock/changes/{changeId}/undo': MERCHANT,
  'GET /v1/stores/{storeId}/calendar': READ,
  'GET /v1/stores/{storeId}/stock': READ,
  'GET /v1/stores/{storeId}/stock/orders': READ,
  'GET /v1/stores/{storeId}/orders': READ,
  'GET /v1/stores/{storeId}/holds': READ,
  'GET /v1/stores/{storeId}/refunds': READ,
  'GET /v1/stores/{storeId}/orders/{orderId}': CHECKOUT,
  'POST /v1/stores/{storeId}/orders/{orderId}/reject': MERCHANT,
  'POST /v1/stores/{storeId}/orders/{orderId}/restock': MERCHANT,
  'GET /v1/stores/{storeId}/availability': CHECKOUT,
  'GET /v1/stores/{storeId}/events': READ,
};

describe('every route', () => {
  it('says whose it is', async () => {
    const found = await routes();
    const said = Object.fromEntries(found.map(({ method, path, scopes }) => [`${method} ${path}`, scopes]));
    expect(said).toEqual(ALLOWED);
  });

  it('refuses whoever shows no key', async () => {
    for (const route of await routes()) {
      if (route.scopes === undefined) continue;
      expect([route, await statusOf(route, 'none', SHOP)]).toEqual([route, 401]);
    }
  });

  it("is not there for another store's key, nor for an operator where there is no store", async () => {
    const ofStores = (await routes()).filter(({ path }) => path.includes('{storeId}'));
    expect(ofStores.length).toBeGreaterThan(15);
    for (const route of ofStores) {
      expect([route, await statusOf(route, 'foreign', SHOP)]).toEqual([route, 404]);
      expect([route, await statusOf(route, 'merchant', 'no-such-store')]).toEqual([route, 404]);
      if (`${route.method} ${route.path}` === 'PUT /v1/stores/{storeId}') continue;
      expect([route, await statusOf(route, 'operator', 'no-such-store')]).toEqual([route, 404]);
    }
  });

  it('refuses keys of other scopes, and lets its own and the operator in', async () => {
    for (const route of await routes()) {
      if (route.scopes === undefined) continue;
      for (const scope of ['merchant', 'read-only', 'storefront', 'operator'] as const) {
        const may = scope === 'operator' || route.scopes.includes(scope);
        const status = await statusOf(route, scope, SHOP);
        const outcome = status === 403 ? 'refused' : status === 401 ? 'unknown' : 'let in';
        expect([route, scope, outcome]).toEqual([route, scope, may ? 'let in' : 'refused']);
      }
    }
    const { database } = api.shop;
    expect(await database.stockChanges.countDocuments()).toBe(0);
    expect(await database.outbox.countDocuments()).toBe(0);
  });

  it('finds nothing of another store under its own, whatever the id', async () => {
    const { shop } = api;
    await shop.product(OTHER, 'theirs');
    await shop.stock(OTHER, { theirs: 10 });
    await shop.apply([placed([line('theirs', 2)], { storeId: OTHER, orderId: 'theirs' })]);
    const made = await shop.database.merchantChanges.findOne({ _id: { $gt: `${OTHER}/`, $lt: `${OTHER}0` } });
    const changeId = made?._id.slice(OTHER.length + 1);
    const before = await shop.database.outbox.countDocuments();
    for (const [method, path] of [
      ['GET', '/orders/theirs'],
      ['POST', '/orders/theirs/reject'],
      ['POST', '/orders/theirs/restock'],
      ['GET', '/products/theirs'],
      ['GET', `/stock/changes/${changeId}`],
      ['POST', `/stock/changes/${changeId}/undo`],
    ] as const) {
      expect([path, (await api.askShop(method, path)).status]).toEqual([path, 404]);
      const own = `/stores/${OTHER}${path}`;
      if (method === 'GET') expect((await api.ask('GET', own, { as: 'foreign' })).status).toBe(200);
    }
    for (const list of ['/holds', '/stock', '/products', '/stock/changes']) {
      expect((await api.askShop('GET', list)).text).not.toContain('theirs');
    }
    expect(await shop.database.outbox.countDocuments()).toBe(before);
  });
});

describe('signing in', () => {
  async function signIn(
    key = api.keys.get('merchant'),
  ): Promise<{ status: number; cookie: string; set: string }> {
    const { status, headers } = await api.ask('POST', '/session', { as: 'none', body: { key } });
    const set = headers.get('set-cookie') ?? '';
    return { status, set, cookie: set.split(';')[0] ?? '' };
  }

  it('gives a cookie that scripts cannot read and other sites cannot send', async () => {
    const { status, cookie, set } = await signIn();
    expect(status).toBe(200);
    expect(set).toMatch(
      /^holdfast_session=[\w-]{43}; Max-Age=2592000; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    );
    const session = await api.ask('GET', '/session', { as: 'none', headers: { cookie } });
    expect(session.body).toEqual({ scope: 'merchant', storeId: SHOP, name: 'the merchant' });
    const kept = await api.shop.database.apiSessions.find({}).toArray();
    expect(JSON.stringify(kept)).not.toContain(cookie.split('=')[1]);
  });

  it('asks for a header with everything that changes something', async () => {
    const { cookie } = await signIn();
    const body = { inventory: 'off' };
    const without = await api.askShop('PUT', '/products/csrf', { as: 'none', headers: { cookie }, body });
    expect(without).toMatchObject({ status: 403, body: { code: 'request-header-missing' } });
    const headers = { cookie, 'x-holdfast-request': '1' };
    expect((await api.askShop('PUT', '/products/csrf', { as: 'none', headers, body })).status).toBe(200);
  });

  it('ends when signed out, or when the key is revoked', async () => {
    const { cookie } = await signIn();
    const headers = { cookie, 'x-holdfast-request': '1' };
    const out = await api.ask('DELETE', '/session', { as: 'none', headers });
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toMatch(/^holdfast_session=; .*Expires=Thu, 01 Jan 1970/);
    expect((await api.ask('GET', '/session', { as: 'none', headers })).status).toBe(401);

    const wanted = { scope: 'merchant', storeId: SHOP, name: 'leaving' } as const;
    const made = await createApiKey(api.shop.database, wanted);
    const other = await signIn(made.key);
    await revokeApiKey(api.shop.database, made.keyId);
    expect((await api.ask('GET', '/session', { as: 'none', headers: { cookie: other.cookie } })).status).toBe(
      401,
    );
    expect((await signIn(made.key)).status).toBe(401);
    const kept = await listApiKeys(api.shop.database, SHOP);
    expect(kept.find(({ name }) => name === 'leaving')).toMatchObject({ revokedAt: expect.any(Date) });
    expect(JSON.stringify(await api.shop.database.apiKeys.find({}).toArray())).not.toContain(
      made.key.slice(20),
    );
  });

  it('is refused for a minute after ten wrong keys, the right one too', async () => {
    const statuses: number[] = [];
    for (let at = 0; at < 10; at++) statuses.push((await signIn(`hf_abcdefghijkl_wrong${at}`)).status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    const last = await api.ask('POST', '/session', { as: 'none', body: { key: api.keys.get('merchant') } });
    expect(last).toMatchObject({ status: 429, body: { code: 'too-many-attempts' } });
    expect(Number(last.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    // Programs that show a key with each request are not kept out.
    expect((await api.ask('GET', '/session')).status).toBe(200);
  });

  it('notes that a key is in use, to the hour', async () => {
    const keys = await listApiKeys(api.shop.database, SHOP);
    expect(keys.find(({ name }) => name === 'the merchant')?.lastUsedAt).toBeInstanceOf(Date);
    expect((await listApiKeys(api.shop.database, OTHER)).length).toBe(1);
  });
});
