import { parseStockKey, stockKey, type StockKeyParts } from './index.js';

const KEYS: [string, StockKeyParts][] = [
  ['s/p/-/-', { storeId: 's', productId: 'p' }],
  ['s/p/v/-', { storeId: 's', productId: 'p', variantId: 'v' }],
  ['s/p/-/2026-02-14', { storeId: 's', productId: 'p', fulfillmentDate: '2026-02-14' }],
  ['s/p/v/2026-02-14', { storeId: 's', productId: 'p', variantId: 'v', fulfillmentDate: '2026-02-14' }],
];

describe('a stock key', () => {
  it.each(KEYS)('%s is written and read back', (key, parts) => {
    expect(stockKey(parts.storeId, parts.productId, parts.variantId, parts.fulfillmentDate)).toBe(key);
    expect(parseStockKey(key)).toEqual(parts);
  });

  it.each(['', 's', 's/p', 's/p/-', 's/p//-', '/p/-/-', 's//-/-', 's/p/-/', 's/p/-/-/', 's/p/-/-/x'])(
    'is not "%s"',
    (text) => expect(() => parseStockKey(text)).toThrow(RangeError),
  );
});
