/**
 * Whether two databases say the same: orders with their facts and claims, stock, settings. Times at which something
 * was decided, offsets, sequences and all that passes (outbox, lanes, leases, keys of the API) are left out: a
 * database that was made anew from the topics has its own. Both are read as of one moment.
 */

import type { mongo } from 'mongoose';
import { claimsOf, type Order } from '@holdfast/core';
import { Findings, type Difference } from './audit-findings.js';
import type { Database } from '../database/database.js';
import type { OrderDoc, OrderFactDoc, ProductDoc, StockDoc, StoreDoc } from '../documents/documents.js';
import { factIds, orderFrom } from '../documents/order-documents.js';
import { prunedBefore } from '../batch/prune-horizon.js';
import { inSnapshot } from '../database/snapshot.js';
import { findByIds } from '../wire/commands.js';
import { scan } from '../wire/scan.js';

export const AGAINST_DIFFERENCES = {
  order: 'an order is another, or only in one of them',
  stock: 'a stock key is another, or only in one of them',
  store: "a store's settings are others, or only in one of them",
  product: "a product's settings are others, or only in one of them",
} as const;
export type AgainstDifferenceKind = keyof typeof AGAINST_DIFFERENCES;

export interface AgainstOptions {
  /** differences listed; all are counted. 1,000 unless given */
  maxListed?: number;
  onProgress?: (progress: { stage: AgainstDifferenceKind; done: number; total: number }) => void;
}

export interface AgainstReport {
  /** nothing differs */
  clean: boolean;
  /** the names of the two databases */
  here: string;
  there: string;
  /** ISO 8601; the moment that it describes */
  at: string;
  durationMs: number;
  /** documents of this database that were compared */
  checked: Record<AgainstDifferenceKind, number>;
  /** orders that one database has removed by its horizon (`ops orders prune`), and so may lack */
  pruned: number;
  differences: number;
  counts: Partial<Record<AgainstDifferenceKind, number>>;
  listed: Difference<AgainstDifferenceKind>[];
}

const CHUNK = 1_000;

/** @throws TransientFault when the database is away */
export async function auditAgainst(
  database: Database,
  other: string,
  options: AgainstOptions = {},
): Promise<AgainstReport> {
  return inSnapshot(database, (session) => new Comparison(database, other, session, options).run());
}

type Fields = Record<string, unknown>;

/** How documents of a collection are compared. */
interface Subject<T extends { _id: string }> {
  kind: AgainstDifferenceKind;
  collection: string;
  /** what has to be the same, by name */
  fieldsOf(docs: readonly T[], db: mongo.Db): Promise<Map<string, Fields>> | Map<string, Fields>;
  /** whether one of them may lack it */
  mayLack?(doc: T, db: mongo.Db): boolean;
}

class Comparison {
  readonly #startedAt = Date.now();
  readonly #findings: Findings<AgainstDifferenceKind>;
  readonly #checked = { order: 0, stock: 0, store: 0, product: 0 };
  readonly #other: mongo.Db;
  #pruned = 0;

  constructor(
    private readonly database: Database,
    other: string,
    private readonly session: mongo.ClientSession,
    private readonly options: AgainstOptions,
  ) {
    this.#findings = new Findings(options.maxListed ?? 1_000);
    this.#other = database.client.db(other);
  }

  async run(): Promise<AgainstReport> {
    const { session } = this;
    const { db } = this.database;
    // The first reads are the driver's own: from them it learns the moment.
    const horizons = new Map([
      [db, await prunedBefore(db, session)],
      [this.#other, await prunedBefore(this.#other, session)],
    ]);
    await this.#compare<StoreDoc>({ kind: 'store', collection: 'stores', fieldsOf: each(storeFields) });
    await this.#compare<ProductDoc>({
      kind: 'product',
      collection: 'products',
      fieldsOf: each(productFields),
    });
    await this.#compare<StockDoc>({ kind: 'stock', collection: 'stock', fieldsOf: each(stockFields) });
    await this.#compare<OrderDoc>({
      kind: 'order',
      collection: 'orders',
      fieldsOf: (docs, of) => this.#orderFields(docs, of),
      // By when it was placed: a database that was made anew has done everything only just now.
      mayLack: ({ state, placed }, lacking) =>
        state !== 'held' &&
        placed !== undefined &&
        placed.occurredAt.getTime() < (horizons.get(lacking) ?? 0),
    });
    const { total, counts, listed } = this.#findings;
    return {
      clean: total === 0,
      here: db.databaseName,
      there: this.#other.databaseName,
      at: new Date(this.#startedAt).toISOString(),
      durationMs: Date.now() - this.#startedAt,
      checked: this.#checked,
      pruned: this.#pruned,
      differences: total,
      counts,
      listed,
    };
  }

  /** All of this database against the other; then what only the other has. */
  async #compare<T extends { _id: string }>(subject: Subject<T>): Promise<void> {
    const { kind, collection, fieldsOf } = subject;
    const { db } = this.database;
    const total = await db.collection(collection).estimatedDocumentCount();
    let matched = 0;
    for await (const docs of this.#scan<T>(db, collection)) {
      const others = await findByIds<T>(this.#other, collection, docs.map(idOf), this.session);
      const [here, there] = [await fieldsOf(docs, db), await fieldsOf(others, this.#other)];
      for (const doc of docs) {
        const found = there.get(doc._id);
        if (found) this.#differences(kind, doc._id, here.get(doc._id) as Fields, found);
        else this.#onlyIn(subject, doc, db);
      }
      matched += others.length;
      this.#checked[kind] += docs.length;
      this.options.onProgress?.({ stage: kind, done: this.#checked[kind], total });
    }
    const { session } = this;
    if ((await this.#other.collection(collection).countDocuments({}, { session })) === matched) return;
    for await (const docs of this.#scan<T>(this.#other, collection)) {
      const known = await findByIds<T>(db, collection, docs.map(idOf), this.session, { _id: 1 });
      const ids = new Set(known.map(({ _id }) => _id));
      for (const doc of docs) if (!ids.has(doc._id)) this.#onlyIn(subject, doc, this.#other);
    }
  }

  #scan<T>(db: mongo.Db, collection: string): AsyncGenerator<T[]> {
    return scan<T>(db, { collection, batchSize: CHUNK }, this.session);
  }

  #onlyIn<T extends { _id: string }>({ kind, mayLack }: Subject<T>, doc: T, db: mongo.Db): void {
    const lacking = db === this.#other ? this.database.db : this.#other;
    if (mayLack?.(doc, lacking)) {
      this.#pruned += 1;
      return;
    }
    const message = `${doc._id}: is in ${db.databaseName} and not in ${lacking.databaseName}`;
    this.#findings.add(kind, doc._id, message);
  }

  /** Every field that differs is a difference of its own. */
  #differences(kind: AgainstDifferenceKind, subject: string, here: Fields, there: Fields): void {
    for (const name of new Set([...Object.keys(here), ...Object.keys(there)])) {
      const [expected, actual] = [shown(there[name]), shown(here[name])];
      if (expected === actual) continue;
      const [one, other] = [this.database.db.databaseName, this.#other.databaseName];
      const message = `${subject}: ${name} is ${actual} in ${one}, and ${expected} in ${other}`;
      this.#findings.add(kind, subject, message, { expected, actual });
    }
  }

  async #orderFields(docs: readonly OrderDoc[], db: mongo.Db): Promise<Map<string, Fields>> {
    const ids = docs.flatMap(factIds).sort();
    const found = await findByIds<OrderFactDoc>(db, 'orderFacts', ids, this.session);
    const facts = new Map(found.map((fact) => [fact._id, fact]));
    const fieldsOf = (doc: OrderDoc): Fields => {
      const own = factIds(doc).flatMap((id) => facts.get(id) ?? []);
      return { ...headFields(doc), ...orderFields(orderFrom(doc, own)) };
    };
    return new Map(docs.map((doc) => [doc._id, fieldsOf(doc)]));
  }
}

function each<T extends { _id: string }>(fieldsOf: (doc: T) => Fields) {
  return (docs: readonly T[]): Map<string, Fields> => new Map(docs.map((doc) => [doc._id, fieldsOf(doc)]));
}

function storeFields({ timeZone, fulfillmentDates, holdMs, showCounts = false }: StoreDoc): Fields {
  return { timeZone, fulfillmentDates, holdMs, showCounts };
}

function productFields({ inventory, variants, title, variantTitles }: ProductDoc): Fields {
  return { inventory, variants, title, variantTitles };
}

function stockFields({ free, held, sold, refunded, settlement, version }: StockDoc): Fields {
  return { free, held, sold, refunded, settlement, version };
}

function headFields({ state, version, due, refused }: OrderDoc): Fields {
  return { state, version, due, refused };
}

/**
 * Facts as the set that they are, whatever their numbers: for what moved nothing, which record of several topics a lane
 * took first is recorded nowhere else, and nothing depends on it. Only which payment was the first is an order among them.
 */
function orderFields(order: Order): Fields {
  const { placed, dueAt, payments, rejected, expired, reinstated } = order;
  return {
    placed,
    'hold until': dueAt === undefined ? undefined : new Date(dueAt),
    'paying payment': payments[0],
    payments: [...payments].sort(),
    rejected,
    refunds: sorted(order.refunds, ({ refundId }) => refundId),
    restocks: sorted(order.restocks, ({ restockId }) => restockId),
    expired,
    reinstated,
    'asked back': [...order.askedBack].sort(),
    claim: sorted(claimsOf(order), ({ stockKey }) => stockKey),
  };
}

function sorted<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function idOf({ _id }: { _id: string }): string {
  return _id;
}

/** JSON with the fields of objects in one order; what is undefined is nothing. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries);
  });
}
