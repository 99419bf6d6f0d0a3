import { audit } from '@holdfast/store';
import { line, paid, placed, refunded } from '../../../libs/core/testing/events.js';
import { messagesOf } from '../../../libs/store/testing/test-database.js';
import { SHOP, TestApi, type Answer } from '../testing/test-api.js';

let api: TestApi;
/** What happened in a test is of a product of its own. */
let product = '';
let products = 0;

beforeAll(async () => {
  api = await TestApi.start();
});
beforeEach(async () => {
  product = `cake-${++products}`;
  await api.shop.product(SHOP, product);
});
afterAll(async () => {
  const { listed } = await audit(api.shop.database, { overdueAfterMs: Infinity });
  await api.stop();
  expect(listed).toEqual([]);
});

const CHANGES = '/stock/changes';

function change(body: object, headers: Record<string, string> = {}): Promise<Answer> {
  return api.askShop('POST', CHANGES, { body, headers });
}

function free(key: string): Promise<number | null | undefined> {
  return api.shop.database.stock.findOne({ _id: `${SHOP}/${key}` }).then((doc) => doc?.free);
}

async function keysMade(): Promise<number> {
  return api.shop.database.stockChanges.countDocuments();
}

describe('a change of stock', () => {
  it('sets and adjusts cells, and answers each by itself', async () => {
    const { status, body } = await change({
      changeId: `first-${product}`,
      reason: 'delivery',
      cells: [
        { productId: product, quantity: 40 },
        { productId: 'nobody-knows', quantity: 1 },
      ],
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      changeId: `first-${product}`,
      dryRun: false,
      changed: 1,
      repeated: 0,
      refused: 1,
      cells: [
        {
          productId: product,
          variantId: null,
          date: null,
          stockKey: `${SHOP}/${product}/-/-`,
          result: 'changed',
          repeated: false,
          before: { free: null, held: 0, sold: 0, refunded: 0, total: null, version: 0 },
          after: { free: 40, held: 0, sold: 0, refunded: 0, total: 40, version: 1 },
        },
        expect.objectContaining({ result: 'refused', reason: 'unknown-product', before: null, after: null }),
      ],
    });
    const adjusted = await change({ cells: [{ productId: product, adjust: -2 }] });
    expect(adjusted.body).toMatchObject({ cells: [{ after: { free: 38, version: 2 } }] });
    const outbox = await api.shop.database.outbox.find({}).toArray();
    const sent = messagesOf(outbox).map(({ value }) => JSON.parse(value) as unknown);
    expect(sent).toContainEqual(
      expect.objectContaining({
        outcome: 'StockChanged',
        cause: { topic: 'api', eventId: `first-${product}` },
        deltas: [expect.objectContaining({ stockKey: `${SHOP}/${product}/-/-`, free: 40, keyVersion: 1 })],
      }),
    );
  });

  it('says in a dry run what would happen, and changes nothing', async () => {
    const { body } = await change({ dryRun: true, cells: [{ productId: product, quantity: 7 }] });
    expect(body).toMatchObject({
      dryRun: true,
      changed: 1,
      cells: [{ before: { free: null, version: 0 }, after: { free: 7, version: 1 } }],
    });
    expect(await free(`${product}/-/-`)).toBeUndefined();
  });

  it('is refused for a cell that somebody else changed since it was shown', async () => {
    await change({ cells: [{ productId: product, quantity: 5 }] });
    const { body } = await change({ cells: [{ productId: product, quantity: 9, expected: 0 }] });
    expect(body).toMatchObject({
      changed: 0,
      refused: 1,
      cells: [
        {
          reason: 'stale',
          message: expect.stringContaining('look at it again'),
          current: { free: 5, version: 1 },
        },
      ],
    });
    expect(await free(`${product}/-/-`)).toBe(5);
  });

  it('goes on with the other cells of the request when one is refused so', async () => {
    await api.shop.product(SHOP, `other-${product}`);
    await change({ cells: [{ productId: product, quantity: 5 }] });
    const { body } = await change({
      cells: [
        { productId: product, quantity: 9, expected: 0 },
        { productId: `other-${product}`, quantity: 9, expected: 0 },
      ],
    });
    expect(body).toMatchObject({ changed: 1, cells: [{ reason: 'stale' }, { after: { free: 9 } }] });
    expect([await free(`${product}/-/-`), await free(`other-${product}/-/-`)]).toEqual([5, 9]);
  });

  it('is made of products, days and weekdays, in the shops that keep dates', async () => {
    await api.askShop('PATCH', '', { body: { fulfillmentDates: true } });
    const selection = {
      products: [{ productId: product }],
      dates: { from: '2026-03-23', to: '2026-04-05', weekdays: [6, 7] },
      quantity: 12,
    };
    const { body } = await change({ selection });
    await api.askShop('PATCH', '', { body: { fulfillmentDates: false } });
    expect(body).toMatchObject({ changed: 4, refused: 0 });
    expect((body as { cells: { date: string }[] }).cells.map(({ date }) => date)).toEqual([
      '2026-03-28',
      '2026-03-29',
      '2026-04-04',
      '2026-04-05',
    ]);
  });

  it('takes 10,000 cells, and not one more', async () => {
    await api.shop.product(SHOP, 'shirts', 'variant');
    const cells = Array.from({ length: 10_000 }, (_, at) => ({
      productId: 'shirts',
      variantId: `v${at}`,
      quantity: at,
    }));
    const { status, body } = await change({ changeId: 'ten-thousand', cells });
    expect({ status, body }).toMatchObject({ status: 200, body: { changed: 10_000, refused: 0 } });
    expect(await free('shirts/v9999/-')).toBe(9_999);
    const before = await keysMade();
    const more = await change({
      cells: [...cells, { productId: 'shirts', variantId: 'one-more', quantity: 1 }],
    });
    expect(more).toMatchObject({
      status: 400,
      body: { code: 'invalid-input', errors: [{ pointer: '/cells', problem: 'has 10001 entries' }] },
    });
    expect(await keysMade()).toBe(before);
  });
});

describe('input that is wrong', () => {
  const enormous = 10_000_000_000;
  const wrong: [string, (productId: string) => object, string[]][] = [
    ['a negative number', (productId) => ({ cells: [{ productId, quantity: -1 }] }), ['/cells/0/quantity']],
    ['a fraction', (productId) => ({ cells: [{ productId, quantity: 1.5 }] }), ['/cells/0/quantity']],
    [
      'an enormous number',
      (productId) => ({ cells: [{ productId, quantity: enormous }] }),
      ['/cells/0/quantity'],
    ],
    ['text for a number', (productId) => ({ cells: [{ productId, quantity: '40' }] }), ['/cells/0/quantity']],
    ['true for a number', (productId) => ({ cells: [{ productId, quantity: true }] }), ['/cells/0/quantity']],
    ['an adjustment by nothing', (productId) => ({ cells: [{ productId, adjust: 0 }] }), ['/cells/0/adjust']],
    ['no number at all', (productId) => ({ cells: [{ productId }] }), ['/cells/0']],
    ['two numbers', (productId) => ({ cells: [{ productId, quantity: 1, adjust: 1 }] }), ['/cells/0']],
    [
      'a day that does not exist',
      (productId) => ({ cells: [{ productId, date: '2026-02-30', quantity: 1 }] }),
      ['/cells/0/date'],
    ],
    [
      'a time for a day',
      (productId) => ({ cells: [{ productId, date: '2026-02-01T00:00:00Z', quantity: 1 }] }),
      ['/cells/0/date'],
    ],
    ['an id with a slash', () => ({ cells: [{ productId: 'a/b', quantity: 1 }] }), ['/cells/0/productId']],
    ['no product', () => ({ cells: [{ quantity: 1 }] }), ['/cells/0/productId']],
    [
      'a version that is none',
      (productId) => ({ cells: [{ productId, quantity: 1, expected: -1 }] }),
      ['/cells/0/expected'],
    ],
    [
      'the same cell twice',
      (productId) => ({
        cells: [
          { productId, quantity: 1 },
          { productId, quantity: 2 },
        ],
      }),
      ['/cells/1'],
    ],
    ['no cell', () => ({ cells: [] }), ['/cells']],
    ['cells that are none', () => ({ cells: [7, null, 'x'] }), ['/cells/0', '/cells/1', '/cells/2']],
    ['an object for a list', () => ({ cells: { 0: {} } }), ['/cells']],
    ['neither cells nor selection', () => ({}), ['/selection']],
    [
      'both',
      (productId) => ({
        cells: [{ productId, quantity: 1 }],
        selection: { products: [{ productId }], quantity: 1 },
      }),
      ['/selection'],
    ],
    [
      'an unknown field',
      (productId) => ({ cells: [{ productId, quantity: 1, amount: 2 }] }),
      ['/cells/0/amount'],
    ],
    [
      'a day of a selection that does not exist',
      (productId) => ({
        selection: { products: [{ productId }], dates: { list: ['2026-02-30'] }, quantity: 1 },
      }),
      ['/selection/dates/list'],
    ],
    [
      'an eighth weekday',
      (productId) => ({
        selection: { products: [{ productId }], dates: { list: ['2026-02-03'], weekdays: [8] }, quantity: 1 },
      }),
      ['/selection/dates/weekdays'],
    ],
    [
      'a reason without end',
      (productId) => ({ reason: 'x'.repeat(501), cells: [{ productId, quantity: 1 }] }),
      ['/reason'],
    ],
    [
      'several mistakes, each named',
      (productId) => ({
        changeId: '-',
        cells: [
          { productId, quantity: -1 },
          { productId: '', quantity: 1 },
        ],
      }),
      ['/changeId', '/cells/0/quantity', '/cells/1/productId'],
    ],
  ];

  it.each(wrong)('(%s) is named with its remedy, and nothing is changed', async (_, bodyOf, pointers) => {
    const before = await keysMade();
    const { status, headers, body } = await change(bodyOf(product));
    const { errors, ...problem } = body as { errors: { pointer: string; problem: string; remedy: string }[] };
    expect({ status, problem }).toMatchObject({
      status: 400,
      problem: { code: 'invalid-input', status: 400 },
    });
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual([...pointers].sort());
    for (const { problem: said, remedy } of errors) {
      expect(said).not.toBe('');
      expect(remedy).not.toMatch(/docs/);
    }
    expect(await keysMade()).toBe(before);
  });

  it('that only the shop can know of is refused per cell', async () => {
    await api.shop.product(SHOP, `tee-${product}`, 'variant', ['S', 'M']);
    const { body } = await change({
      cells: [
        { productId: `tee-${product}`, variantId: 'XL', quantity: 1 },
        { productId: `tee-${product}`, quantity: 1 },
        { productId: product, date: '2026-12-24', quantity: 1 },
        { productId: product, adjust: -1 },
      ],
    });
    expect(body).toMatchObject({
      changed: 0,
      refused: 4,
      cells: [
        { reason: 'unknown-variant', message: expect.stringContaining('it has S, M') },
        { reason: 'variant-required' },
        { reason: 'date-not-used' },
        { reason: 'unlimited' },
      ],
    });
  });
});

describe('the history', () => {
  it('names who, when and why, newest first and page by page', async () => {
    const ids = [`h1-${product}`, `h2-${product}`, `h3-${product}`];
    for (const [at, changeId] of ids.entries()) {
      await change({ changeId, reason: `because ${at}`, cells: [{ productId: product, quantity: at }] });
    }
    const named = await change({
      changeId: `h4-${product}`,
      actor: 'Jo',
      cells: [{ productId: product, quantity: 9 }],
    });
    expect(named.status).toBe(200);
    const first = await api.askShop('GET', `${CHANGES}?limit=2`, { as: 'read-only' });
    expect(first.body).toMatchObject({
      items: [
        { changeId: `h4-${product}`, actor: 'Jo', reason: null, source: 'api' },
        {
          changeId: ids[2],
          actor: 'the merchant',
          reason: 'because 2',
          keys: 1,
          undone: null,
          undoes: null,
          cells: [{ productId: product, before: { free: 1, version: 2 }, after: { free: 2, version: 3 } }],
        },
      ],
    });
    const { nextCursor } = first.body as { nextCursor: string };
    const second = await api.askShop('GET', `${CHANGES}?limit=2&cursor=${nextCursor}`);
    expect(second.body).toMatchObject({ items: [{ changeId: ids[1] }, { changeId: ids[0] }] });
    const one = await api.askShop('GET', `${CHANGES}/${ids[1]}`);
    expect(one.body).toMatchObject({ changeId: ids[1], cells: [{ after: { free: 1, total: 1 } }] });
    expect((await api.askShop('GET', `${CHANGES}/nothing`)).status).toBe(404);
    const bad = await api.askShop('GET', `${CHANGES}?cursor=nonsense&limit=2`);
    expect(bad).toMatchObject({ status: 400, body: { errors: [{ pointer: '/cursor' }] } });
    for (const limit of ['0', '201', 'many', '1.5']) {
      expect((await api.askShop('GET', `${CHANGES}?limit=${limit}`)).status).toBe(400);
    }
  });
});

describe('taking a change back', () => {
  it('makes its inverse, once, as a change of its own', async () => {
    await change({ cells: [{ productId: product, quantity: 10 }] });
    const changeId = `u-${product}`;
    await change({ changeId, cells: [{ productId: product, quantity: 40 }] });
    const orderId = `o-${product}`;
    await api.shop.apply([placed([line(product, 3)], { storeId: SHOP, orderId })]);
    const undone = await api.askShop('POST', `${CHANGES}/${changeId}/undo`, { body: { reason: 'a slip' } });
    expect(undone).toMatchObject({
      status: 200,
      body: { changed: 1, cells: [{ after: { free: 7, held: 3 } }] },
    });
    const { changeId: by } = undone.body as { changeId: string };
    expect((await api.askShop('GET', `${CHANGES}/${by}`)).body).toMatchObject({
      undoes: changeId,
      reason: 'a slip',
    });
    const again = await api.askShop('POST', `${CHANGES}/${changeId}/undo`);
    expect(again).toMatchObject({ status: 409, body: { code: 'already-undone', undoneBy: by } });
    expect((await api.askShop('POST', `${CHANGES}/nothing/undo`)).status).toBe(404);
  });

  it('is refused, with the cells that stand against it, and nothing changed', async () => {
    const changeId = `r-${product}`;
    await change({ changeId, cells: [{ productId: product, quantity: 10 }] });
    await change({ cells: [{ productId: product, quantity: 11 }] });
    const refused = await api.askShop('POST', `${CHANGES}/${changeId}/undo`);
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: 'undo-refused',
        detail: expect.stringMatching(/^Nothing was changed: 1 cannot be/),
        report: { changed: 0, refused: 1, cells: [{ reason: 'stale', current: { free: 11 } }] },
      },
    });
    expect(await free(`${product}/-/-`)).toBe(11);
  });

  it('lets refunded units wait again that the change had settled', async () => {
    await change({ cells: [{ productId: product, quantity: 10 }] });
    const orderId = `w-${product}`;
    const of = { storeId: SHOP, orderId };
    await api.shop.apply([
      placed([line(product, 4)], of),
      { ...paid('p', orderId), storeId: SHOP },
      { ...refunded('r', { orderId }), storeId: SHOP },
    ]);
    const changeId = `s-${product}`;
    await change({ changeId, cells: [{ productId: product, quantity: 20 }] });
    const undone = await api.askShop('POST', `${CHANGES}/${changeId}/undo`);
    expect(undone.body).toMatchObject({ cells: [{ after: { free: 6, refunded: 4, total: 10 } }] });
    const restocked = await api.askShop('POST', `/orders/${orderId}/restock`);
    expect(restocked).toMatchObject({ status: 200, body: { deltas: [{ free: 4, refunded: -4 }] } });
  });
});
