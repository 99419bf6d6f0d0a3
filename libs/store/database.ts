/** The connection: one pool, the models for tools, the plain collections for the hot path. */

import mongoose, { type Connection, type mongo } from 'mongoose';
import type {
  LaneDoc,
  LeaseDoc,
  OrderDoc,
  OrderFactDoc,
  OutboxDoc,
  ProductDoc,
  StockChangeDoc,
  StockDoc,
  StoreDoc,
  SwitchDoc,
  WorkerDoc,
} from './documents.js';
import { modelsOf, type Models } from './schemas.js';

export interface DatabaseOptions {
  uri: string;
  database: string;
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
  stockChanges: mongo.Collection<StockChangeDoc>;
  stores: mongo.Collection<StoreDoc>;
  products: mongo.Collection<ProductDoc>;
  outbox: mongo.Collection<OutboxDoc>;
  lanes: mongo.Collection<LaneDoc>;
  workers: mongo.Collection<WorkerDoc>;
  leases: mongo.Collection<LeaseDoc>;
  switches: mongo.Collection<SwitchDoc>;
  close(): Promise<void>;
}

/** Durable and seen by a majority: the only write concern for anything that an outcome rests on. */
export const DURABLE = { w: 'majority', j: true } as const;

/** @throws when no server answers within `serverSelectionTimeoutMs` */
export async function connect(options: DatabaseOptions): Promise<Database> {
  const connection = await mongoose
    .createConnection(options.uri, {
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
    stockChanges: db.collection('stockChanges'),
    stores: db.collection('stores'),
    products: db.collection('products'),
    outbox: db.collection('outbox'),
    lanes: db.collection('lanes'),
    workers: db.collection('workers'),
    leases: db.collection('leases'),
    switches: db.collection('switches'),
    close: () => connection.close(),
  };
}

/** Creates collections and indexes that are missing; a transaction cannot. Idempotent. */
export async function prepare(database: Database): Promise<void> {
  for (const model of Object.values(database.models) as Models[keyof Models][]) {
    await (model as Models['orders']).createCollection();
    await (model as Models['orders']).createIndexes();
  }
}
