/**
 * Settings of stores and products as the merchant changes them. The settings' version rises in the same
 * transaction, which is what every cache of them goes by (settings-cache.ts). What a change newly counts is
 * blank, so unlimited, until it is given a number: the answer names it.
 */

import { IANAZone } from 'luxon';
import type { mongo } from 'mongoose';
import { isId } from '@holdfast/contracts';
import { DEFAULT_STORE, type Inventory, type ProductSettings, type StoreSettings } from '@holdfast/core';
import type { Database } from '../database/database.js';
import type { ProductDoc, StoreDoc } from '../documents/documents.js';
import { InputFault, type InputProblem } from '../input/input-fault.js';
import { productSettings, storeSettings } from './settings-cache.js';
import { unlimitedAfter, type UnlimitedWarning } from './settings-warnings.js';
import { transact } from '../database/transact.js';

export const MIN_HOLD_MS = 1_000;
export const MAX_HOLD_MS = 7 * 24 * 60 * 60 * 1_000;
/** Most variants that one product may list. */
export const MAX_VARIANTS = 1_000;
/** Most characters of a title. */
export const MAX_TITLE = 200;

const INVENTORIES: readonly Inventory[] = ['off', 'product', 'variant'];

export interface StoreChange {
  /** IANA zone, e.g. `Europe/Berlin` */
  timeZone?: string;
  fulfillmentDates?: boolean;
  /** how long checkout holds the items, ms; 1 s to 7 days */
  holdMs?: number;
  /** whether the storefront may tell how many are left */
  showCounts?: boolean;
}

export interface ProductChange {
  inventory: Inventory;
  /** the only variants that may be ordered; `null` takes the list away, absent leaves it */
  variants?: readonly string[] | null;
  /** for people; `null` takes it away, absent leaves it */
  title?: string | null;
  /** the same for variants */
  variantTitles?: readonly { variantId: string; title: string | null }[];
}

export interface StoreChanged {
  storeId: string;
  /** none: the store was not known before, so the defaults held */
  before?: StoreSettings;
  after: StoreSettings;
  settingsVersion: number;
  warnings: UnlimitedWarning[];
}

export interface ProductChanged {
  storeId: string;
  productId: string;
  before?: ProductSettings;
  after: ProductSettings;
  settingsVersion: number;
  warnings: UnlimitedWarning[];
}

/** @throws InputFault naming each wrong field; TransientFault when the database is away */
export async function setStore(
  database: Database,
  storeId: string,
  change: StoreChange,
): Promise<StoreChanged> {
  rejectProblems(storeProblems(storeId, change));
  return transact(database, (session) => setStoreIn(database, session, storeId, change));
}

/** @throws InputFault naming each wrong field; TransientFault when the database is away */
export async function setProduct(
  database: Database,
  storeId: string,
  productId: string,
  change: ProductChange,
): Promise<ProductChanged> {
  const [changed] = await setProducts(database, storeId, [productId], change);
  return changed as ProductChanged;
}

/** Products that one transaction changes. */
const SLICE_PRODUCTS = 200;

/**
 * The same change for many products, in slices, each of them atomic.
 * @throws InputFault naming each wrong field, before anything is changed; TransientFault when the database is
 *   away, with the slices so far kept
 */
export async function setProducts(
  database: Database,
  storeId: string,
  productIds: readonly string[],
  change: ProductChange,
): Promise<ProductChanged[]> {
  rejectProblems([
    ...idProblems('storeId', storeId),
    ...productIds.flatMap((productId) => idProblems('productId', productId)),
    ...changeProblems(change),
  ]);
  const ids = [...new Set(productIds)];
  const changed: ProductChanged[] = [];
  for (let from = 0; from < ids.length; from += SLICE_PRODUCTS) {
    const slice = ids.slice(from, from + SLICE_PRODUCTS);
    changed.push(
      ...(await transact(database, (session) => setProductsIn(database, session, storeId, slice, change))),
    );
  }
  return changed;
}

/** In a transaction that is open, the change looked over before. */
export async function setStoreIn(
  database: Database,
  session: mongo.ClientSession,
  storeId: string,
  change: StoreChange,
): Promise<StoreChanged> {
  const doc = await database.stores.findOne({ _id: storeId }, { session });
  const before = doc ? storeSettings(doc) : undefined;
  const { showCounts, ...settings } = change;
  const after: StoreSettings = { ...DEFAULT_STORE, ...before, ...definedOnly(settings) };
  const settingsVersion = await writeStore(database, session, storeId, doc, after);
  if (showCounts !== undefined) {
    await database.stores.updateOne({ _id: storeId }, { $set: { showCounts } }, { session });
  }
  const changed: StoreChanged = { storeId, after, settingsVersion, warnings: [] };
  if (before) changed.before = before;
  const datesTurnedOn = after.fulfillmentDates && !(before ?? DEFAULT_STORE).fulfillmentDates;
  if (datesTurnedOn) {
    const products = await database.products
      .find({ storeId, inventory: { $ne: 'off' } }, { session, sort: { _id: 1 } })
      .toArray();
    for (const product of products) {
      changed.warnings.push(...(await unlimitedAfter(database, session, after, product)));
    }
  }
  return changed;
}

/** In a transaction that is open, the change looked over before. */
export async function setProductsIn(
  database: Database,
  session: mongo.ClientSession,
  storeId: string,
  productIds: string[],
  change: ProductChange,
): Promise<ProductChanged[]> {
  const storeDoc = await database.stores.findOne({ _id: storeId }, { session });
  const store = storeDoc ? storeSettings(storeDoc) : DEFAULT_STORE;
  const ids = productIds.map((productId) => storeId + '/' + productId);
  const docs = await database.products.find({ _id: { $in: ids } }, { session }).toArray();
  const known = new Map(docs.map((doc) => [doc.productId, doc]));
  const settingsVersion = await writeStore(database, session, storeId, storeDoc, store);
  const products = productIds.map((productId) =>
    productAfter(storeId, productId, known.get(productId), change),
  );
  await database.products.bulkWrite(
    products.map(({ _id, ...replacement }) => ({
      replaceOne: { filter: { _id }, replacement, upsert: true },
    })),
    { session },
  );
  const all: ProductChanged[] = [];
  for (const product of products) {
    const { productId } = product;
    const doc = known.get(productId);
    const before = doc && productSettings(doc);
    const after = productSettings(product);
    const changed: ProductChanged = { storeId, productId, after, settingsVersion, warnings: [] };
    if (before) changed.before = before;
    if (makesKeys(before, after)) changed.warnings = await unlimitedAfter(database, session, store, product);
    all.push(changed);
  }
  return all;
}

function productAfter(
  storeId: string,
  productId: string,
  before: ProductDoc | undefined,
  change: ProductChange,
): ProductDoc {
  const { inventory, variants: list, title: named } = change;
  const product: ProductDoc = { _id: storeId + '/' + productId, storeId, productId, inventory };
  const variants = list === undefined ? before?.variants : list;
  if (variants) product.variants = [...variants];
  const title = named === undefined ? before?.title : named;
  if (title) product.title = title;
  const titles = new Map(before?.variantTitles?.map((each) => [each.variantId, each.title]));
  for (const each of change.variantTitles ?? []) {
    if (each.title === null) titles.delete(each.variantId);
    else titles.set(each.variantId, each.title);
  }
  // Of variants that are not listed any more, the titles go too.
  const kept = [...titles].filter(([variantId]) => variants?.includes(variantId));
  if (kept.length > 0) product.variantTitles = kept.map(([variantId, text]) => ({ variantId, title: text }));
  return product;
}

/** Whether keys are counted now that were not before. */
function makesKeys(before: ProductSettings | undefined, after: ProductSettings): boolean {
  if (after.inventory === 'off') return false;
  if (before?.inventory !== after.inventory) return true;
  if (after.inventory !== 'variant') return false;
  const known = before.variants;
  if (known === undefined) return after.variants !== undefined;
  return after.variants === undefined || after.variants.some((variant) => !known.includes(variant));
}

/** The store's document as it is from now on, with its version raised; made when it is missing. */
async function writeStore(
  database: Database,
  session: mongo.ClientSession,
  storeId: string,
  doc: StoreDoc | null,
  settings: StoreSettings,
): Promise<number> {
  const settingsVersion = (doc?.settingsVersion ?? 0) + 1;
  const { timeZone, fulfillmentDates, holdMs } = settings;
  const next = { timeZone, fulfillmentDates, holdMs, settingsVersion };
  if (doc) await database.stores.updateOne({ _id: storeId }, { $set: next }, { session });
  else await database.stores.insertOne({ _id: storeId, ...next }, { session });
  return settingsVersion;
}

function definedOnly(change: Omit<StoreChange, 'showCounts'>): Partial<StoreSettings> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

export function idProblems(field: string, id: string): InputProblem[] {
  if (isId(id)) return [];
  const remedy = 'use 1 to 128 bytes of text without "/" or control characters, and not just "-"';
  return [{ field, problem: `${JSON.stringify(id.slice(0, 40))} is not an id`, remedy }];
}

export function storeProblems(storeId: string, change: StoreChange): InputProblem[] {
  const problems = idProblems('storeId', storeId);
  const { timeZone, holdMs } = change;
  if (timeZone !== undefined && !IANAZone.isValidZone(timeZone)) {
    const problem = `${JSON.stringify(timeZone)} is not a time zone`;
    problems.push({
      field: 'timeZone',
      problem,
      remedy: 'use an IANA name such as "Europe/Berlin" or "UTC"',
    });
  }
  if (holdMs !== undefined && !(Number.isInteger(holdMs) && holdMs >= MIN_HOLD_MS && holdMs <= MAX_HOLD_MS)) {
    const problem = `${holdMs} ms is not a time that checkout can hold items for`;
    problems.push({ field: 'holdMs', problem, remedy: 'use 1 second to 7 days, e.g. "30m"' });
  }
  return problems;
}

export function productProblems(productId: string, change: ProductChange): InputProblem[] {
  return [...idProblems('productId', productId), ...changeProblems(change)];
}

function changeProblems({ inventory, variants, title, variantTitles }: ProductChange): InputProblem[] {
  const problems = [title, ...(variantTitles ?? []).map((each) => each.title)].flatMap(titleProblems);
  if (!INVENTORIES.includes(inventory)) {
    const problem = `${JSON.stringify(inventory)} is not a way to count`;
    problems.push({ field: 'inventory', problem, remedy: 'use "off", "product" or "variant"' });
  }
  if (!variants) return problems;
  if (variants.length === 0 || variants.length > MAX_VARIANTS) {
    const problem = `${variants.length} variants`;
    problems.push({
      field: 'variants',
      problem,
      remedy: `list 1 to ${MAX_VARIANTS}, or leave the list away`,
    });
  }
  variants.forEach((variant, at) => {
    problems.push(...idProblems(`variants[${at}]`, variant));
    if (variants.indexOf(variant) !== at) {
      const problem = `${JSON.stringify(variant)} is listed twice`;
      problems.push({ field: `variants[${at}]`, problem, remedy: 'name each variant once' });
    }
  });
  return problems;
}

function titleProblems(title: string | null | undefined): InputProblem[] {
  if (title === undefined || title === null) return [];
  if (title.trim() !== '' && title.length <= MAX_TITLE) return [];
  const remedy = `use 1 to ${MAX_TITLE} characters, or null`;
  return [{ field: 'title', problem: `has ${title.length} characters`, remedy }];
}

function rejectProblems(problems: InputProblem[]): void {
  if (problems.length > 0) throw new InputFault(problems);
}
