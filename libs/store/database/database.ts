/** The connection: one pool, the models for tools, the plain collections for the hot path. */

import mongoose, { mongo, type Connection } from 'mongoose';
import type {
  HorizonDoc,
  PrunedUnitsDoc,
  ReconciliationDoc,
  RepairDoc,
} from '../documents/audit-documents.js';
import type {
  ApiKeyDoc,
  ApiRequestDoc,
  ApiSessionDoc,
  LaneDoc,
  LeaseDoc,
  MerchantChangeDoc,
  OrderDoc,
  OrderFactDoc,
  OutboxDoc,
  ProductDoc,
  StockChangeDoc,
  StockDoc,
  StoreDoc,
  SwitchDoc,
  WorkerDoc,
} from '../documents/documents.js';
import type { DeadLetterActDoc, ReplayDoc } from '../documents/operator-documents.js';
import { modelsOf, type Models } from '../documents/schemas.js';

export interface DatabaseOptions {
  uri: string;
  database: string;
  /** PEM texts; the connection is encrypted when it is there, whatever the uri says */
  tls?: { ca?: string; cert?: string; key?: string };
  /** comes before a user in the uri */
  login?: { username: string; password: string; authSource: string };
  /** at most so many connections; each lane uses one at a time */
  maxPoolSize?: number;
  /** how long to look for a primary before a call fails as transient, ms */
  serverSelectionTimeoutMs?: number;
}

export interface Database {
  connection: Connection;
  client: mongo.MongoClient;
  db: mongo.Db;
  models: Models;
  orders: mongo.Collection<OrderDoc>;
  orderFacts: mongo.Collection<OrderFactDoc>;
  stock: mongo.Collection<StockDoc>;
  prunedUnits: mongo.Collection<PrunedUnitsDoc>;
  horizons: mongo.Collection<HorizonDoc>;
  repairs: mongo.Collection<RepairDoc>;
  reconciliation: mongo.Collection<ReconciliationDoc>;
  stockChanges: mongo.Collection<StockChangeDoc>;
  merchantChanges: mongo.Collection<MerchantChangeDoc>;
  stores: mongo.Collection<StoreDoc>;
  products: mongo.Collection<ProductDoc>;
  outbox: mongo.Collection<OutboxDoc>;
  lanes: mongo.Collection<LaneDoc>;
  workers: mongo.Collection<WorkerDoc>;
  leases: mongo.Collection<LeaseDoc>;
  switches: mongo.Collection<SwitchDoc>;
  apiKeys: mongo.Collection<ApiKeyDoc>;
  apiSessions: mongo.Collection<ApiSessionDoc>;
  apiRequests: mongo.Collection<ApiRequestDoc>;
  deadLetterActs: mongo.Collection<DeadLetterActDoc>;
  replays: mongo.Collection<ReplayDoc>;
  close(): Promise<void>;
}

/** Durable and seen by a majority: the only write concern for anything that an outcome rests on. */
export const DURABLE = { w: 'majority', j: true } as const;

/** @throws when no server answers within `serverSelectionTimeoutMs` */
export async function connect(options: DatabaseOptions): Promise<Database> {
  const { tls, login } = options;
  const connection = await mongoose
    .createConnection(options.uri, {
      ...(tls && { tls: true, ...tls }),
      ...(login && {
        auth: { username: login.username, password: login.password },
        authSource: login.authSource,
      }),
      dbName: options.database,
      maxPoolSize: options.maxPoolSize ?? 20,
      serverSelectionTimeoutMS: options.serverSelectionTimeoutMs ?? 5_000,
      autoIndex: false,
      autoCreate: false,
      ignoreUndefined: true,
      writeConcern: DURABLE,
    })
    .asPromise();
  const client = connection.getClient() as mongo.MongoClient;
  const db = client.db(options.database);
  return {
    connection,
    client,
    db,
    models: modelsOf(connection),
    orders: db.collection('orders'),
    orderFacts: db.collection('orderFacts'),
    stock: db.collection('stock'),
    prunedUnits: db.collection('prunedUnits'),
    horizons: db.collection('horizons'),
    repairs: db.collection('repairs'),
    reconciliation: db.collection('reconciliation'),
    stockChanges: db.collection('stockChanges'),
    merchantChanges: db.collection('merchantChanges'),
    stores: db.collection('stores'),
    products: db.collection('products'),
    outbox: db.collection('outbox'),
    lanes: db.collection('lanes'),
    workers: db.collection('workers'),
    leases: db.collection('leases'),
    switches: db.collection('switches'),
    apiKeys: db.collection('apiKeys'),
    apiSessions: db.collection('apiSessions'),
    apiRequests: db.collection('apiRequests'),
    deadLetterActs: db.collection('deadLetterActs'),
    replays: db.collection('replays'),
    close: () => connection.close(),
  };
}

/** Of orders: each costs whatever is written to the collection, and nothing reads them any more. */
const FORMER_INDEXES = new Set(['claims.stockKey_1']);
const INDEX_NOT_FOUND = 27;
const UNAUTHORIZED = 13;

/**
 * Creates collections and indexes that are missing, which a transaction cannot, and drops indexes of former versions.
 * Idempotent.
 */
export async function prepare(database: Database): Promise<void> {
  for (const model of Object.values(database.models) as Models[keyof Models][]) {
    await (model as Models['orders']).createCollection();
    await (model as Models['orders']).createIndexes();
  }
  for (const { name } of await database.orders.indexes()) {
    if (name !== undefined && FORMER_INDEXES.has(name)) await dropIndex(database, name);
  }
}

/** Another process may have been first, and a user who may not do it can do without. */
async function dropIndex({ orders }: Database, name: string): Promise<void> {
  try {
    await orders.dropIndex(name);
  } catch (error) {
    const code = error instanceof mongo.MongoServerError ? error.code : undefined;
    if (code !== INDEX_NOT_FOUND && code !== UNAUTHORIZED) throw error;
  }
}
