import type { OrderEvent } from '@holdfast/core';
import {
  calendarCells,
  completedOrders,
  holds,
  inSnapshot,
  ordersBehind,
  refundsWaiting,
  setStore,
  stockCells,
  type BalanceKind,
  type Page,
} from '../index.js';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.js';

const START = Date.parse('2026-12-01T09:00:00Z');
const MINUTE = 60_000;

describe("what the merchant's pages read", () => {
  let test: TestDatabase;
  let events = 0;

  beforeAll(async () => {
    test = await openTestDatabase();
  });
  beforeEach(() => test.clear());
  afterAll(() => test.drop());

  const cause = (topic: string) => ({ topic, eventId: `e-${++events}` });

  /** `lines`: goods as in a stock key → units */
  function placed(
    orderId: string,
    minutes: number,
    lines: Record<string, number>,
    storeId = 's',
  ): OrderEvent {
    const occurredAt = START + minutes * MINUTE;
    return {
      type: 'placed',
      storeId,
      orderId,
      occurredAt,
      recordedAt: occurredAt,
      customerId: `c-${orderId}`,
      cause: cause('OrderPlaced'),
      lines: Object.entries(lines).map(([key, quantity]) => ({ ...goods(key), quantity })),
    } as OrderEvent;
  }
  const paid = (orderId: string): OrderEvent => ({
    type: 'paid',
    storeId: 's',
    orderId,
    paymentId: `pay-${orderId}`,
    cause: cause('PaymentReceived'),
  });
  const rejected = (orderId: string): OrderEvent => ({
    type: 'rejected',
    storeId: 's',
    orderId,
    cause: cause('OrderRejected'),
  });
  function refunded(orderId: string, lines?: Record<string, number>): OrderEvent {
    return {
      type: 'refunded',
      storeId: 's',
      orderId,
      refundId: `r-${++events}`,
      restock: false,
      cause: cause('OrderRefunded'),
      ...(lines && { lines: Object.entries(lines).map(([key, quantity]) => ({ ...goods(key), quantity })) }),
    } as OrderEvent;
  }

  function goods(key: string): { productId: string; variantId?: string; fulfillmentDate?: string } {
    const [productId = '', variantId = '-', fulfillmentDate = '-'] = key.split('/');
    return {
      productId,
      ...(variantId !== '-' && { variantId }),
      ...(fulfillmentDate !== '-' && { fulfillmentDate }),
    };
  }

  /** Page by page, of two each. */
  async function all<Item>(
    read: (request: { limit: number; cursor?: string }) => Promise<Page<Item>>,
  ): Promise<Item[]> {
    const items: Item[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page: Page<Item> = await read({ limit: 2, ...(cursor !== undefined && { cursor }) });
      expect(page.items.length).toBeLessThanOrEqual(2);
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  }

  const behind = (key: string, kind: BalanceKind) =>
    all((request) => ordersBehind(test.database, `s/${key}`, kind, request));
  const ids = (items: { orderId: string }[]): string[] => items.map(({ orderId }) => orderId);

  async function bakery(): Promise<void> {
    await setStore(test.database, 's', { fulfillmentDates: true, timeZone: 'Europe/Berlin' });
    await test.product('s', 'cake');
    await test.product('s', 'bread', 'variant', ['rye', 'oat']);
    await test.product('other', 'cake');
    await test.stock('s', { 'cake/-/2026-12-24': 40, 'cake/-/2026-12-25': null, 'bread/rye/2026-12-24': 10 });
  }

  describe('stock cells', () => {
    it('give balances, their sum, the version, and when the soonest hold of the key falls due', async () => {
      await bakery();
      await test.apply([
        placed('o1', 10, { 'cake/-/2026-12-24': 2, 'bread/rye/2026-12-24': 1 }),
        placed('o2', 5, { 'cake/-/2026-12-24': 1 }),
        placed('o3', 0, { 'cake/-/2026-12-25': 4 }),
        placed('o4', 1, { 'bread/rye/2026-12-24': 1 }),
        paid('o4'),
      ]);
      const { items, nextCursor } = await stockCells(test.database, 's', { limit: 10 });
      expect(nextCursor).toBeNull();
      expect(items).toEqual([
        {
          productId: 'bread',
          variantId: 'rye',
          date: '2026-12-24',
          stockKey: 's/bread/rye/2026-12-24',
          ...{ free: 8, held: 1, sold: 1, refunded: 0, total: 10, version: 1 },
          nextReleaseAt: new Date(START + 40 * MINUTE).toISOString(),
        },
        expect.objectContaining({
          stockKey: 's/cake/-/2026-12-24',
          ...{ free: 37, held: 3, total: 40, nextReleaseAt: new Date(START + 35 * MINUTE).toISOString() },
        }),
        expect.objectContaining({
          stockKey: 's/cake/-/2026-12-25',
          ...{ free: null, held: 4, total: null, nextReleaseAt: new Date(START + 30 * MINUTE).toISOString() },
        }),
      ]);
    });

    it('come page by page, by product, variant and date, and of no other store', async () => {
      await setStore(test.database, 's', { fulfillmentDates: true });
      await test.product('s', 'a.b', 'variant');
      await test.product('s', 'axb', 'variant');
      const changes: Record<string, number> = {};
      for (const product of ['a.b', 'axb'])
        for (const variant of ['v', 'w'])
          for (const day of ['01', '02', '03']) changes[`${product}/${variant}/2026-12-${day}`] = 1;
      await test.stock('s', changes);
      await setStore(test.database, 's0', { fulfillmentDates: true });
      await test.product('s0', 'a.b', 'variant');
      await test.stock('s0', { 'a.b/v/2026-12-01': 1 });

      const keys = async (filter: object) =>
        (await all((request) => stockCells(test.database, 's', { ...filter, ...request }))).map(
          ({ stockKey }) => stockKey,
        );
      const expected = Object.keys(changes)
        .map((key) => `s/${key}`)
        .sort();
      expect(await keys({})).toEqual(expected);
      expect(await keys({ productIds: ['a.b'] })).toEqual(expected.filter((key) => key.startsWith('s/a.b/')));
      expect(await keys({ variantIds: ['w'], dates: ['2026-12-02', '2026-12-03'] })).toEqual(
        expected.filter((key) => /\/w\/2026-12-0[23]$/.test(key)),
      );
      expect(await keys({ variantIds: [null] })).toEqual([]);
    });

    it('of the calendar lie between the days, over months, at the length of a year and more', async () => {
      await bakery();
      const days = ['2026-11-30', '2026-12-01', '2027-01-31', '2027-02-01', '2028-01-01'];
      await test.stock('s', Object.fromEntries(days.map((day) => [`cake/-/${day}`, 1])));
      const read = (from: string, to: string, productIds?: string[]) =>
        inSnapshot(test.database, async (session) =>
          (
            await calendarCells(test.database, 's', { from, to, ...(productIds && { productIds }) }, session)
          ).map(({ productId, date }) => `${productId} ${date}`),
        );
      expect(await read('2026-12-01', '2027-01-31')).toEqual([
        'bread 2026-12-24',
        'cake 2026-12-01',
        'cake 2026-12-24',
        'cake 2026-12-25',
        'cake 2027-01-31',
      ]);
      expect(await read('2026-12-24', '2026-12-24', ['cake'])).toEqual(['cake 2026-12-24']);
      expect(await read('2026-11-30', '2028-01-04', ['bread', 'cake'])).toHaveLength(8);
    });

    it('refuse a cursor of another list', async () => {
      await bakery();
      const { nextCursor } = await stockCells(test.database, 's', { limit: 1 });
      await expect(
        holds(test.database, 's', { limit: 1, cursor: nextCursor as string }),
      ).rejects.toMatchObject({ problems: [{ field: 'cursor' }] });
      await expect(stockCells(test.database, 's', { limit: 1, cursor: 'x' })).rejects.toMatchObject({
        problems: [{ field: 'cursor' }],
      });
    });
  });

  describe('the orders behind a number', () => {
    const KEY = 'cake/-/2026-12-24';

    it('sum up to it, whatever happened to them', async () => {
      await bakery();
      const orders = Array.from({ length: 24 }, (_, at) => `o${String(at).padStart(2, '0')}`);
      await test.apply(
        orders.map((id, at) => placed(id, at % 7, { [KEY]: 1 + (at % 2), 'bread/rye/2026-12-25': 1 })),
      );
      await test.apply(orders.slice(0, 16).map(paid));
      await test.apply(orders.slice(14, 18).map(rejected));
      await test.apply([
        refunded('o00'),
        refunded('o01', { [KEY]: 1 }),
        refunded('o02', { 'bread/rye/2026-12-25': 1 }),
      ]);
      // Settles o00 and o01; what is refunded after stands in the new number.
      await test.stock('s', { [KEY]: 7 });
      await test.apply([refunded('o03', { [KEY]: 1 }), refunded('o04'), refunded('o01')]);

      const stock = await test.database.stock.findOne({ _id: `s/${KEY}` });
      for (const kind of ['held', 'sold', 'refunded'] as const) {
        const found = await behind(KEY, kind);
        expect(found.every(({ units }) => units > 0)).toBe(true);
        expect(new Set(ids(found)).size).toBe(found.length);
        expect(found.reduce((sum, { units }) => sum + units, 0)).toBe(stock?.[kind]);
      }
      expect(stock?.refunded).toBe(1 + 1 + 1);
      expect(ids(await behind(KEY, 'refunded')).sort()).toEqual(['o01', 'o03', 'o04']);
    });

    it('are the holds soonest due first, and the sold newest first', async () => {
      await bakery();
      await test.apply([
        placed('late', 9, { [KEY]: 1 }),
        placed('soon', 2, { [KEY]: 2 }),
        placed('b', 5, { [KEY]: 1 }),
        placed('a', 5, { [KEY]: 1 }),
        placed('elsewhere', 1, { 'cake/-/2026-12-25': 1 }),
      ]);
      const held = await behind(KEY, 'held');
      expect(ids(held)).toEqual(['soon', 'a', 'b', 'late']);
      expect(held[0]).toEqual({
        orderId: 'soon',
        customerId: 'c-soon',
        state: 'held',
        version: 1,
        placedAt: new Date(START + 2 * MINUTE).toISOString(),
        expiresAt: new Date(START + 32 * MINUTE).toISOString(),
        lines: [{ productId: 'cake', variantId: null, fulfillmentDate: '2026-12-24', quantity: 2 }],
        units: 2,
      });
      await test.apply(['late', 'soon', 'a', 'b'].map(paid));
      expect(ids(await behind(KEY, 'sold'))).toEqual(['late', 'b', 'a', 'soon']);
      expect(await behind(KEY, 'held')).toEqual([]);
    });
  });

  it('lists complete orders newest first and by state, and holds apart', async () => {
    await bakery();
    await test.apply([
      placed('o1', 1, { 'cake/-/2026-12-24': 1 }),
      placed('o2', 2, { 'cake/-/2026-12-24': 1 }),
      placed('o3', 3, { 'cake/-/2026-12-24': 99 }),
      placed('o4', 4, { 'cake/-/2026-12-24': 1 }),
      placed('o5', 5, { 'cake/-/2026-12-24': 1 }),
      placed('o6', 0, { 'cake/-/2026-12-24': 1 }),
      placed('x', 0, { cake: 1 }, 'other'),
      paid('o1'),
      paid('o2'),
      rejected('o4'),
      refunded('o2'),
      paid('unseen'),
    ]);
    const list = (states?: ('paid' | 'rejected')[]) =>
      all((request) => completedOrders(test.database, 's', { ...request, ...(states && { states }) }));
    expect((await list()).map(({ orderId, state }) => `${orderId} ${state}`)).toEqual([
      'o4 rejected',
      'o3 refused',
      'o2 refunded',
      'o1 paid',
    ]);
    expect(ids(await list(['paid', 'rejected']))).toEqual(['o4', 'o1']);
    const held = await all((request) => holds(test.database, 's', request));
    expect(ids(held)).toEqual(['o6', 'o5']);
    expect(held[0]?.expiresAt).toBe(new Date(START + 30 * MINUTE).toISOString());
  });

  describe('refunds that wait', () => {
    const NOW = Date.parse('2026-12-24T22:30:00Z'); // half past eleven in Berlin, the 24th

    const waiting = (now = NOW) => all((request) => refundsWaiting(test.database, 's', request, now));

    it('name the units of each line that are neither put back nor settled', async () => {
      await bakery();
      await test.apply([
        placed('o1', 1, { 'cake/-/2026-12-24': 5, 'bread/rye/2026-12-23': 2 }),
        placed('o2', 2, { 'cake/-/2026-12-25': 1 }),
        placed('o3', 3, { 'bread/oat/2026-12-24': 1 }),
        ...['o1', 'o2', 'o3'].map(paid),
        refunded('o1', { 'cake/-/2026-12-24': 4, 'bread/rye/2026-12-23': 1 }),
        refunded('o2'),
        refunded('o3'),
        {
          type: 'restocked',
          storeId: 's',
          orderId: 'o1',
          restockId: 'r',
          lines: [{ ...goods('cake/-/2026-12-24'), quantity: 1 }],
          cause: cause('api'),
        } as OrderEvent,
      ]);
      await test.stock('s', { 'bread/oat/2026-12-24': 3 });
      const line = (
        productId: string,
        variantId: string | null,
        fulfillmentDate: string,
        units: number,
        pastDate: boolean,
      ) => ({
        ...{ productId, variantId, fulfillmentDate, units, pastDate, restockable: units },
      });
      expect(await waiting()).toEqual([
        {
          orderId: 'o1',
          customerId: 'c-o1',
          placedAt: new Date(START + MINUTE).toISOString(),
          lines: [line('cake', null, '2026-12-24', 3, false), line('bread', 'rye', '2026-12-23', 1, true)],
        },
        expect.objectContaining({ orderId: 'o2', lines: [line('cake', null, '2026-12-25', 1, false)] }),
      ]);
    });

    it("takes a day for past from midnight on in the store's zone, whatever its clocks do", async () => {
      await bakery();
      await setStore(test.database, 's', { timeZone: 'America/New_York' });
      await test.apply([
        placed('o1', 1, { 'cake/-/2026-11-01': 1, 'cake/-/2026-03-08': 1 }),
        paid('o1'),
        refunded('o1'),
      ]);
      const past = async (at: string) =>
        (await waiting(Date.parse(at)))[0]?.lines.map(({ fulfillmentDate, pastDate }) => [
          fulfillmentDate,
          pastDate,
        ]);
      // The day that the clocks go back has 25 hours, the one that they go forward 23.
      expect(await past('2026-11-02T04:59:59Z')).toEqual([
        ['2026-11-01', false],
        ['2026-03-08', true],
      ]);
      expect(await past('2026-11-02T05:00:00Z')).toEqual([
        ['2026-11-01', true],
        ['2026-03-08', true],
      ]);
      expect(await past('2026-03-09T03:59:59Z')).toEqual([
        ['2026-11-01', false],
        ['2026-03-08', false],
      ]);
      expect(await past('2026-03-09T04:00:00Z')).toEqual([
        ['2026-11-01', false],
        ['2026-03-08', true],
      ]);
    });

    it('come page by page past many that are settled', async () => {
      await bakery();
      const orders = Array.from({ length: 205 }, (_, at) => `o${String(at).padStart(3, '0')}`);
      await test.apply(orders.flatMap((id) => [placed(id, 1, { 'cake/-/2026-12-25': 1 }), paid(id)]));
      await test.apply(orders.slice(0, 201).map((id) => refunded(id)));
      await test.stock('s', { 'cake/-/2026-12-25': 5 });
      await test.apply(orders.slice(201).map((id) => refunded(id)));
      expect(ids(await waiting())).toEqual(['o201', 'o202', 'o203', 'o204']);
    });
  });
});
