import type { ProductSettings } from '@holdfast/core';
import { SettingsCache, transact } from './index.js';
import { openTestDatabase, type TestDatabase } from './testing/test-database.js';

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
});
