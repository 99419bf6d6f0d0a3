/**
 * A stock key names what is counted: `store/product/variant/date`, with `-` for a part that does not apply.
 * Ids hold neither `/` nor are they `-`, so a key reads back without ambiguity.
 */

export interface StockKeyParts {
  storeId: string;
  productId: string;
  variantId?: string;
  /** `YYYY-MM-DD` in the store's time zone */
  fulfillmentDate?: string;
}

const NONE = '-';

export function stockKey(storeId: string, productId: string, variantId?: string, date?: string): string {
  return storeId + '/' + productId + '/' + (variantId ?? NONE) + '/' + (date ?? NONE);
}

/** @throws RangeError when the text is not a stock key */
export function parseStockKey(key: string): StockKeyParts {
  const [storeId, productId, variantId, date, ...rest] = key.split('/');
  if (!storeId || !productId || !variantId || !date || rest.length > 0) {
    throw new RangeError(`not a stock key: ${key}`);
  }
  const parts: StockKeyParts = { storeId, productId };
  if (variantId !== NONE) parts.variantId = variantId;
  if (date !== NONE) parts.fulfillmentDate = date;
  return parts;
}
