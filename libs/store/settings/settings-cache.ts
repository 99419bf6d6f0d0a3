/**
 * Settings of stores and products, as of the snapshot that a batch reads. A store's document carries a version
 * that rises with every change of its or its products' settings, in the same transaction; a batch is decided on what is
 * remembered, and reads the versions of its few stores. Where one is another, or something is not remembered, it reads the
 * store documents, and products where the version is not the one they were cached at: many of the store's at once, since
 * one that is looked up by itself costs a batch as much as a stock key.
 */

import type { mongo } from 'mongoose';
import {
  DEFAULT_STORE,
  stockKey,
  type OrderEvent,
  type ProductSettings,
  type Settings,
  type StoreSettings,
} from '@holdfast/core';
import type { Database } from '../database/database.js';
import type { ProductDoc, StoreDoc } from '../documents/documents.js';
import { ConflictFault } from '../database/faults.js';
import { endOfPrefix } from '../documents/key-ranges.js';
import { findByIds, findFirst } from '../wire/commands.js';

interface CachedStore {
  settings: StoreSettings;
  version: number;
  /** undefined = known not to exist */
  products: Map<string, ProductSettings | undefined>;
}

/** What was read before, and may have been changed since. */
export interface RememberedSettings {
  settings: Settings;
  /** @throws ConflictFault when they are not the same in the transaction; `load` reads them anew */
  confirm(session: mongo.ClientSession): Promise<void>;
}

/** Of a store that is new here or has changed, so many products are read together. */
const PRODUCTS_AT_ONCE = 1_000;
/** Titles may be long, and nothing is decided by them. */
const NEEDED_PRODUCT = { title: 0, variantTitles: 0 };
const VERSION_ALONE = { settingsVersion: 1 };

const UNKNOWN_STORE: CachedStore = { settings: DEFAULT_STORE, version: 0, products: new Map() };

export class SettingsCache {
  #stores = new Map<string, CachedStore>();
  #products = 0;
  /** not when there are more products than can be remembered: those would go for others that are asked for */
  #readsAhead = true;

  constructor(
    private readonly database: Database,
    /** products remembered, over all stores, before starting anew */
    private readonly maxProducts = 500_000,
  ) {}

  /** The settings that a batch may ask for, read in its transaction. `wanted`: store → products. */
  async load(wanted: Map<string, Set<string>>, session: mongo.ClientSession): Promise<Settings> {
    const stores = await this.#loadStores([...wanted.keys()], session);
    const missing: string[] = [];
    for (const [storeId, productIds] of wanted) {
      const store = stores.get(storeId);
      if (!store) continue;
      for (const productId of productIds) {
        if (!store.products.has(productId)) missing.push(storeId + '/' + productId);
      }
    }
    if (missing.length > 0) await this.#loadProducts(missing, stores, session);
    return {
      store: (storeId) => (stores.get(storeId) ?? UNKNOWN_STORE).settings,
      product: (storeId, productId) => stores.get(storeId)?.products.get(productId),
    };
  }

  /**
   * The same from memory, for who asks later whether they were current. Who asks for a product that is not remembered is told
   * with a ConflictFault. Undefined where a store of orders that are placed is not, or products cannot all be.
   */
  remembered(events: readonly OrderEvent[]): RememberedSettings | undefined {
    if (!this.#readsAhead) return undefined;
    const stores = new Map<string, CachedStore>();
    for (const { type, storeId } of events) {
      if (type !== 'placed' || stores.has(storeId)) continue;
      const store = this.#stores.get(storeId);
      if (!store) return undefined;
      stores.set(storeId, store);
    }
    return {
      settings: {
        store: (storeId) => (stores.get(storeId) as CachedStore).settings,
        product: (storeId, productId) => {
          const { products } = stores.get(storeId) as CachedStore;
          const product = products.get(productId);
          if (product || products.has(productId)) return product;
          throw new ConflictFault(`${storeId}/${productId} is not remembered`);
        },
      },
      confirm: async (session) => {
        const ids = [...stores.keys()].sort();
        const found = await findByIds<StoreDoc>(this.database.db, 'stores', ids, session, VERSION_ALONE);
        const isSame = (doc: StoreDoc): boolean => stores.get(doc._id)?.version === doc.settingsVersion;
        if (found.length === ids.length && found.every(isSame)) return;
        throw new ConflictFault('settings are not what they were when they were remembered');
      },
    };
  }

  async #loadStores(ids: string[], session: mongo.ClientSession): Promise<Map<string, CachedStore>> {
    const found = await findByIds<StoreDoc>(this.database.db, 'stores', ids.sort(), session);
    const stores = new Map<string, CachedStore>();
    for (const doc of found) {
      let cached = this.#stores.get(doc._id);
      if (!cached || cached.version !== doc.settingsVersion) {
        this.#products -= cached?.products.size ?? 0;
        const products = await this.#firstProducts(doc._id, session);
        cached = { settings: storeSettings(doc), version: doc.settingsVersion, products };
        this.#stores.set(doc._id, cached);
      }
      stores.set(doc._id, cached);
    }
    return stores;
  }

  async #firstProducts(storeId: string, session: mongo.ClientSession): Promise<CachedStore['products']> {
    if (this.#products + PRODUCTS_AT_ONCE > this.maxProducts) this.#readsAhead = false;
    if (!this.#readsAhead) return new Map();
    const prefix = storeId + '/';
    const found = await findFirst<ProductDoc>(
      this.database.db,
      {
        collection: 'products',
        filter: { _id: { $gt: prefix, $lt: endOfPrefix(prefix) } },
        limit: PRODUCTS_AT_ONCE,
        projection: NEEDED_PRODUCT,
      },
      session,
    );
    this.#products += found.length;
    return new Map(found.map((doc) => [doc._id.slice(prefix.length), withKey(doc)]));
  }

  async #loadProducts(ids: string[], stores: Map<string, CachedStore>, session: mongo.ClientSession) {
    this.#products += ids.length;
    if (this.#products > this.maxProducts) {
      // The maps of this batch live on in `stores`; the rest is read again when next needed.
      this.#stores = new Map(stores);
      this.#products = ids.length;
    }
    const { db } = this.database;
    const found = await findByIds<ProductDoc>(db, 'products', ids.sort(), session, NEEDED_PRODUCT);
    const byId = new Map(found.map((doc) => [doc._id, withKey(doc)]));
    for (const id of ids) {
      const slash = id.indexOf('/');
      stores.get(id.slice(0, slash))?.products.set(id.slice(slash + 1), byId.get(id));
    }
  }
}

function withKey(doc: ProductDoc): ProductSettings {
  const [storeId, productId] = doc._id.split('/') as [string, string];
  return { ...productSettings(doc), stockKey: stockKey(storeId, productId) };
}

export function storeSettings(doc: StoreDoc): StoreSettings {
  return { timeZone: doc.timeZone, fulfillmentDates: doc.fulfillmentDates, holdMs: doc.holdMs };
}

export function productSettings(doc: ProductDoc): ProductSettings {
  return doc.variants ? { inventory: doc.inventory, variants: doc.variants } : { inventory: doc.inventory };
}
