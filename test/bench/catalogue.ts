/** The shops that every system is measured on. */

import type { ProductDoc, StockChangeDoc, StockDoc, StoreDoc } from '@holdfast/store';

export const STORES = 100;
export const PRODUCTS_PER_STORE = 1_000;
/** Units of each product: more than any load takes, for a refusal is cheaper than a hold. */
export const PLENTY = 100_000_000;

export function storeIdOf(store: number): string {
  return `store-${String(store).padStart(3, '0')}`;
}

export function productIdOf(product: number): string {
  return `product-${String(product).padStart(4, '0')}`;
}

/** Keys of products that are counted as a whole, in shops without fulfillment dates. */
export function stockKeyOf(storeId: string, productId: string): string {
  return `${storeId}/${productId}/-/-`;
}

export interface Catalogue {
  stores: StoreDoc[];
  products: ProductDoc[];
  stock: StockDoc[];
  changes: StockChangeDoc[];
}

/** As if the merchant had set every product to PLENTY once: the audit starts from the change. */
export function catalogue(at: Date): Catalogue {
  const made: Catalogue = { stores: [], products: [], stock: [], changes: [] };
  for (let store = 0; store < STORES; store++) {
    const storeId = storeIdOf(store);
    made.stores.push({
      _id: storeId,
      timeZone: 'UTC',
      fulfillmentDates: false,
      holdMs: 30 * 60_000,
      settingsVersion: 1,
    });
    for (let product = 0; product < PRODUCTS_PER_STORE; product++) addProduct(made, storeId, product, at);
  }
  return made;
}

function addProduct(made: Catalogue, storeId: string, product: number, at: Date): void {
  const productId = productIdOf(product);
  const stockKey = stockKeyOf(storeId, productId);
  const blank = { free: null, held: 0, sold: 0, refunded: 0, settlement: 0, version: 0 };
  const plenty = { ...blank, free: PLENTY, settlement: 1, version: 1 };
  made.products.push({ _id: `${storeId}/${productId}`, storeId, productId, inventory: 'product' });
  made.stock.push({ _id: stockKey, ...plenty });
  made.changes.push({
    _id: `${storeId}/bench/${productId}/-/-`,
    changeId: 'bench',
    stockKey,
    version: 1,
    type: 'set',
    quantity: PLENTY,
    before: blank,
    after: plenty,
    actor: 'bench',
    at,
  });
}
