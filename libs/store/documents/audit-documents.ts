/** The persistence shapes of the audit, its repairs and its reconciliation, and of orders that were removed. */

import type { OrderDoc } from './documents.js';

/** What orders that were removed had of a key: it stays counted when they are gone. */
export interface PrunedUnitsDoc {
  /** the stock key */
  _id: string;
  sold: number;
}

/** The reconciliation in the background: where it is, and what it found. */
export interface ReconciliationDoc {
  /** `audit` */
  _id: string;
  /** the pass under way, and the store that it looked at last */
  pass?: ReconciledDoc & { storeId?: string };
  /** the last whole pass */
  last?: ReconciledDoc & { finishedAt: Date };
}

export interface ReconciledDoc {
  startedAt: Date;
  stores: number;
  orders: number;
  stockKeys: number;
  /** found, all counted */
  differences: number;
  /** of each kind (`DifferenceKind`) */
  counts: Record<string, number>;
  /** the first of them */
  listed: { kind: string; subject: string; message: string }[];
  /** stores too large to be read while the server keeps one moment */
  skipped: string[];
}

/** Orders of before may have been removed; a record of before that knows no order is too old. */
export interface HorizonDoc {
  /** `orders` */
  _id: string;
  before: Date;
  at: Date;
  actor: string;
  reason?: string;
}

/** What `ops audit --repair` changed of an order, whole: before and after. Stock keeps its own in `stockChanges`. */
export interface RepairDoc {
  /** `store/order/changeId` */
  _id: string;
  changeId: string;
  at: Date;
  actor: string;
  reason: string;
  before: OrderDoc;
  after: OrderDoc;
}
