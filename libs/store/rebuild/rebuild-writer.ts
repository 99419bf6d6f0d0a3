/** Puts what is rebuilt into an empty database. Nobody else writes there, so nothing is guarded, and much goes at once. */

import type { mongo } from 'mongoose';
import type { Settings } from '@holdfast/core';
import { DEFAULT_STORE } from '@holdfast/core';
import { prepare, type Database } from '../database/database.js';
import type { LaneDoc, OrderDoc, OrderFactDoc } from '../documents/documents.js';
import { faultOf } from '../database/faults.js';
import { MerchantHistory, type LedgerKeys } from './rebuild-ledger.js';
import type { RebuiltOrder } from './rebuild-order.js';
import { productSettings, storeSettings } from '../settings/settings-cache.js';

const DOCS_AT_ONCE = 2_000;
/** Inserts under way at the same time. */
const MAX_UNDER_WAY = 4;
/** What a rebuild fills; settings are there before. */
const REBUILT = [
  'orders',
  'orderFacts',
  'stock',
  'stockChanges',
  'merchantChanges',
  'outbox',
  'lanes',
] as const;

/** Collections that hold something already; none where a rebuild may begin. */
export async function filledCollections(database: Database): Promise<string[]> {
  const filled: string[] = [];
  for (const name of REBUILT) {
    if ((await database.db.collection(name).findOne({}, { projection: { _id: 1 } })) !== null)
      filled.push(name);
  }
  return filled;
}

/** Takes away what a rebuild that did not finish has left. */
export async function emptyRebuilt(database: Database): Promise<void> {
  for (const name of REBUILT) await database.db.collection(name).drop();
  await prepare(database);
}

/** The settings of the database, all of them in memory. */
export async function allSettings(database: Database): Promise<Settings> {
  const stores = new Map(
    (await database.stores.find().toArray()).map((doc) => [doc._id, storeSettings(doc)]),
  );
  const products = new Map<string, ReturnType<typeof productSettings>>();
  const projection = { title: 0, variantTitles: 0 };
  for await (const doc of database.products.find({}, { projection, batchSize: 5_000 })) {
    products.set(doc._id, productSettings(doc));
  }
  return {
    store: (storeId) => stores.get(storeId) ?? DEFAULT_STORE,
    product: (storeId, productId) => products.get(storeId + '/' + productId),
  };
}

export class RebuildWriter {
  #orders: OrderDoc[] = [];
  #facts: OrderFactDoc[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #failure: unknown;

  constructor(private readonly database: Database) {}

  /** Resolves when more may come. @throws TransientFault when the database is away */
  async add({ doc, facts }: RebuiltOrder): Promise<void> {
    if (!doc) return;
    this.#orders.push(doc);
    for (const fact of facts) this.#facts.push(fact);
    if (this.#orders.length >= DOCS_AT_ONCE || this.#facts.length >= DOCS_AT_ONCE) await this.#flush();
  }

  /** What the keys have become, and the changes that made them so; all orders have been added. */
  async finish(keys: LedgerKeys, lanes: readonly LaneDoc[]): Promise<void> {
    await this.#flush();
    const history = new MerchantHistory();
    await this.#insertAll(this.database.stock, keys.stock());
    await this.#insertAll(this.database.stockChanges, keys.changes(), (doc) => history.add(doc));
    await this.#insertAll(this.database.merchantChanges, history.all());
    await this.#insertAll(this.database.lanes, lanes);
    await this.settled();
  }

  /** Resolves when everything is written. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
    if (this.#failure !== undefined) throw faultOf(this.#failure);
  }

  async #flush(): Promise<void> {
    const [orders, facts] = [this.#orders, this.#facts];
    [this.#orders, this.#facts] = [[], []];
    await this.#insert(this.database.orders, orders);
    await this.#insert(this.database.orderFacts, facts);
  }

  async #insertAll<Doc extends mongo.Document>(
    collection: mongo.Collection<Doc>,
    docs: Iterable<Doc>,
    each?: (doc: Doc) => void,
  ): Promise<void> {
    let some: Doc[] = [];
    for (const doc of docs) {
      each?.(doc);
      some.push(doc);
      if (some.length < DOCS_AT_ONCE) continue;
      await this.#insert(collection, some);
      some = [];
    }
    await this.#insert(collection, some);
  }

  /** Begins to write. Resolves when there is room for more. */
  async #insert<Doc extends mongo.Document>(collection: mongo.Collection<Doc>, docs: Doc[]): Promise<void> {
    if (docs.length === 0) return;
    const writing = collection
      .insertMany(docs as mongo.OptionalUnlessRequiredId<Doc>[], { ordered: false })
      .then(() => undefined)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#underWay.delete(writing));
    this.#underWay.add(writing);
    if (this.#underWay.size >= MAX_UNDER_WAY) await Promise.race(this.#underWay);
    if (this.#failure !== undefined) throw faultOf(this.#failure);
  }
}
