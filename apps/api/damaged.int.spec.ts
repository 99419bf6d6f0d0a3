/** Documents that somebody changed by hand in MongoDB: the answer says which, and what to do; it is logged, too. */

import { Logger } from '@nestjs/common';
import { carryOut, planRepair } from '@holdfast/store';
import { line, paid, placed, refunded } from '../../libs/core/testing/events.js';
import { SHOP, TestApi } from './testing/test-api.js';

let api: TestApi;
const logged: string[] = [];
const KEY = `${SHOP}/cake/-/-`;

beforeAll(async () => {
  api = await TestApi.start();
  const nothing = (): void => undefined;
  const error = (message: unknown): void => void logged.push(String(message));
  Logger.overrideLogger({ log: nothing, warn: nothing, error });
  await api.shop.product(SHOP, 'cake');
  await api.shop.product(SHOP, 'bread');
  await api.shop.stock(SHOP, { cake: 40, bread: 40 });
  const order = { storeId: SHOP, orderId: 'o1' };
  await api.shop.apply([
    placed([line('cake', 2)], order),
    { ...paid('p1', 'o1'), storeId: SHOP },
    { ...refunded('r1', { orderId: 'o1' }), storeId: SHOP },
  ]);
});
beforeEach(() => void logged.splice(0));
afterAll(() => api.stop());

const damage = (to: object) => api.shop.database.stock.updateOne({ _id: KEY }, { $set: to });
const change = () =>
  api.askShop('POST', '/stock/changes', {
    body: { cells: ['bread', 'cake'].map((productId) => ({ productId, adjust: 1 })) },
  });

describe.each([
  ['held', '1'],
  ['free', 'x'],
  ['version', null],
])('a stock key whose %s is %j', (name, value) => {
  let before: object;

  beforeAll(async () => {
    const { _id, ...balances } = (await api.shop.database.stock.findOne({ _id: KEY })) ?? { _id: KEY };
    before = balances;
    await damage({ [name]: value });
  });
  afterAll(() => damage(before));

  it('is named where numbers are shown, with the remedy, and logged', async () => {
    const { status, body, headers } = await api.askShop('GET', '/stock');
    expect(status).toBe(500);
    expect(headers.get('content-type')).toMatch('application/problem+json');
    expect(body).toMatchObject({ code: 'damaged-document', subject: KEY });
    const { detail } = body as { detail: string };
    expect(detail).toContain(`${KEY} was changed by hand: ${name} is ${JSON.stringify(value)}`);
    expect(detail).toContain('with --repair it is put right');
    expect(logged).toEqual([expect.stringContaining(detail)]);
    expect((await api.askShop('GET', '/stock?productId=bread')).status).toBe(200);
  });

  it('is refused alone where numbers are changed, and logged', async () => {
    const { status, body } = await change();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      changed: 1,
      refused: 1,
      cells: [{ result: 'changed' }, { result: 'refused', reason: 'damaged', stockKey: KEY }],
    });
    expect(logged).toEqual([expect.stringContaining(KEY)]);
  });
});

it('lets what is left and is no number not be ordered', async () => {
  await damage({ free: 'x' });
  const { body } = await api.askShop('GET', '/availability?productId=cake,bread', { as: 'storefront' });
  expect(body).toMatchObject({ items: [{ available: false }, { available: true }] });
  await damage({ free: 38 });
});

it('names the key when refunded units cannot be put back', async () => {
  await damage({ refunded: '2' });
  const { status, body } = await api.askShop('POST', '/orders/o1/restock', { body: {} });
  expect(status).toBe(500);
  expect(body).toMatchObject({ code: 'damaged-document', detail: expect.stringContaining(KEY) as string });
  expect(logged).toEqual([expect.stringContaining(KEY)]);
  await damage({ refunded: 2 });
});

it('names the order whose time is a text', async () => {
  const _id = `${SHOP}/o1`;
  const doc = await api.shop.database.orders.findOne({ _id });
  await api.shop.database.orders.updateOne({ _id }, { $set: { 'placed.occurredAt': 'yesterday' } as object });
  for (const path of ['/orders', '/orders/o1', '/refunds', '/stock/orders?productId=cake&kind=refunded']) {
    const { status, body } = await api.askShop('GET', path);
    expect([path, status]).toEqual([path, 500]);
    expect(body).toMatchObject({ code: 'damaged-document', subject: _id });
  }
  expect(logged).toHaveLength(4);
  if (doc) await api.shop.database.orders.replaceOne({ _id }, doc);
});

it('is shown again after the repair that the answer names', async () => {
  await damage({ held: '1' });
  const { steps } = await planRepair(api.shop.database, { ledger: { read: () => Promise.resolve() } });
  const request = { changeId: 'repair', actor: 'jo', reason: 'was changed by hand', steps };
  await carryOut(api.shop, {
    ...request,
    watermark: () => Promise.resolve(Date.now()),
    publishOutbox: () => Promise.resolve(0),
  });
  expect((await api.askShop('GET', '/stock')).status).toBe(200);
});
