/** The persistence shapes: what each collection holds. Mongoose schemas and indexes are in schemas.ts. */

import type { mongo } from 'mongoose';
import type { Inventory, KeyClaim, Line, NumberChange, OrderLine, OrderState, Refusal } from '@holdfast/core';

/** Where a fact came from; our own have only topic (`timer`, `api`, `ops`), event id, and who and why. */
export interface CauseDoc {
  topic: string;
  eventId: string;
  partition?: number;
  offset?: number;
  /** W3C traceparent that came with it, where somebody traced */
  trace?: string;
  /** of what people do */
  actor?: string;
  reason?: string;
}

/**
 * The head of an order: immutable placement and a few fields that a transition changes, the same for many
 * orders of a batch, so that one statement moves them all. Facts other than the placement are in `orderFacts`.
 */
export interface OrderDoc {
  /** `store/order` */
  _id: string;
  storeId: string;
  state: OrderState;
  /** transitions so far */
  version: number;
  /** facts so far, the placement included; the n-th fact has `_id` `store/order/n` */
  entries: number;
  /** sequence of the outbox document that holds the last outcome; later ones get higher ones */
  seq: number;
  /** only while held: what the timer looks for */
  due?: Date;
  placed?: PlacedDoc;
  refused?: Refusal;
  claims?: KeyClaim[];
}

export interface PlacedDoc {
  /** which of the order's facts this is */
  entry: number;
  /** number of the transition that it made */
  version?: number;
  outcomes?: string[];
  askedBack?: string[];
  at: Date;
  occurredAt: Date;
  /** when the hold falls due; frozen when placed, moved only by an `extended` fact */
  dueAt: Date;
  customerId?: string;
  cause: CauseDoc;
  lines: OrderLine[];
}

export type FactType = 'paid' | 'rejected' | 'refunded' | 'restocked' | 'expired' | 'extended';

export interface OrderFactDoc {
  /** `store/order/n` */
  _id: string;
  fact: FactType;
  /** when it was decided */
  at: Date;
  cause: CauseDoc;
  version?: number;
  outcomes?: string[];
  askedBack?: string[];
  paymentId?: string;
  reinstated?: true;
  refundId?: string;
  restockId?: string;
  reason?: string;
  restock?: boolean;
  lines?: Line[];
  dueAt?: Date;
}

export interface StockDoc {
  /** the stock key */
  _id: string;
  free: number | null;
  held: number;
  sold: number;
  refunded: number;
  settlement: number;
  /** the merchant's changes so far */
  version: number;
  /** only inside the transaction of a merchant's change, which takes its keys so; never committed */
  takenBy?: string;
}

/** One change of one key by the merchant: what the audit starts `free` from. */
export interface StockChangeDoc {
  /** `store/changeId/product/variant/date`: applying a change again finds itself */
  _id: string;
  changeId: string;
  stockKey: string;
  /** the key's version after the change */
  version: number;
  /** `restore`: takes a `set` back; `correct`: `ops audit --repair` put right what did not add up */
  type: NumberChange['type'] | 'correct';
  quantity: number | null;
  /** of a `restore`: settled units that wait again */
  unsettled?: number;
  before: Omit<StockDoc, '_id'>;
  after: Omit<StockDoc, '_id'>;
  actor: string;
  reason?: string;
  at: Date;
}

/** A change by the merchant as a whole, for its history: what is the same of all its keys. */
export interface MerchantChangeDoc {
  /** `store/changeId` */
  _id: string;
  storeId: string;
  changeId: string;
  at: Date;
  actor: string;
  reason?: string;
  source: 'ops' | 'api';
  /** keys changed, those that stayed as they were not counted */
  keys: number;
  /** the change that this one takes back */
  undoes?: string;
  /** the change that took this one back */
  undone?: string;
  /** the first of its keys; all are in `stockChanges` */
  cells: Pick<StockChangeDoc, 'stockKey' | 'before' | 'after'>[];
}

export interface StoreDoc {
  _id: string;
  timeZone: string;
  fulfillmentDates: boolean;
  holdMs: number;
  /** rises with every change of the store's or its products' settings; see settings-cache.ts */
  settingsVersion: number;
  /** rises with every slice of a merchant's change: two of them, or one and new settings, never pass unseen */
  changes?: number;
  /** the storefront may tell how many are left */
  showCounts?: boolean;
}

export interface ProductDoc {
  /** `store/product` */
  _id: string;
  storeId: string;
  productId: string;
  inventory: Inventory;
  variants?: string[];
  /** for people; nothing is decided by it */
  title?: string;
  /** of those variants that have one */
  variantTitles?: { variantId: string; title: string }[];
}

/** What goes into one outbox document. */
export interface PackedMessages {
  topics: string[];
  count: number;
  /** absent: the messages are as they are; `lz4`: a block behind its length, u32, little endian */
  encoding?: 'lz4';
  messages: mongo.Binary;
}

/** What waits to be published: JSON messages of ours, packed, and dead letters byte for byte. */
export interface OutboxDoc extends PackedMessages {
  /** 16 digits of sequence, then what makes it unique: sorts by sequence */
  _id: string;
  at: Date;
  /** W3C traceparent of the transaction, where somebody traces */
  trace?: string;
  letters?: OutboxLetter[];
}

export interface OutboxLetter {
  topic: string;
  key: mongo.Binary | null;
  value: mongo.Binary | null;
  headers: [string, mongo.Binary][];
  /** when too large for a document: id of the GridFS file that has the value */
  file?: string;
}

/** Which worker owns a lane, and how far it has applied each topic of it. */
export interface LaneDoc {
  /** the partition number, as text */
  _id: string;
  owner: string;
  positions: Record<string, PositionDoc>;
}

export interface PositionDoc {
  /** the next offset to apply */
  next: number;
  /** broker timestamp of the last record applied */
  at: Date;
  /** the lane's owner who came so far; absent after a rebuild */
  by?: string;
}

/** A running worker process; its sessions are ended by whoever finds it dead. */
export interface WorkerDoc {
  _id: string;
  /** which process of this name it is */
  incarnation: string;
  sessions: mongo.Binary[];
  /** the user they are of, as the server names it in a session's id; none where there are no users */
  uid?: mongo.Binary;
  roles: string[];
  until: Date;
}

/** The right to be the one that does something. */
export interface LeaseDoc {
  _id: string;
  /** the worker's name */
  owner: string;
  /** which process of that name */
  incarnation: string;
  until: Date;
}

/** Switches of the operators. */
export interface SwitchDoc {
  _id: string;
  on: boolean;
  at: Date;
  actor: string;
  reason?: string;
}

export const API_SCOPES = ['merchant', 'read-only', 'storefront', 'operator'] as const;
/** What a key may do: all of its store, look at it, what checkout asks, or everything of every store. */
export type ApiScope = (typeof API_SCOPES)[number];

/** A key of the API. The secret itself is known only to whom it was given. */
export interface ApiKeyDoc {
  /** shown in lists and logs; names the key */
  _id: string;
  /** SHA-256 of the secret, hex */
  hash: string;
  scope: ApiScope;
  /** null: of every store, for operators alone */
  storeId: string | null;
  name: string;
  createdAt: Date;
  revokedAt?: Date;
  /** to the hour */
  lastUsedAt?: Date;
}

/** Somebody signed in with a key, in a browser. */
export interface ApiSessionDoc {
  /** SHA-256 of the token, hex */
  _id: string;
  keyId: string;
  createdAt: Date;
  expiresAt: Date;
}

/** A write that named an `Idempotency-Key`: what it was, and what was answered. */
export interface ApiRequestDoc {
  /** `access key/Idempotency-Key`, hashed */
  _id: string;
  /** SHA-256 of method, path and body, hex */
  request: string;
  /** ids that the request makes up come from here, so that its repetition makes up the same ones */
  seed: string;
  /** while it is under way: until when the process that does it is believed to */
  lockedUntil?: Date;
  answer?: { status: number; type: string; body: mongo.Binary };
  /** forgotten from then on */
  expiresAt: Date;
}
