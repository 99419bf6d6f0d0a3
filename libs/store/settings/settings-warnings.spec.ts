import { DEFAULT_STORE, type StoreSettings } from '@holdfast/core';
import type { ProductDoc } from '../documents/documents.js';
import { warningsFor } from './settings-warnings.js';

const dated: StoreSettings = { ...DEFAULT_STORE, fulfillmentDates: true };
const mug: ProductDoc = { _id: 's/mug', storeId: 's', productId: 'mug', inventory: 'product' };
const shirt: ProductDoc = { _id: 's/shirt', storeId: 's', productId: 'shirt', inventory: 'variant' };

function keys(...parameters: Parameters<typeof warningsFor>): string[] {
  return warningsFor(...parameters).map(({ stockKey }) => stockKey);
}

describe('what is unlimited is named', () => {
  it('for the product, unless it has a number', () => {
    expect(keys(DEFAULT_STORE, mug, [])).toEqual(['s/mug/-/-']);
    expect(keys(DEFAULT_STORE, mug, [{ _id: 's/mug/-/-', free: null }])).toEqual(['s/mug/-/-']);
    expect(keys(DEFAULT_STORE, mug, [{ _id: 's/mug/-/-', free: 0 }])).toEqual([]);
    expect(keys(DEFAULT_STORE, { ...mug, inventory: 'off' }, [])).toEqual([]);
  });

  it('for each variant of the list, or for any where there is none', () => {
    const stock = [{ _id: 's/shirt/M/-', free: 3 }];
    expect(keys(DEFAULT_STORE, { ...shirt, variants: ['S', 'M'] }, stock)).toEqual(['s/shirt/S/-']);
    expect(keys(DEFAULT_STORE, shirt, stock)).toEqual(['s/shirt/VARIANT/-']);
    expect(keys(dated, shirt, stock)).toEqual(['s/shirt/VARIANT/YYYY-MM-DD']);
  });

  it('for every date, with those that have a number', () => {
    const stock = [
      { _id: 's/mug/-/-', free: 9 },
      { _id: 's/mug/-/2026-12-24', free: 4 },
      { _id: 's/mug/-/2026-12-25', free: null },
      { _id: 's/mug/blue/2026-12-26', free: 4 },
    ];
    expect(warningsFor(dated, mug, stock)).toMatchObject([
      { stockKey: 's/mug/-/YYYY-MM-DD', numberedDates: ['2026-12-24'] },
    ]);
  });
});
