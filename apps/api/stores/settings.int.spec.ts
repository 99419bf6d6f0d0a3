import { audit } from '@holdfast/store';
import { SHOP, TestApi } from '../testing/test-api.js';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(async () => {
  const { listed } = await audit(api.shop.database, { overdueAfterMs: Infinity });
  await api.stop();
  expect(listed).toEqual([]);
});

describe('stores', () => {
  it('are listed as far as the key may see them', async () => {
    const own = await api.ask('GET', '/stores', { as: 'read-only' });
    const today = new Date().toLocaleDateString('sv-SE', { timeZone: 'Europe/Berlin' });
    const store = {
      storeId: SHOP,
      timeZone: 'Europe/Berlin',
      fulfillmentDates: false,
      holdMinutes: 30,
      showCounts: false,
      today,
    };
    expect(own.body).toEqual({ items: [store], nextCursor: null });
    expect((await api.askShop('GET', '')).body).toEqual(store);
    const first = await api.ask('GET', '/stores?limit=1', { as: 'operator' });
    expect(first.body).toMatchObject({ items: [{ storeId: SHOP }] });
    const { nextCursor } = first.body as { nextCursor: string };
    const second = await api.ask('GET', `/stores?limit=1&cursor=${nextCursor}`, { as: 'operator' });
    expect(second.body).toMatchObject({ items: [{ storeId: 'other-shop' }], nextCursor: null });
  });

  it('are changed in what is named, and made by operators', async () => {
    const changed = await api.askShop('PATCH', '', { body: { holdMinutes: 0.5, showCounts: true } });
    expect(changed.body).toMatchObject({
      store: { timeZone: 'Europe/Berlin', holdMinutes: 0.5, showCounts: true },
      warnings: [],
      stock: null,
    });
    const made = await api.ask('PUT', '/stores/new-shop', {
      as: 'operator',
      body: { timeZone: 'Asia/Tokyo' },
    });
    expect(made).toMatchObject({
      status: 200,
      body: { store: { storeId: 'new-shop', timeZone: 'Asia/Tokyo' } },
    });
    const replaced = await api.ask('PUT', '/stores/new-shop', { as: 'operator', body: { holdMinutes: 5 } });
    expect(replaced.body).toMatchObject({ store: { timeZone: 'UTC', holdMinutes: 5, showCounts: false } });
    const odd = await api.ask('PUT', `/stores/o'b:1`, { as: 'operator', body: {} });
    expect(odd).toMatchObject({ status: 200, body: { store: { storeId: `o'b:1` } } });
    const slash = await api.ask('PUT', '/stores/a%2Fb', { as: 'operator', body: {} });
    expect(slash).toMatchObject({ status: 400, body: { errors: [{ pointer: '/storeId' }] } });
  });

  const wrong: [string, unknown, string][] = [
    ['a zone that is none', { timeZone: 'Berlin' }, '/timeZone'],
    ['no time to hold', { holdMinutes: 0 }, '/holdMinutes'],
    ['a time to hold without end', { holdMinutes: 1e9 }, '/holdMinutes'],
    ['text for a flag', { fulfillmentDates: 'yes' }, '/fulfillmentDates'],
    ['null for a setting', { timeZone: null }, '/timeZone'],
    ['a setting that there is not', { currency: 'EUR' }, '/currency'],
    ['a number that is none', { numbers: [{ productId: 'cake', quantity: -1 }] }, '/numbers/0/quantity'],
  ];
  it.each(wrong)('refuse %s, and stay as they are', async (_, body, pointer) => {
    const before = await api.shop.database.stores.findOne({ _id: SHOP });
    const answer = await api.askShop('PATCH', '', { body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-input', errors: [{ pointer }] } });
    expect(await api.shop.database.stores.findOne({ _id: SHOP })).toEqual(before);
  });
});

describe('products', () => {
  it('are made with titles, variants and the numbers that these need', async () => {
    const { status, body } = await api.askShop('PUT', '/products/shirt', {
      body: {
        title: 'Shirt',
        inventory: 'variant',
        variants: [{ variantId: 'S', title: 'Small' }, { variantId: 'M' }, { variantId: 'L' }],
        numbers: [
          { variantId: 'S', quantity: 5 },
          { variantId: 'L', quantity: null },
        ],
      },
    });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        product: {
          productId: 'shirt',
          title: 'Shirt',
          inventory: 'variant',
          variants: [
            { variantId: 'S', title: 'Small' },
            { variantId: 'M', title: null },
            { variantId: 'L', title: null },
          ],
          cells: [
            { variantId: 'L', free: null },
            { variantId: 'S', free: 5, total: 5, version: 1, nextReleaseAt: null },
          ],
        },
        warnings: [{ code: 'unlimited', productId: 'shirt', variantId: 'M', stockKey: `${SHOP}/shirt/M/-` }],
        stock: { changed: 2, refused: 0, cells: [{ after: { free: 5 } }, { after: { free: null } }] },
      },
    });
    expect((await api.askShop('GET', '/products/shirt', { as: 'read-only' })).body).toEqual(
      (body as { product: object }).product,
    );
    expect((await api.askShop('GET', '/products/none')).status).toBe(404);
  });

  it('keep what is not named: titles, variants and numbers survive off and on', async () => {
    await api.askShop('PUT', '/products/mug', {
      body: {
        title: 'Mug',
        inventory: 'variant',
        variants: [{ variantId: 'blue', title: 'Blue' }],
        numbers: [{ variantId: 'blue', quantity: 3 }],
      },
    });
    await api.askShop('PUT', '/products/mug', { body: { inventory: 'off' } });
    const on = await api.askShop('PUT', '/products/mug', { body: { inventory: 'variant' } });
    expect(on.body).toMatchObject({
      product: { title: 'Mug', variants: [{ title: 'Blue' }], cells: [{ free: 3 }] },
      warnings: [],
      stock: null,
    });
    const bare = await api.askShop('PUT', '/products/mug', {
      body: {
        title: null,
        inventory: 'variant',
        variants: [{ variantId: 'blue', title: null }, { variantId: 'red' }],
      },
    });
    expect(bare.body).toMatchObject({
      product: { title: null, variants: [{ title: null }, { title: null }] },
      warnings: [{ variantId: 'red' }],
    });
    const any = await api.askShop('PUT', '/products/mug', { body: { inventory: 'variant', variants: null } });
    expect(any.body).toMatchObject({ product: { variants: null } });
  });

  it('are as they were when a number cannot be set', async () => {
    const answer = await api.askShop('PUT', '/products/plate', {
      body: { inventory: 'product', numbers: [{ quantity: 3 }, { variantId: 'blue', quantity: 3 }] },
    });
    expect(answer).toMatchObject({
      status: 409,
      body: {
        code: 'numbers-refused',
        detail: expect.stringContaining('plate is counted as a whole'),
        report: { changed: 0, refused: 2 },
      },
    });
    expect((await api.askShop('GET', '/products/plate')).status).toBe(404);
  });

  const wrong: [string, unknown, string][] = [
    ['a way of counting that there is not', { inventory: 'some' }, '/inventory'],
    ['no way of counting', { title: 'x' }, '/inventory'],
    [
      'a variant twice',
      { inventory: 'variant', variants: [{ variantId: 'a' }, { variantId: 'a' }] },
      '/variants/1',
    ],
    [
      'a variant without an id',
      { inventory: 'variant', variants: [{ title: 'A' }] },
      '/variants/0/variantId',
    ],
    ['no variants', { inventory: 'variant', variants: [] }, '/variants'],
    ['a list for a variant', { inventory: 'variant', variants: [[]] }, '/variants'],
    ['a title without end', { inventory: 'off', title: 'x'.repeat(201) }, '/title'],
    [
      'numbers of another product',
      { inventory: 'product', numbers: [{ productId: 'cake', quantity: 1 }] },
      '/numbers/0/productId',
    ],
    [
      'the same number twice',
      { inventory: 'product', numbers: [{ quantity: 1 }, { quantity: 2 }] },
      '/numbers/1',
    ],
  ];
  it.each(wrong)('refuse %s, and are not made', async (_, body, pointer) => {
    const answer = await api.askShop('PUT', '/products/wrong', { body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-input', errors: [{ pointer }] } });
    expect(await api.shop.database.products.findOne({ productId: 'wrong' })).toBeNull();
  });

  it('are listed by their ids, page by page, with the numbers of undated shops', async () => {
    const first = await api.askShop('GET', '/products?limit=1', { as: 'read-only' });
    expect(first.body).toMatchObject({
      items: [{ productId: 'mug', cells: [{ variantId: 'blue', free: 3 }] }],
    });
    const { nextCursor } = first.body as { nextCursor: string };
    const second = await api.askShop('GET', `/products?limit=1&cursor=${nextCursor}`);
    expect(second.body).toMatchObject({ items: [{ productId: 'shirt' }], nextCursor: null });
    const dates = await api.askShop('PATCH', '', {
      body: {
        fulfillmentDates: true,
        numbers: [{ productId: 'shirt', variantId: 'S', date: '2026-12-24', quantity: 4 }],
      },
    });
    expect(dates.body).toMatchObject({ stock: { changed: 1 } });
    const warned = (dates.body as { warnings: { stockKey: string }[] }).warnings.map(
      ({ stockKey }) => stockKey,
    );
    expect(warned).toEqual([
      `${SHOP}/mug/VARIANT/YYYY-MM-DD`,
      `${SHOP}/shirt/M/YYYY-MM-DD`,
      `${SHOP}/shirt/L/YYYY-MM-DD`,
    ]);
    expect((await api.askShop('GET', '/products/shirt')).body).toMatchObject({ cells: [] });
  });
});
