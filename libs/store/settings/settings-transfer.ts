/**
 * Settings of stores and products as data, out of one database and into another. What decides about counting comes
 * over as it is; the settings' version rises where anything changes, which is what every cache of them goes by.
 */

import { parseStockKey, type StoreSettings } from '@holdfast/core';
import { productProblems, storeProblems } from './settings-writes.js';
import type { Database } from '../database/database.js';
import type { ProductDoc, StockDoc, StoreDoc } from '../documents/documents.js';
import { InputFault, type InputProblem } from '../input/input-fault.js';
import { inSnapshot } from '../database/snapshot.js';
import { endOfPrefix } from '../documents/key-ranges.js';
import { warningsFor, type UnlimitedWarning } from './settings-warnings.js';
import { transact } from '../database/transact.js';

export const SETTINGS_FORMAT = 'holdfast-settings/1';

export type ExportedProduct = Omit<ProductDoc, '_id' | 'storeId'>;
export interface ExportedStore extends Omit<StoreDoc, '_id' | 'changes'> {
  storeId: string;
  products: ExportedProduct[];
}
export interface ExportedSettings {
  format: typeof SETTINGS_FORMAT;
  /** ISO 8601 */
  exportedAt: string;
  stores: ExportedStore[];
}

export interface ImportedStore {
  storeId: string;
  /** settings of the store itself are new or other ones */
  changed: boolean;
  /** products that are new or other ones */
  products: number;
  /** products of the store that the file does not have; they are left alone */
  left: number;
  /** keys that are counted anew by this, and have no number */
  warnings: UnlimitedWarning[];
}

/** As of one moment. @param storeIds all, unless given */
export function exportSettings(database: Database, storeIds?: readonly string[]): Promise<ExportedSettings> {
  return inSnapshot(database, async (session) => {
    const stores: ExportedStore[] = [];
    const filter = storeIds ? { _id: { $in: [...storeIds] } } : {};
    for await (const { _id, changes: _, ...store } of database.stores.find(filter, {
      session,
      sort: { _id: 1 },
    })) {
      const found = database.products.find(
        { storeId: _id },
        { session, sort: { productId: 1 }, batchSize: 5_000 },
      );
      const products: ExportedProduct[] = [];
      for await (const { _id: __, storeId: ___, ...product } of found) products.push(product);
      stores.push({ storeId: _id, ...store, products });
    }
    return { format: SETTINGS_FORMAT, exportedAt: new Date().toISOString(), stores };
  });
}

/** Every wrong field of a file, by its place in it. */
export function settingsProblems(file: unknown): InputProblem[] {
  const { format, stores } = (file ?? {}) as Partial<ExportedSettings>;
  if (format !== SETTINGS_FORMAT || !Array.isArray(stores)) {
    const problem = `is ${JSON.stringify(format) ?? 'missing'}`;
    return [
      {
        field: 'format',
        problem,
        remedy: `use a file that \`settings export\` wrote ("${SETTINGS_FORMAT}")`,
      },
    ];
  }
  const problems: InputProblem[] = [];
  const add = (place: string, found: InputProblem[]): void => {
    problems.push(...found.map((one) => ({ ...one, field: `${place}.${one.field}` })));
  };
  stores.forEach((store, at) => {
    const { storeId, timeZone, holdMs, fulfillmentDates } = store;
    add(
      `stores[${at}]`,
      storeProblems(String(storeId), { timeZone: String(timeZone), holdMs: Number(holdMs) }),
    );
    if (typeof fulfillmentDates !== 'boolean') {
      problems.push({
        field: `stores[${at}].fulfillmentDates`,
        problem: 'is missing',
        remedy: 'use true or false',
      });
    }
    (Array.isArray(store.products) ? store.products : []).forEach((product, place) => {
      const { productId, ...change } = product;
      add(`stores[${at}].products[${place}]`, productProblems(String(productId), change));
    });
  });
  return problems;
}

/** Products that one transaction writes. */
const SLICE = 500;

/**
 * @param write false: only says what would change
 * @throws InputFault naming each wrong field, before anything is changed; TransientFault when the database is away,
 *   with the stores so far kept: import again
 */
export async function importSettings(
  database: Database,
  file: ExportedSettings,
  write: boolean,
): Promise<ImportedStore[]> {
  const problems = settingsProblems(file);
  if (problems.length > 0) throw new InputFault(problems);
  const imported: ImportedStore[] = [];
  for (const store of file.stores) imported.push(await importStore(database, store, write));
  return imported;
}

async function importStore(database: Database, store: ExportedStore, write: boolean): Promise<ImportedStore> {
  const { storeId, products, settingsVersion, ...settings } = store;
  const known = await database.stores.findOne({ _id: storeId });
  const docs = products.map((product): ProductDoc => ({
    _id: `${storeId}/${product.productId}`,
    storeId,
    ...product,
  }));
  const before = new Map<string, ProductDoc>();
  for await (const doc of database.products.find({ storeId })) before.set(doc._id, doc);
  const other = docs.filter((doc) => contentOf(before.get(doc._id) ?? {}) !== contentOf(doc));
  const { changes: _, settingsVersion: __, _id: ___, ...own } = known ?? ({} as Partial<StoreDoc>);
  const changed = !known || contentOf(own) !== contentOf(settings);
  const names = new Set(docs.map(({ _id }) => _id));
  const left = [...before.values()].filter(({ _id }) => !names.has(_id));
  const makesKeys = (doc: ProductDoc): boolean => keysOf(before.get(doc._id)) !== keysOf(doc);
  const counted =
    known?.fulfillmentDates === settings.fulfillmentDates ? other.filter(makesKeys) : [...docs, ...left];
  if (write && (changed || other.length > 0)) {
    for (let from = 0; from < Math.max(1, other.length); from += SLICE) {
      await transact(database, async (session) => {
        await writeProducts(database, other.slice(from, from + SLICE), session);
        const now = await database.stores.findOne({ _id: storeId }, { session });
        const next = Math.max(now?.settingsVersion ?? 0, settingsVersion - 1) + 1;
        const set = { $set: { ...settings, settingsVersion: next } };
        await database.stores.updateOne({ _id: storeId }, set, { session, upsert: true });
      });
    }
  }
  const warnings = await warningsOf(database, storeId, settings, counted);
  return { storeId, changed, products: other.length, left: left.length, warnings };
}

/** What decides which keys a product has. */
function keysOf(product: ProductDoc | undefined): string {
  return JSON.stringify([product?.inventory, product?.variants]);
}

async function warningsOf(
  database: Database,
  storeId: string,
  store: StoreSettings,
  products: readonly ProductDoc[],
): Promise<UnlimitedWarning[]> {
  if (products.length === 0) return [];
  const prefix = storeId + '/';
  const ofProducts = new Map(products.map(({ _id }) => [_id, [] as Pick<StockDoc, '_id' | 'free'>[]]));
  const keys = { _id: { $gte: prefix, $lt: endOfPrefix(prefix) } };
  for await (const doc of database.stock.find(keys, { projection: { free: 1 }, batchSize: 5_000 })) {
    ofProducts.get(prefix + parseStockKey(doc._id).productId)?.push(doc);
  }
  return products.flatMap((product) => warningsFor(store, product, ofProducts.get(product._id) ?? []));
}

async function writeProducts(
  database: Database,
  docs: readonly ProductDoc[],
  session: Parameters<Parameters<typeof transact>[1]>[0],
): Promise<void> {
  if (docs.length === 0) return;
  await database.products.bulkWrite(
    docs.map(({ _id, ...replacement }) => ({ replaceOne: { filter: { _id }, replacement, upsert: true } })),
    { session },
  );
}

/** The same text for the same fields, in whatever order they come. */
function contentOf(doc: object): string {
  return JSON.stringify(Object.entries(doc).sort(([a], [b]) => (a < b ? -1 : 1)));
}
