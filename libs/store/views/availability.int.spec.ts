import { AvailabilityReader, type AvailabilityItem, type AvailabilityQuestion } from '../index.js';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { setStore } from '../index.js';

describe('AvailabilityReader', () => {
  let test: TestDatabase;
  let now = 0;
  let reader: AvailabilityReader;

  beforeAll(async () => {
    test = await openTestDatabase();
  });
  beforeEach(async () => {
    await test.clear();
    now = 1_000_000;
    reader = new AvailabilityReader(test.database, undefined, () => now);
  });
  afterAll(() => test.drop());

  async function ask(question: Partial<AvailabilityQuestion>): Promise<AvailabilityItem[]> {
    return reader.answer({ storeId: 's', productIds: ['mug'], quantity: 1, ...question });
  }
  const brief = (items: AvailabilityItem[]): string[] =>
    items.map(({ productId, variantId, date, available, left }) =>
      [productId, variantId ?? '-', date ?? '-', available, ...(left === undefined ? [] : [left])].join(' '),
    );

  it('says no where the number is below the quantity, and yes for blank and uncounted', async () => {
    await test.product('s', 'mug');
    await test.product('s', 'none');
    await test.product('s', 'blank');
    await test.product('s', 'off', 'off');
    await test.stock('s', { mug: 3, none: 0 });
    const productIds = ['mug', 'none', 'blank', 'off', 'never-heard-of'];
    expect(brief(await ask({ productIds, quantity: 3 }))).toEqual([
      'mug - - true',
      'none - - false',
      'blank - - true',
      'off - - true',
      'never-heard-of - - true',
    ]);
    expect(brief(await ask({ quantity: 4 }))).toEqual(['mug - - false']);
  });

  it('lists the variants that the product lists, and says no to others and to none', async () => {
    await test.product('s', 'shirt', 'variant', ['S', 'M']);
    await test.product('s', 'sock', 'variant');
    await test.stock('s', { 'shirt/S': 0, 'shirt/M': 2 });
    expect(brief(await ask({ productIds: ['shirt', 'sock'] }))).toEqual([
      'shirt S - false',
      'shirt M - true',
      'sock - - false',
    ]);
    expect(brief(await ask({ productIds: ['shirt'], variantIds: ['M', 'XL'] }))).toEqual([
      'shirt M - true',
      'shirt XL - false',
    ]);
  });

  it('answers by date in a dated shop, and asks for dates when there are none', async () => {
    await setStore(test.database, 's', { fulfillmentDates: true });
    await test.product('s', 'cake');
    await test.stock('s', { 'cake/-/2026-12-24': 0 });
    const dates = ['2026-12-24', '2026-12-25'];
    expect(brief(await ask({ productIds: ['cake'], dates }))).toEqual([
      'cake - 2026-12-24 false',
      'cake - 2026-12-25 true',
    ]);
    await expect(ask({ productIds: ['cake'] })).rejects.toMatchObject({
      name: 'InputFault',
      problems: [{ field: 'date' }],
    });
  });

  it('gives numbers only where the store shows them, and sees changed settings two seconds later at most, without anybody having waited for them', async () => {
    await test.product('s', 'mug');
    await test.product('s', 'blank');
    await test.stock('s', { mug: 3 });
    expect(brief(await ask({}))).toEqual(['mug - - true']);
    await test.database.stores.updateOne({ _id: 's' }, { $set: { showCounts: true } });
    now += 501;
    expect(brief(await ask({}))).toEqual(['mug - - true']);
    now += 2_001;
    expect(await ask({ productIds: ['mug', 'blank'] })).toEqual([
      { productId: 'mug', variantId: null, date: null, available: true, left: 3 },
      { productId: 'blank', variantId: null, date: null, available: true, left: null },
    ]);
  });

  it('sees a changed number at once', async () => {
    await test.product('s', 'mug');
    await test.stock('s', { mug: 1 });
    expect((await ask({}))[0]?.available).toBe(true);
    await test.stock('s', { mug: 0 });
    expect((await ask({}))[0]?.available).toBe(false);
  });

  it('answers many questions at once as it answers each alone', async () => {
    const productIds = Array.from({ length: 50 }, (_, at) => `p${at}`);
    for (const productId of productIds) await test.product('s', productId);
    await test.stock('s', Object.fromEntries(productIds.map((productId, at) => [productId, at % 3])));
    const answers = await Promise.all(
      productIds.map((productId, at) => ask({ productIds: [productId], quantity: 1 + (at % 2) })),
    );
    answers.forEach(([item], at) => expect(item?.available).toBe(at % 3 >= 1 + (at % 2)));
  });

  it('refuses more than 2,000 items', async () => {
    const productIds = Array.from({ length: 41 }, (_, at) => `p${at}`);
    const dates = Array.from(
      { length: 50 },
      (_, at) => `2026-${String(1 + (at >> 4)).padStart(2, '0')}-${String(1 + (at % 16)).padStart(2, '0')}`,
    );
    await expect(ask({ productIds, dates })).rejects.toMatchObject({ name: 'InputFault' });
    expect(await ask({ productIds: productIds.slice(0, 40), dates })).toHaveLength(2_000);
  });
});
