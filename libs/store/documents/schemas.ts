/**
 * Mongoose schemas: names, types, validation and indexes of every collection. The hot path writes the same
 * shapes (documents.ts) through the plain driver; settings and tools go through the models.
 */

import { Schema, type Connection, type Model } from 'mongoose';
import type { HorizonDoc, PrunedUnitsDoc, ReconciliationDoc, RepairDoc } from './audit-documents.js';
import type { DeadLetterActDoc, ReplayDoc } from './operator-documents.js';
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

const prunedUnits = new Schema<PrunedUnitsDoc>(
  { _id: { type: String, required: true }, sold: count },
  { ...options, collection: 'prunedUnits' },
);

const repair = new Schema<RepairDoc>(
  {
    _id: { type: String, required: true },
    changeId: { type: String, required: true },
    at: { type: Date, required: true },
    actor: { type: String, required: true },
    reason: { type: String, required: true },
    before: Mixed,
    after: Mixed,
  },
  { ...options, collection: 'repairs' },
);

const reconciliation = new Schema<ReconciliationDoc>(
  { _id: { type: String, required: true }, pass: Mixed, last: Mixed },
  { ...options, collection: 'reconciliation' },
);

const horizon = new Schema<HorizonDoc>(
  {
    _id: { type: String, required: true },
    before: { type: Date, required: true },
    at: Date,
    actor: { type: String, required: true },
    reason: String,
  },
  { ...options, collection: 'horizons' },
);

const stockChange = new Schema<StockChangeDoc>(
  {
    _id: { type: String, required: true },
    changeId: { type: String, required: true },
    stockKey: { type: String, required: true },
    version: count,
    type: { type: String, enum: ['set', 'adjust', 'restore', 'correct'], required: true },
    quantity: Number,
    unsettled: Number,
    before: Mixed,
    after: Mixed,
    actor: { type: String, required: true },
    reason: String,
    at: { type: Date, required: true },
  },
  { ...options, collection: 'stockChanges' },
);
stockChange.index({ stockKey: 1, version: 1 }, { unique: true });

const merchantChange = new Schema<MerchantChangeDoc>(
  {
    _id: { type: String, required: true },
    storeId: { type: String, required: true },
    changeId: { type: String, required: true },
    at: { type: Date, required: true },
    actor: { type: String, required: true },
    reason: String,
    source: { type: String, required: true },
    keys: count,
    undoes: String,
    undone: String,
    cells: { type: [Mixed] as never, required: true },
  },
  { ...options, collection: 'merchantChanges' },
);
merchantChange.index({ storeId: 1, at: -1, _id: -1 });

const store = new Schema<StoreDoc>(
  {
    _id: { type: String, required: true },
    timeZone: { type: String, required: true },
    fulfillmentDates: { type: Boolean, required: true },
    holdMs: { type: Number, required: true, min: 1 },
    settingsVersion: count,
    changes: Number,
    showCounts: Boolean,
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
    title: String,
    variantTitles: { type: [Mixed] as never, default: undefined },
  },
  { ...options, collection: 'products' },
);
product.index({ storeId: 1, productId: 1 });

const outbox = new Schema<OutboxDoc>(
  {
    _id: { type: String, required: true },
    at: { type: Date, required: true },
    trace: String,
    topics: { type: [String], required: true },
    count,
    encoding: String,
    messages: { type: Schema.Types.Buffer as never, required: true },
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
    incarnation: { type: String, required: true },
    sessions: [Schema.Types.Buffer],
    uid: Schema.Types.Buffer,
    roles: [String],
    until: { type: Date, required: true },
  },
  { ...options, collection: 'workers' },
);

const lease = new Schema<LeaseDoc>(
  {
    _id: { type: String, required: true },
    owner: { type: String, required: true },
    incarnation: { type: String, required: true },
    until: Date,
  },
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

const apiKey = new Schema<ApiKeyDoc>(
  {
    _id: { type: String, required: true },
    hash: { type: String, required: true },
    scope: { type: String, required: true },
    storeId: String,
    name: { type: String, required: true },
    createdAt: { type: Date, required: true },
    revokedAt: Date,
    lastUsedAt: Date,
  },
  { ...options, collection: 'apiKeys' },
);

const apiSession = new Schema<ApiSessionDoc>(
  {
    _id: { type: String, required: true },
    keyId: { type: String, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  { ...options, collection: 'apiSessions' },
);
// Clean-up alone: an expired session is refused whether its document is still there or not.
apiSession.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
apiSession.index({ keyId: 1 });

const apiRequest = new Schema<ApiRequestDoc>(
  {
    _id: { type: String, required: true },
    request: { type: String, required: true },
    seed: { type: String, required: true },
    lockedUntil: Date,
    answer: Mixed,
    expiresAt: { type: Date, required: true },
  },
  { ...options, collection: 'apiRequests' },
);
apiRequest.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

const deadLetterAct = new Schema<DeadLetterActDoc>(
  {
    _id: { type: String, required: true },
    act: { type: String, enum: ['redriven', 'discarded'], required: true },
    done: { type: Boolean, required: true },
    at: { type: Date, required: true },
    actor: { type: String, required: true },
    reason: String,
    failedAt: { type: Date, required: true },
    errorClass: { type: String, required: true },
    attempt: Number,
  },
  { ...options, collection: 'deadLetterActs' },
);

const replay = new Schema<ReplayDoc>(
  {
    _id: { type: String, required: true },
    startedAt: { type: Date, required: true },
    finishedAt: Date,
    actor: { type: String, required: true },
    reason: String,
    what: { type: Mixed, required: true },
    ranges: { type: [Mixed] as never, required: true },
    counts: { type: Mixed, required: true },
  },
  { ...options, collection: 'replays' },
);
replay.index({ startedAt: -1 });

export interface Models {
  orders: Model<OrderDoc>;
  orderFacts: Model<OrderFactDoc>;
  stock: Model<StockDoc>;
  prunedUnits: Model<PrunedUnitsDoc>;
  horizons: Model<HorizonDoc>;
  repairs: Model<RepairDoc>;
  reconciliation: Model<ReconciliationDoc>;
  stockChanges: Model<StockChangeDoc>;
  merchantChanges: Model<MerchantChangeDoc>;
  stores: Model<StoreDoc>;
  products: Model<ProductDoc>;
  outbox: Model<OutboxDoc>;
  lanes: Model<LaneDoc>;
  workers: Model<WorkerDoc>;
  leases: Model<LeaseDoc>;
  switches: Model<SwitchDoc>;
  apiKeys: Model<ApiKeyDoc>;
  apiSessions: Model<ApiSessionDoc>;
  apiRequests: Model<ApiRequestDoc>;
  deadLetterActs: Model<DeadLetterActDoc>;
  replays: Model<ReplayDoc>;
}

export function modelsOf(connection: Connection): Models {
  return {
    orders: connection.model<OrderDoc>('Order', order),
    orderFacts: connection.model<OrderFactDoc>('OrderFact', orderFact),
    stock: connection.model<StockDoc>('Stock', stock),
    prunedUnits: connection.model<PrunedUnitsDoc>('PrunedUnits', prunedUnits),
    horizons: connection.model<HorizonDoc>('Horizon', horizon),
    repairs: connection.model<RepairDoc>('Repair', repair),
    reconciliation: connection.model<ReconciliationDoc>('Reconciliation', reconciliation),
    stockChanges: connection.model<StockChangeDoc>('StockChange', stockChange),
    merchantChanges: connection.model<MerchantChangeDoc>('MerchantChange', merchantChange),
    stores: connection.model<StoreDoc>('Store', store),
    products: connection.model<ProductDoc>('Product', product),
    outbox: connection.model<OutboxDoc>('Outbox', outbox),
    lanes: connection.model<LaneDoc>('Lane', lane),
    workers: connection.model<WorkerDoc>('Worker', worker),
    leases: connection.model<LeaseDoc>('Lease', lease),
    switches: connection.model<SwitchDoc>('Switch', toggle),
    apiKeys: connection.model<ApiKeyDoc>('ApiKey', apiKey),
    apiSessions: connection.model<ApiSessionDoc>('ApiSession', apiSession),
    apiRequests: connection.model<ApiRequestDoc>('ApiRequest', apiRequest),
    deadLetterActs: connection.model<DeadLetterActDoc>('DeadLetterAct', deadLetterAct),
    replays: connection.model<ReplayDoc>('Replay', replay),
  };
}
