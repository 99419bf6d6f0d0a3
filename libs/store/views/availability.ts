/**
 * What a shop's own pages ask all the time: can this be ordered? The answer is what an order of exactly that line
 * would meet now. It promises nothing: units are taken when the order is placed.
 *
 * Nobody waits for settings that were read a moment ago: they are read anew beside the answer.
 */

import { countingOf, DEFAULT_STORE, type ProductSettings, type StoreSettings } from '@holdfast/core';
import type { Database } from '../database/database.js';
import type { StoreDoc } from '../documents/documents.js';
import { faultOf } from '../database/faults.js';
import { FreeReader, type StoreFreeSource } from './free-reader.js';
import { InputFault } from '../input/input-fault.js';
import { productSettings, storeSettings } from '../settings/settings-cache.js';

export interface AvailabilityQuestion {
  storeId: string;
  productIds: readonly string[];
  /** absent: of a product by variant, all that it lists */
  variantIds?: readonly string[];
  /** `YYYY-MM-DD`; needed where the store keeps stock by date */
  dates?: readonly string[];
  /** units of one order */
  quantity: number;
}

export interface AvailabilityItem {
  productId: string;
  variantId: string | null;
  date: string | null;
  available: boolean;
  /** only where the store shows its numbers; null = unlimited, or not counted */
  left?: number | null;
}

/** Most items of one answer. */
export const MAX_AVAILABILITY_ITEMS = 2_000;
/** Settings older than this are read anew for the next question. */
const SETTINGS_MS = 500;
/** Settings older than this are waited for. */
const SETTINGS_OLD_MS = 2_000;
const TOGETHER_MS = 100;
const MAX_STORES = 10_000;
/** Products remembered of one store; those asked for may not exist. */
const MAX_PRODUCTS = 10_000;

interface StoreRead {
  settings: StoreSettings;
  settingsVersion: number;
  showCounts: boolean;
  /** as of that version; undefined = known not to exist */
  products: Map<string, ProductSettings | undefined>;
}

type Products = ReadonlyMap<string, ProductSettings | undefined>;

interface KnownStore {
  /** the last that was read */
  read: Promise<StoreRead>;
  /** by `now` */
  readAt: number;
  isReading: boolean;
}

/** What an item comes to before the stock is looked at. */
type Planned = Omit<AvailabilityItem, 'available' | 'left'> & { stockKey?: string; refused?: true };

export class AvailabilityReader {
  readonly #stores = new Map<string, KnownStore>();
  /** to be read anew */
  readonly #old = new Map<string, KnownStore>();

  constructor(
    private readonly database: Database,
    private readonly stock: StoreFreeSource = directly(new FreeReader(database)),
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * In the order asked: products, then variants, then dates.
   * @throws InputFault when dates are missing or the items too many; TransientFault when the database is away
   */
  async answer(question: AvailabilityQuestion): Promise<AvailabilityItem[]> {
    const store = await this.#store(question.storeId);
    const products = await this.#products(question, store);
    const planned = plan(question, store, products);
    const keys = planned.flatMap(({ stockKey }) => stockKey ?? []);
    const free =
      keys.length === 0 ? new Map<string, number | null>() : await this.stock.freeOf(question.storeId, keys);
    return planned.map((item) => itemOf(item, question.quantity, store.showCounts, free));
  }

  /** Those who ask while it is read for the first time share the reading. */
  #store(storeId: string): Promise<StoreRead> {
    const known = this.#stores.get(storeId);
    const age = known ? this.now() - known.readAt : Infinity;
    if (known && (age <= SETTINGS_MS || (known.isReading && age <= SETTINGS_OLD_MS))) return known.read;
    if (known && age <= SETTINGS_OLD_MS) {
      known.isReading = true;
      this.#renewSoon(storeId, known);
      return known.read;
    }
    const read = this.#readStores([storeId]).then(([doc]) => storeRead(doc));
    if (this.#stores.size >= MAX_STORES) this.#stores.clear();
    const fresh: KnownStore = { read, readAt: this.now(), isReading: false };
    this.#stores.set(storeId, fresh);
    read.catch(() => {
      if (this.#stores.get(storeId) === fresh) this.#stores.delete(storeId);
    });
    return read;
  }

  /** One read for all stores whose settings have become old in a while. */
  #renewSoon(storeId: string, known: KnownStore): void {
    this.#old.set(storeId, known);
    if (this.#old.size > 1) return;
    setTimeout(() => void this.#renew(), TOGETHER_MS).unref();
  }

  async #renew(): Promise<void> {
    const old = [...this.#old];
    this.#old.clear();
    const readAt = this.now();
    try {
      const docs = new Map(
        (await this.#readStores(old.map(([storeId]) => storeId))).map((doc) => [doc._id, doc]),
      );
      for (const [storeId, known] of old) {
        const read = storeRead(docs.get(storeId), await known.read);
        if (this.#stores.get(storeId) !== known) continue;
        this.#stores.set(storeId, { read: Promise.resolve(read), readAt, isReading: false });
      }
    } catch {
      // Tried again by the next question; when they are old, that one waits, and is told.
      for (const [, known] of old) known.isReading = false;
    }
  }

  #readStores(ids: string[]): Promise<StoreDoc[]> {
    return this.database.stores
      .find({ _id: { $in: ids } })
      .toArray()
      .catch(rethrown);
  }

  async #products({ storeId, productIds }: AvailabilityQuestion, store: StoreRead): Promise<Products> {
    const { products } = store;
    // A copy: another question may empty what is remembered while this one is answered.
    const own = new Map(productIds.map((productId) => [productId, products.get(productId)]));
    const missing = productIds.filter((productId) => !products.has(productId));
    if (missing.length === 0) return own;
    const ids = missing.map((productId) => `${storeId}/${productId}`);
    const docs = await this.database.products
      .find({ _id: { $in: ids } }, { projection: { productId: 1, inventory: 1, variants: 1 } })
      .toArray()
      .catch(rethrown);
    const found = new Map(docs.map((doc) => [doc.productId, productSettings(doc)]));
    if (products.size + missing.length > MAX_PRODUCTS) products.clear();
    for (const productId of missing) {
      products.set(productId, found.get(productId));
      own.set(productId, found.get(productId));
    }
    return own;
  }
}

/** @param before the same store's last: its products are still right when no setting has changed since */
function storeRead(doc: StoreDoc | undefined, before?: StoreRead): StoreRead {
  const settingsVersion = doc?.settingsVersion ?? 0;
  return {
    settings: doc ? storeSettings(doc) : DEFAULT_STORE,
    settingsVersion,
    showCounts: doc?.showCounts === true,
    products: before?.settingsVersion === settingsVersion ? before.products : new Map(),
  };
}

function directly(reader: FreeReader): StoreFreeSource {
  return { freeOf: (_, keys) => reader.freeOf(keys) };
}

function rethrown(error: unknown): never {
  throw faultOf(error);
}

function plan(question: AvailabilityQuestion, store: StoreRead, products: Products): Planned[] {
  const { storeId, productIds, dates } = question;
  if (store.settings.fulfillmentDates && !dates?.length) {
    const remedy = 'name dates (date=YYYY-MM-DD,…) or a range (from= and to=)';
    throw new InputFault([{ field: 'date', problem: 'the store keeps stock by date', remedy }]);
  }
  const planned: Planned[] = [];
  for (const productId of productIds) {
    const product = products.get(productId);
    for (const variantId of variantsOf(product, question.variantIds)) {
      for (const date of dates?.length ? dates : [undefined]) {
        const line = {
          productId,
          quantity: question.quantity,
          ...(variantId !== undefined && { variantId }),
          ...(date !== undefined && { fulfillmentDate: date }),
        };
        const counting = countingOf(storeId, line, store.settings, product);
        planned.push({
          productId,
          variantId: variantId ?? null,
          date: date ?? null,
          ...('stockKey' in counting && { stockKey: counting.stockKey }),
          ...('refused' in counting && { refused: true }),
        });
        if (planned.length > MAX_AVAILABILITY_ITEMS) throw tooMany();
      }
    }
  }
  return planned;
}

function variantsOf(
  product: ProductSettings | undefined,
  asked: readonly string[] | undefined,
): readonly (string | undefined)[] {
  if (asked?.length) return asked;
  return (product?.inventory === 'variant' ? product.variants : undefined) ?? [undefined];
}

function tooMany(): InputFault {
  const problem = `more than ${MAX_AVAILABILITY_ITEMS} products × variants × dates`;
  return new InputFault([{ field: 'productId', problem, remedy: 'ask in several requests' }]);
}

function itemOf(
  { stockKey, refused, ...item }: Planned,
  quantity: number,
  showCounts: boolean,
  stock: ReadonlyMap<string, number | null>,
): AvailabilityItem {
  const free = refused ? 0 : stockKey === undefined ? null : (stock.get(stockKey) ?? null);
  const answer: AvailabilityItem = { ...item, available: free === null || free >= quantity };
  if (showCounts) answer.left = free;
  return answer;
}
