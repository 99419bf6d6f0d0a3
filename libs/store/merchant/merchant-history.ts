/** The merchant's changes as their history shows them: newest first, each with who, when, why and what. */

import type { mongo } from 'mongoose';
import { parseStockKey, type Stock } from '@holdfast/core';
import type { Database } from '../database/database.js';
import type { MerchantChangeDoc, StockChangeDoc } from '../documents/documents.js';
import { changesNothing, type RowChange } from './merchant-changes-rows.js';
import { decodeCursor, encodeCursor, pageOf, type Page } from '../input/page-cursor.js';
import { endOfPrefix } from '../documents/key-ranges.js';

/** Keys that a change shows in a list. */
export const LISTED_CELLS = 20;

export interface ChangedCell {
  stockKey: string;
  productId: string;
  variantId: string | null;
  /** `YYYY-MM-DD` in the store's time zone */
  date: string | null;
  before: Stock;
  after: Stock;
}

export interface MerchantChangeView {
  changeId: string;
  at: string;
  actor: string;
  reason: string | null;
  source: 'ops' | 'api';
  /** keys that it changed; those that it left as they were are not among them */
  keys: number;
  /** the change that took this one back */
  undone: string | null;
  /** the change that this one took back */
  undoes: string | null;
  cells: ChangedCell[];
}

interface Noted {
  storeId: string;
  changeId: string;
  actor: string;
  reason?: string;
  source?: 'ops' | 'api';
  at?: number;
  undoes?: string;
}

/** Adds a slice to the history, in the slice's own transaction. */
export async function noteChange(
  database: Database,
  change: Noted,
  writes: readonly RowChange[],
  session: mongo.ClientSession,
): Promise<void> {
  const { storeId, changeId, actor, reason, source = 'ops', at = Date.now(), undoes } = change;
  const changing = writes.filter((write) => !changesNothing(write));
  const cells = changing
    .slice(0, LISTED_CELLS)
    .map(({ stockKey, before, after }) => ({ stockKey, before, after }));
  const made = {
    storeId,
    changeId,
    at: new Date(at),
    actor,
    source,
    ...(reason !== undefined && { reason }),
    ...(undoes !== undefined && { undoes }),
  };
  await database.merchantChanges.updateOne(
    { _id: storeId + '/' + changeId },
    {
      $setOnInsert: made,
      $inc: { keys: changing.length },
      $push: { cells: { $each: cells, $slice: LISTED_CELLS } },
    },
    { session, upsert: true },
  );
  if (undoes === undefined) return;
  const undone = { $set: { undone: changeId } };
  await database.merchantChanges.updateOne({ _id: storeId + '/' + undoes }, undone, { session });
}

const LIST = 'changes';

/** Newest first, those that changed something; each with the first of its keys. @throws InputFault when the cursor is none of this list */
export async function changeHistory(
  database: Database,
  storeId: string,
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<Page<MerchantChangeView>> {
  const filter: mongo.Filter<MerchantChangeDoc> = { storeId, keys: { $gt: 0 } };
  if (cursor !== undefined) {
    const [at, id] = decodeCursor(LIST, ['number', 'string'], cursor) as [number, string];
    const then = new Date(at);
    filter.$or = [{ at: { $lt: then } }, { at: then, _id: { $lt: id } }];
  }
  const docs = await database.merchantChanges
    .find(filter, { sort: { at: -1, _id: -1 }, limit: limit + 1 })
    .toArray();
  return pageOf(
    docs,
    limit,
    (doc) => viewOf(doc, doc.cells),
    ({ at, _id }) => encodeCursor(LIST, [at.getTime(), _id]),
  );
}

/** One change with all its keys, in their order; undefined when the store has none of that id. */
export async function changeOfId(
  database: Database,
  storeId: string,
  changeId: string,
): Promise<MerchantChangeView | undefined> {
  const doc = await database.merchantChanges.findOne({ _id: storeId + '/' + changeId });
  return doc ? viewOf(doc, await keysOfChange(database, storeId, changeId)) : undefined;
}

/** What a change did to each key, in the order of the keys. */
export function keysOfChange(
  database: Database,
  storeId: string,
  changeId: string,
  session?: mongo.ClientSession,
): Promise<StockChangeDoc[]> {
  const prefix = `${storeId}/${changeId}/`;
  return database.stockChanges
    .find(
      { _id: { $gt: prefix, $lt: endOfPrefix(prefix) } },
      { sort: { _id: 1 }, batchSize: 5_000, ...(session && { session }) },
    )
    .toArray();
}

function viewOf(doc: MerchantChangeDoc, cells: MerchantChangeDoc['cells']): MerchantChangeView {
  const { changeId, at, actor, reason, source, keys, undone, undoes } = doc;
  return {
    changeId,
    at: at.toISOString(),
    actor,
    reason: reason ?? null,
    source,
    keys,
    undone: undone ?? null,
    undoes: undoes ?? null,
    cells: cells.map(({ stockKey, before, after }) => {
      const { productId, variantId = null, fulfillmentDate: date = null } = parseStockKey(stockKey);
      return { stockKey, productId, variantId, date, before, after };
    }),
  };
}
