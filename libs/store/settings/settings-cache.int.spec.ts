import type { ProductSettings } from '@holdfast/core';
import { line, placed } from '../../core/testing/events.js';
import { applyBatch, setStore, SettingsCache, transact } from '../index.js';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.js';

let shop: TestDatabase;

beforeAll(async () => {
  shop = await openTestDatabase();
});
afterEach(() => shop.clear());
afterAll(() => shop.drop());

async function settingsOf(cache: SettingsCache, productId: string): Promise<ProductSettings | undefined> {
  const wanted = new Map([['s1', new Set([productId])]]);
  const settings = await transact(shop.database, (session) => cache.load(wanted, session));
  return settings.product('s1', productId);
}

describe('the settings that batches go by', () => {
  it('know the products of a store once one of them was asked for', async () => {
    for (const productId of ['cup', 'mug']) await shop.product('s1', productId);
    const cache = new SettingsCache(shop.database);
    expect(await settingsOf(cache, 'cup')).toEqual({ inventory: 'product', stockKey: 's1/cup/-/-' });
    // Behind the version's back: what is known is not asked for again.
    await shop.database.products.deleteOne({ _id: 's1/mug' });
    expect(await settingsOf(cache, 'mug')).toEqual({ inventory: 'product', stockKey: 's1/mug/-/-' });
    await shop.product('s1', 'cup', 'off');
    expect(await settingsOf(cache, 'mug')).toBeUndefined();
    expect(await settingsOf(cache, 'cup')).toEqual({ inventory: 'off', stockKey: 's1/cup/-/-' });
  });

  it('look for each product where there are more than can be remembered', async () => {
    for (const productId of ['cup', 'mug', 'pot']) await shop.product('s1', productId);
    const cache = new SettingsCache(shop.database, 2);
    for (const productId of ['cup', 'mug', 'pot', 'cup']) {
      const stockKey = `s1/${productId}/-/-`;
      expect(await settingsOf(cache, productId)).toEqual({ inventory: 'product', stockKey });
    }
    await shop.product('s1', 'pot', 'off');
    expect(await settingsOf(cache, 'pot')).toEqual({ inventory: 'off', stockKey: 's1/pot/-/-' });
  });

  describe('as they are remembered', () => {
    const cups = (orderId: string, storeId = 's1') => placed([line('cup', 1)], { orderId, storeId });
    const apply = (...events: ReturnType<typeof cups>[]) => applyBatch(shop, { events, now: 1 });
    const findsOf = (commands: jest.SpyInstance, collection: string): unknown[] =>
      commands.mock.calls.flatMap(([{ find, projection }]) => (find === collection ? [projection] : []));

    it('are decided on while their versions alone are read', async () => {
      await shop.product('s1', 'cup');
      await shop.stock('s1', { cup: 5 });
      await apply(cups('a'));
      const commands = jest.spyOn(shop.database.db, 'command');
      expect(await apply(cups('b'))).toMatchObject({ retries: 0, facts: 1 });
      expect(findsOf(commands, 'stores')).toEqual([{ settingsVersion: 1 }]);
      expect(findsOf(commands, 'products')).toEqual([]);
      commands.mockRestore();
    });

    it.each([
      ['a product', () => shop.product('s1', 'cup', 'off'), 'held', 5],
      ['its store', () => setStore(shop.database, 's1', { fulfillmentDates: true }), 'refused', 5],
    ])('do not count once %s was changed', async (_what, change, state, free) => {
      await shop.product('s1', 'cup');
      await shop.product('s2', 'cup');
      await shop.stock('s1', { cup: 6 });
      await apply(cups('a'), cups('a', 's2'));
      await change();
      expect(await apply(cups('b'), cups('b', 's2'))).toMatchObject({ retries: 1, facts: 2 });
      expect(await shop.database.orders.findOne({ _id: 's1/b' })).toMatchObject({ state });
      expect(await shop.database.stock.findOne({ _id: 's1/cup/-/-' })).toMatchObject({ free, held: 1 });
      expect(await apply(cups('c'))).toMatchObject({ retries: 0 });
    });

    it('name no damage of a key that no longer counts', async () => {
      await shop.product('s1', 'cup');
      await shop.stock('s1', { cup: 6 });
      await apply(cups('a'));
      await shop.database.stock.updateOne({ _id: 's1/cup/-/-' }, { $set: { free: 2.5 } });
      await expect(apply(cups('b'))).rejects.toThrow('free 2.5');
      await shop.product('s1', 'cup', 'off');
      expect(await apply(cups('b'))).toMatchObject({ retries: 1, facts: 1 });
    });

    it('are read where one of them is not known, and are known then', async () => {
      await shop.product('s1', 'cup');
      const mug = (orderId: string) => placed([line('cup', 1), line('mug', 1)], { orderId, storeId: 's1' });
      expect(await apply(cups('a'))).toMatchObject({ retries: 0, facts: 1 });
      expect(await apply(mug('b'))).toMatchObject({ retries: 1, facts: 1 });
      expect(await apply(mug('c'))).toMatchObject({ retries: 0, facts: 1 });
      // A store that nobody has set up never is, and is looked for at once.
      for (const orderId of ['d', 'e'])
        expect(await apply(cups(orderId), cups(orderId, 's2'))).toMatchObject({ retries: 0, facts: 2 });
    });

    it('are read where there are more products than can be remembered', async () => {
      await shop.product('s1', 'cup');
      const cache = new SettingsCache(shop.database, 1);
      await settingsOf(cache, 'cup');
      expect(cache.remembered([cups('a')])).toBeUndefined();
    });
  });
});
