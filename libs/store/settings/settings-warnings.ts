/** What a change of settings leaves unlimited: keys that are counted from now on and have no number. */

import type { mongo } from 'mongoose';
import { parseStockKey, stockKey, type StoreSettings } from '@holdfast/core';
import type { Database } from '../database/database.js';
import type { ProductDoc, StockDoc } from '../documents/documents.js';
import { endOfPrefix } from '../documents/key-ranges.js';

export interface UnlimitedWarning {
  code: 'unlimited';
  storeId: string;
  productId: string;
  variantId?: string;
  /** the key; with dates, its pattern `store/product/variant/YYYY-MM-DD` */
  stockKey: string;
  /** with dates: those that have a number already, and so are not unlimited */
  numberedDates?: string[];
  message: string;
}

type Balances = Pick<StockDoc, '_id' | 'free'>;

/** Reads the product's numbers and names the keys, or the patterns of dated keys, that have none. */
export async function unlimitedAfter(
  database: Database,
  session: mongo.ClientSession,
  store: StoreSettings,
  product: ProductDoc,
): Promise<UnlimitedWarning[]> {
  const prefix = product.storeId + '/' + product.productId + '/';
  const stock = await database.stock
    .find({ _id: { $gte: prefix, $lt: endOfPrefix(prefix) } }, { session, projection: { free: 1 } })
    .toArray();
  return warningsFor(store, product, stock);
}

/** @param stock the product's stock documents, of all variants and dates */
export function warningsFor(
  store: StoreSettings,
  product: ProductDoc,
  stock: readonly Balances[],
): UnlimitedWarning[] {
  if (product.inventory === 'off') return [];
  const { storeId, productId } = product;
  if (product.inventory === 'variant' && !product.variants) {
    const { fulfillmentDates } = store;
    return [
      {
        code: 'unlimited',
        storeId,
        productId,
        stockKey: `${storeId}/${productId}/VARIANT/${fulfillmentDates ? 'YYYY-MM-DD' : '-'}`,
        message:
          `${productId}: every variant${fulfillmentDates ? ' and date' : ''} is unlimited until it is given a number; ` +
          'list the variants to have others refused',
      },
    ];
  }
  const variants = product.inventory === 'variant' ? (product.variants ?? []) : [undefined];
  return variants.flatMap((variantId) => {
    const warning = store.fulfillmentDates
      ? datedWarning(storeId, productId, variantId, stock)
      : undatedWarning(storeId, productId, variantId, stock);
    return warning ? [warning] : [];
  });
}

function undatedWarning(
  storeId: string,
  productId: string,
  variantId: string | undefined,
  stock: readonly Balances[],
): UnlimitedWarning | undefined {
  const key = stockKey(storeId, productId, variantId);
  const free = stock.find(({ _id }) => _id === key)?.free ?? null;
  if (free !== null) return undefined;
  const message = `${key} is unlimited until it is given a number (or say "unlimited" to mean it)`;
  return named(storeId, productId, variantId, key, message);
}

function datedWarning(
  storeId: string,
  productId: string,
  variantId: string | undefined,
  stock: readonly Balances[],
): UnlimitedWarning {
  const numberedDates = stock.flatMap(({ _id, free }) => {
    const parts = parseStockKey(_id);
    if (free === null || parts.variantId !== variantId || parts.fulfillmentDate === undefined) return [];
    return [parts.fulfillmentDate];
  });
  const key = stockKey(storeId, productId, variantId, 'YYYY-MM-DD');
  const but =
    numberedDates.length === 0
      ? ''
      : ` (${numberedDates.length} of them ${numberedDates.length === 1 ? 'has' : 'have'} one already)`;
  const message = `${key}: every date is unlimited until it is given a number${but}`;
  return { ...named(storeId, productId, variantId, key, message), numberedDates };
}

function named(
  storeId: string,
  productId: string,
  variantId: string | undefined,
  key: string,
  message: string,
): UnlimitedWarning {
  const warning: UnlimitedWarning = { code: 'unlimited', storeId, productId, stockKey: key, message };
  if (variantId !== undefined) warning.variantId = variantId;
  return warning;
}
