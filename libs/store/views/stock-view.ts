/** Stock keys as rows, for tables of people and programs. */

import { parseStockKey } from '@holdfast/core';
import type { Database } from '../database/database.js';
import { endOfPrefix } from '../documents/key-ranges.js';

export interface StockRow {
  stockKey: string;
  storeId: string;
  productId: string;
  variantId: string | null;
  /** `YYYY-MM-DD` in the store's time zone */
  date: string | null;
  /** units that can still be ordered; `null` = unlimited */
  free: number | null;
  held: number;
  sold: number;
  refunded: number;
  /** the merchant's changes so far; `expected` of the next one */
  version: number;
}

export interface StockFilter {
  productIds?: readonly string[];
  variantIds?: readonly string[];
  dates?: readonly string[];
}

/** The keys of a store that have a number or were ordered, sorted by key. */
export async function stockRows(
  database: Database,
  storeId: string,
  filter: StockFilter = {},
): Promise<StockRow[]> {
  const { productIds, variantIds, dates } = filter;
  const prefixes = (productIds ?? [undefined]).map((productId) =>
    productId === undefined ? storeId + '/' : `${storeId}/${productId}/`,
  );
  const ranges = [...new Set(prefixes)].map((prefix) => ({
    _id: { $gte: prefix, $lt: endOfPrefix(prefix) },
  }));
  const rows: StockRow[] = [];
  for await (const doc of database.stock.find({ $or: ranges }, { sort: { _id: 1 }, batchSize: 5_000 })) {
    const { productId, variantId, fulfillmentDate } = parseStockKey(doc._id);
    if (variantIds && !variantIds.includes(variantId ?? '')) continue;
    if (dates && !dates.includes(fulfillmentDate ?? '')) continue;
    const { free, held, sold, refunded, version } = doc;
    rows.push({
      stockKey: doc._id,
      storeId,
      productId,
      variantId: variantId ?? null,
      date: fulfillmentDate ?? null,
      free,
      held,
      sold,
      refunded,
      version,
    });
  }
  return rows;
}
