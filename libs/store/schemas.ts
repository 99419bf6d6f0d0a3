/**
 * Mongoose schemas: names, types, validation and indexes of every collection. The hot path writes the same
 * shapes (documents.ts) through the plain driver; settings and tools go through the models.
 */

import { Schema, type Connection, type Model } from 'mongoose';
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

const options = {
  autoIndex: false,
  autoCreate: false,
  versionKey: false,
  strict: true,
  minimize: false,
} as const;
const count = { type: Number, required: true, min: 0 };
const { Mixed } = Schema.Types;

const order = new Schema<OrderDoc>(
  {
    _id: { type: String, required: true },
    storeId: { type: String, required: true },
    state: { type: String, required: true },
    version: count,
    entries: count,
    seq: { type: Number, required: true },
    due: Date,
    placed: Mixed,
    refused: Mixed,
    claims: { type: [Mixed], default: undefined },
  },
  { ...options, collection: 'orders' },
);
// Sparse by hand: only orders that hold something carry `due`, and only they are indexed.
order.index({ due: 1 }, { partialFilterExpression: { due: { $exists: true } } });

const orderFact = new Schema<OrderFactDoc>(
  { _id: { type: String, required: true }, fact: { type: String, required: true }, at: Date, cause: Mixed },
  { ...options, strict: false, collection: 'orderFacts' },
);

const stock = new Schema<StockDoc>(
  {
    _id: { type: String, required: true },
    free: { type: Number, default: null, min: 0 },
    held: count,
    sold: count,
    refunded: count,
    settlement: count,
    version: count,
  },
  { ...options, collection: 'stock' },
);

const stockChange = new Schema<StockChangeDoc>(
  {
    _id: { type: String, required: true },
    changeId: { type: String, required: true },
    stockKey: { type: String, required: true },
    version: count,
    type: { type: String, enum: ['set', 'adjust'], required: true },
    quantity: Number,
    before: Mixed,
    after: Mixed,
    actor: { type: String, required: true },
    reason: String,
    at: { type: Date, required: true },
  },
  { ...options, collection: 'stockChanges' },
);
stockChange.index({ stockKey: 1, version: 1 }, { unique: true });

const store = new Schema<StoreDoc>(
  {
    _id: { type: String, required: true },
    timeZone: { type: String, required: true },
    fulfillmentDates: { type: Boolean, required: true },
    holdMs: { type: Number, required: true, min: 1 },
    settingsVersion: count,
    changes: Number,
  },
  { ...options, collection: 'stores' },
);

const product = new Schema<ProductDoc>(
  {
    _id: { type: String, required: true },
    storeId: { type: String, required: true },
    productId: { type: String, required: true },
    inventory: { type: String, enum: ['off', 'product', 'variant'], required: true },
    variants: { type: [String], default: undefined },
  },
  { ...options, collection: 'products' },
);
product.index({ storeId: 1, productId: 1 });

const outbox = new Schema<OutboxDoc>(
  {
    _id: { type: String, required: true },
    at: { type: Date, required: true },
    messages: { type: [Mixed] as never, required: true },
    letters: { type: [Mixed], default: undefined },
  },
  { ...options, collection: 'outbox' },
);

const lane = new Schema<LaneDoc>(
  { _id: { type: String, required: true }, owner: { type: String, required: true }, positions: Mixed },
  { ...options, collection: 'lanes' },
);

const worker = new Schema<WorkerDoc>(
  {
    _id: { type: String, required: true },
    sessions: [Schema.Types.Buffer],
    roles: [String],
    until: { type: Date, required: true },
  },
  { ...options, collection: 'workers' },
);

const lease = new Schema<LeaseDoc>(
  { _id: { type: String, required: true }, owner: { type: String, required: true }, until: Date },
  { ...options, collection: 'leases' },
);

const toggle = new Schema<SwitchDoc>(
  {
    _id: { type: String, required: true },
    on: { type: Boolean, required: true },
    at: Date,
    actor: { type: String, required: true },
    reason: String,
  },
  { ...options, collection: 'switches' },
);

export interface Models {
  orders: Model<OrderDoc>;
  orderFacts: Model<OrderFactDoc>;
  stock: Model<StockDoc>;
  stockChanges: Model<StockChangeDoc>;
  stores: Model<StoreDoc>;
  products: Model<ProductDoc>;
  outbox: Model<OutboxDoc>;
  lanes: Model<LaneDoc>;
  workers: Model<WorkerDoc>;
  leases: Model<LeaseDoc>;
  switches: Model<SwitchDoc>;
}

export function modelsOf(connection: Connection): Models {
  return {
    orders: connection.model<OrderDoc>('Order', order),
    orderFacts: connection.model<OrderFactDoc>('OrderFact', orderFact),
    stock: connection.model<StockDoc>('Stock', stock),
    stockChanges: connection.model<StockChangeDoc>('StockChange', stockChange),
    stores: connection.model<StoreDoc>('Store', store),
    products: connection.model<ProductDoc>('Product', product),
    outbox: connection.model<OutboxDoc>('Outbox', outbox),
    lanes: connection.model<LaneDoc>('Lane', lane),
    workers: connection.model<WorkerDoc>('Worker', worker),
    leases: connection.model<LeaseDoc>('Lease', lease),
    switches: connection.model<SwitchDoc>('Switch', toggle),
  };
}
