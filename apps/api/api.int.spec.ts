import { createApiKey, revokeApiKey } from '@holdfast/store';
import { SHOP, TestApi } from './testing/test-api.js';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.stop());

describe('a request', () => {
  it('is told who signed it', async () => {
    const { status, body } = await api.ask('GET', '/session');
    expect({ status, body }).toEqual({
      status: 200,
      body: { scope: 'merchant', storeId: SHOP, name: 'the merchant' },
    });
    expect((await api.ask('GET', '/session', { as: 'operator' })).body).toMatchObject({ storeId: null });
  });

  it('without a key, or with a wrong one, is told so as a problem', async () => {
    const none = await api.ask('GET', '/session', { as: 'none' });
    expect(none.status).toBe(401);
    expect(none.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(none.headers.get('www-authenticate')).toBe('Bearer realm="holdfast"');
    expect(none.body).toMatchObject({
      type: 'urn:holdfast:problem:not-signed-in',
      title: 'Unauthorized',
      status: 401,
      code: 'not-signed-in',
      requestId: none.headers.get('x-request-id'),
    });
    const merchant = api.keys.get('merchant') as string;
    for (const wrong of ['hf_', 'nonsense', merchant.slice(0, -1), `${merchant}x`, 'x'.repeat(5_000)]) {
      const headers = { authorization: `Bearer ${wrong}` };
      const { status, text } = await api.ask('GET', '/session', { headers });
      expect(status).toBe(401);
      expect(text).toContain('wrong-key');
      if (wrong.length > 20) expect(text).not.toContain(wrong.slice(15));
    }
  });

  it('with a key that was revoked is refused within a second or so', async () => {
    const { database } = api.shop;
    const made = await createApiKey(database, { scope: 'read-only', storeId: SHOP, name: 'short-lived' });
    const headers = { authorization: `Bearer ${made.key}` };
    expect((await api.ask('GET', '/session', { headers })).status).toBe(200);
    await revokeApiKey(database, made.keyId);
    const since = Date.now();
    let status = 200;
    while (status === 200 && Date.now() - since < 5_000) {
      ({ status } = await api.ask('GET', '/session', { headers }));
    }
    expect(status).toBe(401);
  });

  it('keeps a sensible request id and replaces any other', async () => {
    const kept = await api.ask('GET', '/session', { headers: { 'x-request-id': 'checkout-17' } });
    expect(kept.headers.get('x-request-id')).toBe('checkout-17');
    const replaced = await api.ask('GET', '/session', { headers: { 'x-request-id': 'a b<c>' } });
    expect(replaced.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('with HEAD for the live changes is answered and opens no stream', async () => {
    const { status, headers } = await api.askShop('HEAD', '/events');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/event-stream/);
  });

  it('to where nothing is gets a 404 that says where to look', async () => {
    const { status, body } = await api.ask('GET', '/nothing');
    expect({ status, body }).toMatchObject({ status: 404, body: { code: 'not-found' } });
    for (const path of ['/openapi.json/x', '/docs/nothing', '/openapi%zz']) {
      const beside = await api.ask('POST', path, { as: 'none', body: {} });
      expect(beside.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(beside.status).toBeLessThan(500);
    }
  });

  it('with a body that is none, too long or no JSON is answered clearly', async () => {
    const wrong: [number, string, unknown, Record<string, string>][] = [
      [400, 'malformed-json', '{"key": "hf_', {}],
      [415, 'not-json', 'key=hf_1', { 'content-type': 'application/x-www-form-urlencoded' }],
      [413, 'body-too-large', { key: 'x'.repeat(4_300_000) }, {}],
      [400, 'invalid-input', ['hf_1'], {}],
      [400, 'malformed-json', '"hf_1"', {}],
      [400, 'invalid-input', {}, {}],
      [400, 'invalid-input', { key: 'hf_1', more: 1 }, {}],
      // The field that JavaScript would take for something else is passed over.
      [401, 'wrong-key', '{"key": "hf_1", "__proto__": {"a": 1}}', {}],
    ];
    for (const [status, code, body, headers] of wrong) {
      const answer = await api.ask('POST', '/session', { as: 'none', body, headers });
      expect({ code, status: answer.status, body: answer.body }).toMatchObject({ status, body: { code } });
    }
    const { body } = await api.ask('POST', '/session', { as: 'none', body: { key: 'hf_1', more: 1 } });
    expect(body).toMatchObject({ errors: [{ pointer: '/more', field: 'more' }] });
  });
});

describe('the documents', () => {
  it('describe the API, and may be read in a browser without a key', async () => {
    const document = await api.ask('GET', '/openapi.json', { as: 'none' });
    expect(document.body).toMatchObject({ openapi: '3.0.0', paths: { '/v1/session': {} } });
    const page = await api.ask('GET', '/docs', { as: 'none' });
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(page.text).not.toMatch(/<script>/);
  });
});
