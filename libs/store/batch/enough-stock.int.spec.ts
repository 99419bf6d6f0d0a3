import type { StockChange } from '@holdfast/core';
import { line, paid, placed, refunded, STORE } from '../../core/testing/events.js';
import { applyBatch, EnoughStock, type BatchTools } from '../index.js';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.js';

const cake = `${STORE}/cake/-/-`;
const tart = `${STORE}/tart/-/-`;

let shop: TestDatabase;
beforeEach(async () => {
  shop = await openTestDatabase();
  await shop.product(STORE, 'cake');
  await shop.product(STORE, 'tart');
});
afterEach(() => shop.drop());

describe('stock of which enough is expected', () => {
  const expecting = (): BatchTools & { enough: EnoughStock } => ({ ...shop, enough: new EnoughStock() });
  const order = (orderId: string, quantity: number, ...products: string[]) =>
    placed(
      products.map((product) => line(product, quantity)),
      { orderId },
    );
  const readsOfStock = (commands: jest.SpyInstance): unknown[][] =>
    commands.mock.calls.filter(([{ find }]) => find === 'stock').map(([{ filter }]) => filter._id.$in);

  it('is taken without being read', async () => {
    await shop.stock(STORE, { cake: 5 });
    const commands = jest.spyOn(shop.database.db, 'command');
    const events = [order('a', 3, 'cake'), paid('p', 'a'), order('b', 2, 'cake')];
    expect(await applyBatch(expecting(), { events, now: 1 })).toMatchObject({ retries: 0 });
    expect(readsOfStock(commands)).toEqual([]);
    expect(await shop.database.stock.findOne({ _id: cake })).toMatchObject({ free: 0, held: 2, sold: 3 });
  });

  it.each([
    ['short', { cake: 4, tart: 9 }, { free: 1, held: 3 }, 'refused'],
    ['blank', { cake: null, tart: 9 }, { free: null, held: 5 }, 'held'],
    ['not there', { tart: 9 }, { free: null, held: 5 }, 'held'],
  ])('and is %s, is read then, and from then on', async (_what, quantities, cakes, last) => {
    await shop.stock(STORE, quantities);
    const tools = expecting();
    const missed = jest.fn();
    const watch = { retried: () => undefined, guardMissed: missed };
    const events = [order('a', 3, 'cake'), order('b', 2, 'cake'), order('c', 1, 'tart')];
    expect(await applyBatch(tools, { events, now: 1, watch })).toMatchObject({ retries: 1 });
    expect(missed).not.toHaveBeenCalled();
    expect(await shop.database.stock.findOne({ _id: cake })).toMatchObject(cakes);
    expect(await shop.database.stock.findOne({ _id: tart })).toMatchObject({ free: 8, held: 1 });
    expect(await shop.database.orders.findOne({ _id: `${STORE}/b` })).toMatchObject({ state: last });
    const commands = jest.spyOn(shop.database.db, 'command');
    const again = [order('d', 1, 'cake'), order('e', 1, 'tart')];
    expect(await applyBatch(tools, { events: again, now: 2, watch })).toMatchObject({ retries: 0 });
    expect(readsOfStock(commands)).toEqual([[cake]]);
  });

  it('is read where an order was refused for another of its keys, so that all that are short are named', async () => {
    await shop.stock(STORE, { cake: 0, tart: 1 });
    const tools = expecting();
    // A refund is known, so that its order's key is read.
    const events = [order('a', 1, 'cake'), refunded('r', { orderId: 'a' }), order('b', 2, 'cake', 'tart')];
    expect(await applyBatch(tools, { events, now: 1 })).toMatchObject({ retries: 1 });
    const refused = await shop.database.orders.findOne({ _id: `${STORE}/b` });
    expect(refused?.refused?.shortages).toMatchObject([{ productId: 'cake' }, { productId: 'tart' }]);
    // And is not expected of the order's keys any more, of which one is known to be short.
    const next = [order('c', 2, 'cake', 'tart')];
    expect(await applyBatch(tools, { events: next, now: 2 })).toMatchObject({ retries: 0 });
  });

  it('is read of every key where too many were not as expected', async () => {
    const { enough } = expecting();
    const changes = Array.from({ length: 50_000 }, (_, at) => ({
      stockKey: `s/${at}/-/-`,
      drawdown: { free: 1 },
    }));
    await enough.missed(shop.database, changes.slice(1) as unknown as StockChange[]);
    expect(enough.isExpected).toBe(true);
    await enough.missed(shop.database, changes as unknown as StockChange[]);
    expect(enough.isExpected).toBe(false);
  });
});
