import { audit } from '@holdfast/store';
import { line, paid, placed, refunded } from '../../../libs/core/testing/events.js';
import { SHOP, TestApi, type Answer, type KeyName } from '../testing/test-api.js';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
  await api.shop.product(SHOP, 'mug');
  await api.shop.product(SHOP, 'goods');
  await api.shop.product(SHOP, 'pot');
  const cells = [{ productId: 'goods', quantity: 10 }];
  await api.askShop('POST', '/stock/changes', { body: { changeId: 'start-c', cells } });
  const of = { storeId: SHOP, orderId: 'o2' };
  await api.shop.apply([
    placed([line('pot')], { storeId: SHOP, orderId: 'o1' }),
    placed([line('pot', 2)], of),
    { ...paid('p', 'o2'), ...of },
    { ...refunded('r', { orderId: 'o2' }), storeId: SHOP },
  ]);
});
afterAll(async () => {
  const { listed } = await audit(api.shop.database, { overdueAfterMs: Infinity });
  await api.stop();
  expect(listed).toEqual([]);
});

function change(key: string, cells: object[], as: KeyName = 'merchant'): Promise<Answer> {
  return api.askShop('POST', '/stock/changes', { body: { cells }, as, headers: { 'idempotency-key': key } });
}

async function free(): Promise<number | null | undefined> {
  return (await api.shop.database.stock.findOne({ _id: `${SHOP}/mug/-/-` }))?.free;
}

describe('a write with an Idempotency-Key', () => {
  it('is done once, and answered again as it was', async () => {
    await change('start', [{ productId: 'mug', quantity: 10 }]);
    const first = await change('k1', [{ productId: 'mug', adjust: 5 }]);
    const again = await change('k1', [{ productId: 'mug', adjust: 5 }]);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again).toMatchObject({ status: 200, text: first.text });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(await free()).toBe(15);
  });

  it('is refused when the key came with another body, or at another place', async () => {
    const before = await free();
    const other = await change('k1', [{ productId: 'mug', adjust: 6 }]);
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
    const headers = { 'idempotency-key': 'k1' };
    const elsewhere = await api.askShop('PUT', '/products/mug', { headers, body: { inventory: 'off' } });
    expect(elsewhere.status).toBe(422);
    expect(await free()).toBe(before);
  });

  it.each([
    ['PATCH', '', { holdMinutes: 20 }, { holdMinutes: 10 }],
    ['PUT', '/products/cup', { inventory: 'product' }, { inventory: 'off' }],
    ['POST', '/stock/changes/start-c/undo', { reason: 'a slip' }, { reason: 'another' }],
    ['POST', '/orders/o1/reject', { reason: 'closed' }, {}],
    ['POST', '/orders/o2/restock', {}, { lines: [{ productId: 'pot', quantity: 1 }] }],
  ])('is answered again, and with another body refused: %s %s', async (method, path, body, other) => {
    const headers = { 'idempotency-key': `route${path}` };
    const first = await api.askShop(method, path, { headers, body });
    expect(first.status).toBeLessThan(300);
    expect(await api.askShop(method, path, { headers, body })).toMatchObject({
      status: first.status,
      text: first.text,
    });
    const changed = await api.askShop(method, path, { headers, body: other });
    expect(changed).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  });

  it('is of the one who asks: another key of the API has its own', async () => {
    const before = (await free()) as number;
    const operator = await change('k1', [{ productId: 'mug', adjust: 1 }], 'operator');
    expect(operator.status).toBe(200);
    expect(await free()).toBe(before + 1);
  });

  it('is done by one of many that come at the same time', async () => {
    const before = (await free()) as number;
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => change('k2', [{ productId: 'mug', adjust: 1 }])),
    );
    expect(await free()).toBe(before + 1);
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 200 && status !== 409)).toEqual([]);
    const waiting = answers.find(({ status }) => status === 409);
    if (waiting) expect(waiting.body).toMatchObject({ code: 'idempotency-in-progress' });
    expect((await change('k2', [{ productId: 'mug', adjust: 1 }])).status).toBe(200);
  });

  it('may be mended when nothing came of it', async () => {
    const before = (await free()) as number;
    const wrong = await change('k3', [{ productId: 'mug', adjust: 1.5 }]);
    expect(wrong.status).toBe(400);
    expect((await change('k3', [{ productId: 'mug', adjust: 1 }])).status).toBe(200);
    expect(await free()).toBe(before + 1);
  });

  it('that was refused for what there is, is refused again', async () => {
    const headers = { 'idempotency-key': 'k4' };
    const body = { inventory: 'product', numbers: [{ variantId: 'blue', quantity: 1 }] };
    const refused = await api.askShop('PUT', '/products/mug', { headers, body });
    const again = await api.askShop('PUT', '/products/mug', { headers, body });
    expect(again).toMatchObject({ status: 409, body: { code: 'numbers-refused' } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toMatchObject({ report: (refused.body as { report: object }).report });
  });

  it('whose process died is done with the same ids by whoever sends it again', async () => {
    const before = (await free()) as number;
    const first = await change('k5', [{ productId: 'mug', adjust: 1 }]);
    const requests = api.shop.database.apiRequests;
    const kept = await requests
      .find({ answer: { $exists: true } })
      .sort({ expiresAt: -1 })
      .limit(1)
      .next();
    // As if the answer had never been kept: done, and nobody told.
    await requests.updateOne(
      { _id: kept?._id as string },
      { $unset: { answer: '' }, $set: { lockedUntil: new Date(Date.now() + 60_000) } },
    );
    expect((await change('k5', [{ productId: 'mug', adjust: 1 }])).status).toBe(409);
    await requests.updateOne({ _id: kept?._id as string }, { $set: { lockedUntil: new Date(0) } });
    const again = await change('k5', [{ productId: 'mug', adjust: 1 }]);
    expect(again.body).toMatchObject({
      changeId: (first.body as { changeId: string }).changeId,
      repeated: 1,
    });
    expect(await free()).toBe(before + 1);
  });

  it('needs a key that is one', async () => {
    for (const key of ['x'.repeat(129), 'ü']) {
      const headers = { 'idempotency-key': Buffer.from(key).toString('latin1') };
      const answer = await api.askShop('POST', '/stock/changes', { headers, body: { cells: [] } });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'Idempotency-Key' }] } });
    }
  });
});
