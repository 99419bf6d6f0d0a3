/** Stock keys as the merchant's calendar shows them: the balances, all of it together, and what is released next. */

import type { mongo } from 'mongoose';
import { parseStockKey } from '@holdfast/core';
import { DamagedFault, stockDamage } from '../documents/damage.js';
import type { Database } from '../database/database.js';
import type { StockDoc } from '../documents/documents.js';
import { InputFault } from '../input/input-fault.js';
import { keysOf, ordersOf, type KeyFilter } from '../documents/key-ranges.js';
import { decodeCursor, encodeCursor, pageOf, type Page } from '../input/page-cursor.js';
import { inSnapshot } from '../database/snapshot.js';

export interface StockCell {
  productId: string;
  variantId: string | null;
  /** `YYYY-MM-DD` in the store's time zone */
  date: string | null;
  stockKey: string;
  /** units that can still be ordered; null = unlimited */
  free: number | null;
  held: number;
  sold: number;
  refunded: number;
  /** free, held, sold and refunded; null = unlimited */
  total: number | null;
  /** the merchant's changes so far; `expected` of the next one */
  version: number;
  /** when the soonest hold that has units of it falls due, ISO 8601 */
  nextReleaseAt: string | null;
}

/** Most cells of one answer. */
export const MAX_CELLS = 50_000;

const LIST = 'stock';

/** The keys of a store that have a number or were ordered, in the order of their keys. @throws InputFault */
export async function stockCells(
  database: Database,
  storeId: string,
  filter: KeyFilter & { limit: number; cursor?: string },
): Promise<Page<StockCell>> {
  const { limit, cursor } = filter;
  const after = cursor === undefined ? undefined : (decodeCursor(LIST, ['string'], cursor)[0] as string);
  return inSnapshot(database, async (session) => {
    const docs = await database.stock
      .find(keysOf(storeId, filter, after), { session, sort: { _id: 1 }, limit: limit + 1 })
      .toArray();
    const releases = await nextReleases(database, storeId, docs.slice(0, limit), session);
    return pageOf(
      docs,
      limit,
      (doc) => cellOf(doc, releases),
      ({ _id }) => encodeCursor(LIST, [_id]),
    );
  });
}

/**
 * The dated keys between two days, both included, that exist: of all products or of some.
 * @throws InputFault when there are more than one answer can hold
 */
export async function calendarCells(
  database: Database,
  storeId: string,
  range: { from: string; to: string; productIds?: readonly string[] },
  session: mongo.ClientSession,
): Promise<StockCell[]> {
  const { from, to, productIds } = range;
  const filter = keysOf(storeId, { between: { from, to }, ...(productIds && { productIds }) });
  const docs: StockDoc[] = [];
  const found = database.stock.find(filter, { session, sort: { _id: 1 }, batchSize: 10_000 });
  for await (const doc of found) {
    const date = doc._id.slice(-10);
    if (date < from || date > to) continue;
    docs.push(doc);
    if (docs.length <= MAX_CELLS) continue;
    await found.close();
    const problem = `there are more than ${MAX_CELLS} numbers between these days`;
    throw new InputFault([{ field: 'to', problem, remedy: 'ask for fewer days, or for some products' }]);
  }
  const releases = await nextReleases(database, storeId, docs, session);
  return docs.map((doc) => cellOf(doc, releases));
}

/** @throws DamagedFault: left out, the key would be taken for blank, so unlimited */
function cellOf(doc: StockDoc, releases: ReadonlyMap<string, Date>): StockCell {
  const damage = stockDamage(doc);
  if (damage !== undefined) throw new DamagedFault(doc._id, damage);
  const { free, held, sold, refunded, version } = doc;
  const { productId, variantId, fulfillmentDate } = parseStockKey(doc._id);
  return {
    productId,
    variantId: variantId ?? null,
    date: fulfillmentDate ?? null,
    stockKey: doc._id,
    free,
    held,
    sold,
    refunded,
    total: free === null ? null : free + held + sold + refunded,
    version,
    nextReleaseAt: releases.get(doc._id)?.toISOString() ?? null,
  };
}

/** When the soonest hold of each key falls due. Reads the store's holds, and only when a key has some. */
async function nextReleases(
  database: Database,
  storeId: string,
  docs: readonly StockDoc[],
  session: mongo.ClientSession,
): Promise<Map<string, Date>> {
  const keys = docs.flatMap(({ _id, held }) => (held > 0 ? [_id] : []));
  if (keys.length === 0) return new Map();
  const found = database.orders.aggregate<{ _id: string; due: Date }>(
    [
      { $match: { ...ordersOf(storeId), storeId, due: { $exists: true } } },
      { $project: { due: 1, key: '$placed.lines.stockKey' } },
      { $unwind: '$key' },
      { $match: { key: { $in: keys } } },
      { $group: { _id: '$key', due: { $min: '$due' } } },
    ],
    { session },
  );
  return new Map((await found.toArray()).map(({ _id, due }) => [_id, due]));
}
