/** The persistence shapes: what each collection holds. Mongoose schemas and indexes are in schemas.ts. */

import type { mongo } from 'mongoose';
import type { Inventory, KeyClaim, Line, OrderLine, OrderState, Refusal } from '@holdfast/core';

/** Where a fact came from; our own have only topic (`timer`, `api`, `ops`) and event id. */
export interface CauseDoc {
  topic: string;
  eventId: string;
  partition?: number;
  offset?: number;
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
}

/** One change of one key by the merchant: what the audit starts `free` from. */
export interface StockChangeDoc {
  /** `store/changeId/product/variant/date`: applying a change again finds itself */
  _id: string;
  changeId: string;
  stockKey: string;
  /** the key's version after the change */
  version: number;
  type: 'set' | 'adjust';
  quantity: number | null;
  before: Omit<StockDoc, '_id'>;
  after: Omit<StockDoc, '_id'>;
  actor: string;
  reason?: string;
  at: Date;
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
}

export interface ProductDoc {
  /** `store/product` */
  _id: string;
  storeId: string;
  productId: string;
  inventory: Inventory;
  variants?: string[];
}

/** What waits to be published: JSON messages of ours, and dead letters byte for byte. */
export interface OutboxDoc {
  /** 16 digits of sequence, then what makes it unique: sorts by sequence */
  _id: string;
  at: Date;
  messages: OutboxMessage[];
  letters?: OutboxLetter[];
}

export interface OutboxMessage {
  topic: string;
  key: string;
  id: string;
  value: string;
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
}

/** A running worker process; its sessions are ended by whoever finds it dead. */
export interface WorkerDoc {
  _id: string;
  sessions: mongo.Binary[];
  roles: string[];
  until: Date;
}

/** The right to be the one that does something. */
export interface LeaseDoc {
  _id: string;
  owner: string;
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
