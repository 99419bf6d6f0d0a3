/**
 * The orders behind a number of the calendar: those whose units, summed, are what a key has held, sold or refunded.
 */

import type { mongo } from 'mongoose';
import { unitsPerKey } from '@holdfast/core';
import { viewed } from '../documents/damage.js';
import type { Database } from '../database/database.js';
import type { OrderDoc } from '../documents/documents.js';
import { ordersOf } from '../documents/key-ranges.js';
import {
  newestCursor,
  newestFirst,
  soonestCursor,
  soonestFirst,
  summaryOf,
  type OrderSummary,
  type PageRequest,
} from './order-list.js';
import { pageOf, type Page } from '../input/page-cursor.js';
import { inSnapshot } from '../database/snapshot.js';

export const BALANCE_KINDS = ['held', 'sold', 'refunded'] as const;
export type BalanceKind = (typeof BALANCE_KINDS)[number];

export interface OrderBehind extends OrderSummary {
  /** what the order has of the number */
  units: number;
}

/**
 * Holds soonest due first, others newest first.
 * @throws InputFault when the cursor is none of this list
 */
export async function ordersBehind(
  database: Database,
  stockKey: string,
  kind: BalanceKind,
  request: PageRequest,
): Promise<Page<OrderBehind>> {
  const storeId = stockKey.slice(0, stockKey.indexOf('/'));
  const ofKey = { ...ordersOf(storeId), storeId, 'placed.lines.stockKey': stockKey };
  return inSnapshot(database, async (session) => {
    const list = `behind-${kind}`;
    const read = { ...request, list, session };
    if (kind === 'held') {
      const docs = await soonestFirst(database, ofKey, read);
      return pageOf(
        docs,
        request.limit,
        (doc) => behind(doc, stockKey, kind),
        (doc) => soonestCursor(list, doc),
      );
    }
    const filter =
      kind === 'sold'
        ? { ...ofKey, ...soldFilter(stockKey) }
        : { ...ofKey, ...(await refundedFilter(database, stockKey, session)) };
    const docs = await newestFirst(database, filter, read);
    return pageOf(
      docs,
      request.limit,
      (doc) => behind(doc, stockKey, kind),
      (doc) => newestCursor(list, doc),
    );
  });
}

/** An order without a claim of its own has all of its lines sold. */
function soldFilter(stockKey: string): mongo.Filter<OrderDoc> {
  const claimed = { claims: { $elemMatch: { stockKey, sold: { $gt: 0 } } } };
  return { state: 'paid', $or: [{ claims: { $exists: false } }, claimed] };
}

/** What the merchant has settled since stands in the claim and no longer in the number. */
async function refundedFilter(
  database: Database,
  stockKey: string,
  session: mongo.ClientSession,
): Promise<mongo.Filter<OrderDoc>> {
  const stock = await database.stock.findOne({ _id: stockKey }, { session, projection: { settlement: 1 } });
  const settlement = stock?.settlement ?? 0;
  return { claims: { $elemMatch: { stockKey, refunded: { $gt: 0 }, settlement } } };
}

function behind(doc: OrderDoc, stockKey: string, kind: BalanceKind): OrderBehind {
  return viewed(doc._id, () => {
    const claim = doc.claims?.find((own) => own.stockKey === stockKey);
    const ordered = (): number =>
      unitsPerKey(doc.placed?.lines ?? []).find((sum) => sum.stockKey === stockKey)?.quantity ?? 0;
    return { ...summaryOf(doc), units: claim ? claim[kind] : ordered() };
  });
}
