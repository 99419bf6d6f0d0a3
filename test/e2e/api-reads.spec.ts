/** What the merchant and the checkout see through the API while a real worker works. */

import { setTimeout as delay } from 'node:timers/promises';
import { line, startPipeline, type Pipeline } from '../support/pipeline.js';
import { PipelineApi } from '../support/pipeline-api.js';

const MAX_WAITING = 20;
const STORE = 'bakery';
const DAY = '2099-12-24';
const CAKE = `cake/-/${DAY}`;

interface Items {
  items: Record<string, unknown>[];
  nextCursor: string | null;
}

describe('the API beside a working pipeline', () => {
  let shop: Pipeline;
  let api: PipelineApi;

  beforeAll(async () => {
    shop = await startPipeline();
    await shop.store(STORE, { fulfillmentDates: true, timeZone: 'Europe/Berlin' });
    await shop.product(STORE, 'cake');
    await shop.product(STORE, 'bread', 'variant', ['rye', 'oat']);
    await shop.stock(STORE, { [CAKE]: 40, [`bread/rye/${DAY}`]: 5 });
    api = await PipelineApi.start(shop, STORE, { HOLDFAST_API_MAX_WAITING: String(MAX_WAITING) });
  });
  afterAll(async () => {
    await api.stop();
    await shop.finish();
  });

  const place = (orderId: string, ...lines: ReturnType<typeof line>[]): Promise<void> =>
    shop.publish.placed({ storeId: STORE, orderId, customerId: `c-${orderId}`, lines });
  const decided = (...orderIds: string[]): Promise<void> =>
    shop.until(
      ({ of }) => orderIds.every((id) => of(STORE, id).length > 0),
      `${orderIds.join(', ')} decided`,
    );
  const items = async (path: string): Promise<Record<string, unknown>[]> => {
    const { status, body } = await api.get(path);
    expect(status).toBe(200);
    return (body as Items).items;
  };

  it('shows an order from its hold to the refund that waits, in each of its places', async () => {
    await place('o1', line(CAKE, 3), line(`bread/rye/${DAY}`, 1));
    await decided('o1');
    const calendar = async () =>
      (await api.get(`/calendar?from=${DAY}&to=${DAY}`)).body as {
        today: string;
        products: unknown[];
        cells: { stockKey: string; free: number; held: number; nextReleaseAt: string | null }[];
      };
    const { cells, products, today } = await calendar();
    expect(today).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(products).toEqual([
      {
        productId: 'bread',
        title: null,
        inventory: 'variant',
        variants: [
          { variantId: 'rye', title: null },
          { variantId: 'oat', title: null },
        ],
      },
      { productId: 'cake', title: null, inventory: 'product', variants: null },
    ]);
    const [hold] = await items('/holds');
    expect(hold).toMatchObject({ orderId: 'o1', customerId: 'c-o1', state: 'held', version: 1 });
    expect(cells).toMatchObject([
      { stockKey: `${STORE}/bread/rye/${DAY}`, free: 4, held: 1, nextReleaseAt: hold?.['expiresAt'] },
      { stockKey: `${STORE}/${CAKE}`, free: 37, held: 3, total: 40, nextReleaseAt: hold?.['expiresAt'] },
    ]);
    const behind = (kind: string) => items(`/stock/orders?productId=cake&date=${DAY}&kind=${kind}`);
    expect(await behind('held')).toMatchObject([{ orderId: 'o1', units: 3 }]);
    expect(await items('/orders')).toEqual([]);

    await shop.publish.paid({ storeId: STORE, orderId: 'o1', paymentId: 'p1' });
    await shop.until(({ story }) => story(STORE, 'o1').includes('Sold'), 'o1 is sold');
    expect(await behind('sold')).toMatchObject([{ orderId: 'o1', units: 3, state: 'paid' }]);
    expect(await items('/holds')).toEqual([]);
    expect(await items('/refunds')).toEqual([]);

    const lines = [line(CAKE, 2)];
    await shop.publish.refunded({ storeId: STORE, orderId: 'o1', refundId: 'r1', lines });
    await shop.until(({ story }) => story(STORE, 'o1').includes('RefundRecorded'), 'o1 is refunded');
    expect(await behind('refunded')).toMatchObject([{ orderId: 'o1', units: 2 }]);
    expect(await items('/refunds')).toEqual([
      {
        orderId: 'o1',
        customerId: 'c-o1',
        placedAt: expect.any(String) as unknown,
        lines: [
          {
            productId: 'cake',
            variantId: null,
            fulfillmentDate: DAY,
            units: 2,
            pastDate: false,
            restockable: 2,
          },
        ],
      },
    ]);
    const { body } = await api.get('/orders/o1');
    expect(body).toMatchObject({
      orderId: 'o1',
      state: 'paid',
      version: 3,
      expiresAt: null,
      claims: [
        { stockKey: `${STORE}/${CAKE}`, held: 0, sold: 1, refunded: 2, settled: 0 },
        { stockKey: `${STORE}/bread/rye/${DAY}`, held: 0, sold: 1, refunded: 0, settled: 0 },
      ],
      transitions: [
        { version: 1, from: 'unseen', state: 'held', outcomes: ['Held'], cause: { topic: 'OrderPlaced' } },
        { version: 2, state: 'paid', outcomes: ['Sold'], cause: { topic: 'PaymentReceived' } },
        { version: 3, state: 'paid', outcomes: ['RefundRecorded'], cause: { topic: 'OrderRefunded' } },
      ],
      facts: [{ fact: 'placed' }, { fact: 'paid', paymentId: 'p1' }, { fact: 'refunded', refundId: 'r1' }],
    });
  });

  it('answers a wait soon after the outcome is on Kafka, and at once when it is there already', async () => {
    const delays: number[] = [];
    for (let at = 0; at < 20; at++) {
      const orderId = `waited-${at}`;
      const arrived = decided(orderId).then(() => performance.now());
      const answered = api.get(`/orders/${orderId}?wait=25`, { as: 'storefront' }).then((answer) => {
        expect(answer).toMatchObject({ status: 200, body: { orderId, state: 'held' } });
        return performance.now();
      });
      await place(orderId, line(`bread/oat/${DAY}`));
      delays.push((await answered) - (await arrived));
    }
    delays.sort((a, b) => a - b);
    process.stderr.write(
      `answered after the outcome arrived here: median ${delays[10]?.toFixed(0)} ms, most ${delays.at(-1)?.toFixed(0)} ms\n`,
    );
    const { status, body } = await api.get('/orders/waited-1?wait=25', { as: 'storefront' });
    expect({ status, body }).toMatchObject({ status: 200, body: { state: 'held' } });
  });

  it('answers a wait for a refused order with why', async () => {
    const waited = api.get('/orders/too-much?wait=25', { as: 'storefront' });
    await place('too-much', line(CAKE, 41));
    expect((await waited).body).toMatchObject({
      state: 'refused',
      reason: 'not-enough-stock',
      shortages: [{ productId: 'cake', variantId: null, fulfillmentDate: DAY, wanted: 41 }],
    });
  });

  it('says 404 when the time is over, and does not take a payment alone for a decision', async () => {
    expect((await api.get('/orders/never?wait=1')).status).toBe(404);
    await shop.publish.paid({ storeId: STORE, orderId: 'paid-first', paymentId: 'p' });
    const waited = api.get('/orders/paid-first?wait=25', { as: 'storefront' });
    await shop.drained();
    await place('paid-first', line(`bread/oat/${DAY}`));
    expect((await waited).body).toMatchObject({ state: 'paid' });
    for (const wait of ['-1', '26', '1.5', 'x']) {
      expect(await api.get(`/orders/o1?wait=${wait}`)).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '/wait' }] },
      });
    }
  });

  it('tells too many who wait to come back, and forgets those who left', async () => {
    const gone = new AbortController();
    const asked = Array.from({ length: MAX_WAITING + 1 }, (_, at) =>
      api.get(`/orders/nothing-${at}?wait=25`, { signal: gone.signal }).catch(() => undefined),
    );
    // All but one wait, whichever it is.
    const full = await Promise.race(asked);
    expect(full?.status).toBe(503);
    expect(full?.headers.get('retry-after')).toBe('1');
    expect(full?.body).toMatchObject({ code: 'too-many-waiting' });
    gone.abort();
    expect((await Promise.all(asked)).filter((answer) => answer !== undefined)).toEqual([full]);
    let again = await api.get('/orders/one-more?wait=0');
    for (let tries = 0; again.status !== 404 && tries < 100; tries++) {
      await delay(20);
      again = await api.get('/orders/one-more?wait=0');
    }
    const waited = api.get('/orders/after-all?wait=25');
    await place('after-all', line(`bread/oat/${DAY}`));
    expect((await waited).status).toBe(200);
  });

  it('tells an open page of every order, payment and change of stock as it happens', async () => {
    const page = await api.events();
    await page.until(() => page.lastEventId !== undefined);
    await place('seen', line(CAKE));
    await decided('seen');
    await shop.stock(STORE, { [`bread/oat/${DAY}`]: 9 });
    await shop.publish.rejected({ storeId: STORE, orderId: 'seen' });
    await page.until(() => page.events.length >= 3);
    expect(page.events.map(({ event, data }) => [event, (data as { outcome: string }).outcome])).toEqual([
      ['stock', 'Held'],
      ['stock', 'StockChanged'],
      ['stock', 'Released'],
    ]);
    page.close();
    await place('missed', line(CAKE));
    await decided('missed');
    const back = await api.events(page.lastEventId);
    await back.until(() => back.events.length >= 1);
    expect(back.events[0]?.data).toMatchObject({ outcome: 'Held', orderId: 'missed' });
    back.close();
  });

  it('says what can be ordered, and that nothing has changed', async () => {
    const path = `/availability?productId=cake,bread&from=${DAY}&to=2099-12-25&quantity=6`;
    const first = await api.get(path, { as: 'storefront' });
    expect(first.status).toBe(200);
    expect(first.headers.get('cache-control')).toBe('private, max-age=0, must-revalidate');
    expect((first.body as Items).items).toEqual([
      { productId: 'cake', variantId: null, date: DAY, available: true },
      { productId: 'cake', variantId: null, date: '2099-12-25', available: true },
      { productId: 'bread', variantId: 'rye', date: DAY, available: false },
      { productId: 'bread', variantId: 'rye', date: '2099-12-25', available: true },
      { productId: 'bread', variantId: 'oat', date: DAY, available: true },
      { productId: 'bread', variantId: 'oat', date: '2099-12-25', available: true },
    ]);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"/);
    const again = await api.get(path, { as: 'storefront', headers: { 'if-none-match': etag } });
    expect({ status: again.status, body: again.body }).toEqual({ status: 304, body: undefined });
    await shop.stock(STORE, { [CAKE]: 5 });
    let changed = await api.get(path, { as: 'storefront', headers: { 'if-none-match': etag } });
    // Until the outcome is on Kafka, and has been read from there.
    while (changed.status === 304) {
      changed = await api.get(path, { as: 'storefront', headers: { 'if-none-match': etag } });
    }
    expect(changed.status).toBe(200);
    expect((changed.body as Items).items[0]).toMatchObject({ productId: 'cake', available: false });
  });

  it('names what is wrong in a question', async () => {
    const wrong: [string, string][] = [
      [`/calendar?from=${DAY}&to=2099-12-23`, '/to'],
      ['/calendar?from=2099-01-01&to=2100-02-05', '/to'],
      ['/calendar?from=2099-02-29&to=2099-03-01', '/from'],
      ['/calendar?to=2099-03-01', '/from'],
      ['/stock?limit=201', '/limit'],
      ['/stock?cursor=x', '/cursor'],
      ['/stock?colour=red', '/colour'],
      ['/stock?date=2099-13-01', '/date'],
      ['/stock/orders?productId=cake&kind=free', '/kind'],
      ['/orders?state=held', '/state'],
      ['/holds?limit=0', '/limit'],
      ['/availability', '/productId'],
      ['/availability?productId=cake', '/date'],
      [`/availability?productId=cake&from=${DAY}`, '/to'],
      [`/availability?productId=cake&date=${DAY}&quantity=0`, '/quantity'],
      [`/availability?productId=a/b&date=${DAY}`, '/productId'],
    ];
    for (const [path, pointer] of wrong) {
      const { status, body } = await api.get(path);
      expect({ path, status, body }).toMatchObject({
        status: 400,
        body: { code: 'invalid-input', errors: [{ pointer }] },
      });
    }
    expect((await api.get('/calendar?from=2099-01-01&to=2100-02-04')).status).toBe(200);
  });

  it('shows a checkout availability and its order, and nothing else', async () => {
    for (const path of [
      '/stock',
      `/calendar?from=${DAY}&to=${DAY}`,
      '/orders',
      '/holds',
      '/refunds',
      '/events',
    ]) {
      expect({ path, status: (await api.get(path, { as: 'storefront' })).status }).toEqual({
        path,
        status: 403,
      });
    }
  });
});
