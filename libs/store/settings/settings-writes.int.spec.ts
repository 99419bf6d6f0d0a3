import { InputFault, setProduct, setStore } from '../index.js';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.js';

let shop: TestDatabase;

beforeAll(async () => {
  shop = await openTestDatabase();
});
afterEach(() => shop.clear());
afterAll(() => shop.drop());

describe('settings of a store', () => {
  it('start from the defaults, keep what is not named, and raise the version each time', async () => {
    const first = await setStore(shop.database, 's1', { timeZone: 'Europe/Berlin' });
    expect(first).toEqual({
      storeId: 's1',
      after: { timeZone: 'Europe/Berlin', fulfillmentDates: false, holdMs: 1_800_000 },
      settingsVersion: 1,
      warnings: [],
    });
    const second = await setStore(shop.database, 's1', { holdMs: 60_000 });
    expect(second).toMatchObject({
      after: { timeZone: 'Europe/Berlin', holdMs: 60_000 },
      settingsVersion: 2,
    });
    expect(second.before).toEqual(first.after);
  });

  it('are refused by name, all at once, with nothing changed', async () => {
    const failure = await setStore(shop.database, 's1', { timeZone: 'Berlin', holdMs: 0 }).catch((e) => e);
    expect(failure).toBeInstanceOf(InputFault);
    expect((failure as InputFault).problems.map(({ field }) => field)).toEqual(['timeZone', 'holdMs']);
    expect(await shop.database.stores.countDocuments()).toBe(0);
  });

  it('lose no change that is made at the same time', async () => {
    await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        setProduct(shop.database, 's1', `p${at}`, { inventory: 'product' }),
      ),
    );
    expect(await shop.database.stores.findOne({ _id: 's1' })).toMatchObject({ settingsVersion: 8 });
    expect(await shop.database.products.countDocuments()).toBe(8);
  });
});

describe('settings that count something new', () => {
  it('name the key that has no number yet', async () => {
    const on = await setProduct(shop.database, 's1', 'mug', { inventory: 'product' });
    expect(on.warnings).toMatchObject([{ code: 'unlimited', stockKey: 's1/mug/-/-' }]);
    await shop.stock('s1', { mug: 4 });
    await setProduct(shop.database, 's1', 'mug', { inventory: 'off' });
    const again = await setProduct(shop.database, 's1', 'mug', { inventory: 'product' });
    expect(again.warnings).toEqual([]);
    expect(await shop.database.stock.findOne({ _id: 's1/mug/-/-' })).toMatchObject({ free: 4 });
  });

  it('name each variant, and only new ones when the list grows', async () => {
    const variants = ['S', 'M'];
    const on = await setProduct(shop.database, 's1', 'shirt', { inventory: 'variant', variants });
    expect(on.warnings.map(({ stockKey }) => stockKey)).toEqual(['s1/shirt/S/-', 's1/shirt/M/-']);
    await shop.stock('s1', { 'shirt/S': 1, 'shirt/M': 2 });
    const more = await setProduct(shop.database, 's1', 'shirt', {
      inventory: 'variant',
      variants: ['M', 'L'],
    });
    expect(more.warnings.map(({ stockKey }) => stockKey)).toEqual(['s1/shirt/L/-']);
    const same = await setProduct(shop.database, 's1', 'shirt', { inventory: 'variant' });
    expect(same).toMatchObject({ warnings: [], after: { variants: ['M', 'L'] } });
  });

  it('name every counted product when the store turns dates on', async () => {
    await shop.product('s1', 'cake');
    await shop.product('s1', 'bag', 'off');
    await shop.product('s1', 'mug', 'variant', ['blue']);
    const dates = await setStore(shop.database, 's1', { fulfillmentDates: true });
    expect(dates.warnings.map(({ stockKey }) => stockKey)).toEqual([
      's1/cake/-/YYYY-MM-DD',
      's1/mug/blue/YYYY-MM-DD',
    ]);
    await shop.stock('s1', { 'cake/-/2026-12-24': 5 });
    await setStore(shop.database, 's1', { fulfillmentDates: false });
    const again = await setStore(shop.database, 's1', { fulfillmentDates: true });
    expect(again.warnings[0]).toMatchObject({ numberedDates: ['2026-12-24'] });
  });
});
