/** Refunded units that the merchant may put back: refunded, not put back, and not settled since. */

import { DateTime } from 'luxon';
import type { mongo } from 'mongoose';
import {
  BLANK,
  DEFAULT_STORE,
  restockable,
  sameGoods,
  unitsOf,
  type Order,
  type Stock,
} from '@holdfast/core';
import { viewed } from '../documents/damage.js';
import type { Database } from '../database/database.js';
import type { OrderDoc, OrderFactDoc } from '../documents/documents.js';
import { ordersOf } from '../documents/key-ranges.js';
import { factIds, orderFrom } from '../documents/order-documents.js';
import type { PageRequest } from './order-list.js';
import { decodeCursor, encodeCursor, pageOf, type Page } from '../input/page-cursor.js';
import { inSnapshot } from '../database/snapshot.js';

export interface RefundLine {
  productId: string;
  variantId: string | null;
  fulfillmentDate: string | null;
  /** refunded and not put back */
  units: number;
  /** the day is over in the store's time zone: nobody can order it any more */
  pastDate: boolean;
  /** of the units: those that can be put back, since the merchant has not settled them */
  restockable: number;
}

export interface WaitingRefund {
  orderId: string;
  customerId: string | null;
  /** as the shop said, ISO 8601 */
  placedAt: string;
  lines: RefundLine[];
}

const LIST = 'refunds';
/** Orders whose facts are read at a time. */
const CHUNK = 200;

/** The date that it is now somewhere. @param at epoch ms */
export function dayIn(timeZone: string, at: number): string {
  return DateTime.fromMillis(at, { zone: timeZone }).toISODate() ?? '';
}

/**
 * In the order of the orders' ids.
 * @param now epoch ms: decides which dates are past
 * @throws InputFault when the cursor is none of this list
 */
export async function refundsWaiting(
  database: Database,
  storeId: string,
  { limit, cursor }: PageRequest,
  now: number,
): Promise<Page<WaitingRefund>> {
  const after = cursor === undefined ? undefined : (decodeCursor(LIST, ['string'], cursor)[0] as string);
  return inSnapshot(database, async (session) => {
    const store = await database.stores.findOne({ _id: storeId }, { session });
    const today = dayIn(store?.timeZone ?? DEFAULT_STORE.timeZone, now);
    const found: WaitingRefund[] = [];
    let from = after;
    while (found.length <= limit) {
      const docs = await nextDocs(database, storeId, from, session);
      const reads = await readsOf(database, docs, session);
      for (const doc of docs) {
        const waiting = viewed(doc._id, () => waitingOf(doc, reads, today));
        if (waiting) found.push(waiting);
      }
      from = docs.at(-1)?._id;
      if (docs.length < CHUNK) break;
    }
    return pageOf(
      found,
      limit,
      (refund) => refund,
      ({ orderId }) => encodeCursor(LIST, [`${storeId}/${orderId}`]),
    );
  });
}

function nextDocs(
  database: Database,
  storeId: string,
  after: string | undefined,
  session: mongo.ClientSession,
): Promise<OrderDoc[]> {
  const filter: mongo.Filter<OrderDoc> = {
    ...ordersOf(storeId),
    storeId,
    claims: { $elemMatch: { refunded: { $gt: 0 } } },
  };
  const rest: mongo.Filter<OrderDoc> =
    after === undefined ? filter : { $and: [filter, { _id: { $gt: after } }] };
  return database.orders.find(rest, { session, sort: { _id: 1 }, limit: CHUNK }).toArray();
}

interface Reads {
  facts: Map<string, OrderFactDoc>;
  stock: Map<string, Stock>;
}

async function readsOf(
  database: Database,
  docs: readonly OrderDoc[],
  session: mongo.ClientSession,
): Promise<Reads> {
  const keys = docs.flatMap(({ claims = [] }) => claims.map(({ stockKey }) => stockKey));
  const facts = await database.orderFacts
    .find({ _id: { $in: docs.flatMap(factIds) } }, { session })
    .toArray();
  const stock = await database.stock.find({ _id: { $in: [...new Set(keys)] } }, { session }).toArray();
  return {
    facts: new Map(facts.map((fact) => [fact._id, fact])),
    stock: new Map(stock.map(({ _id, ...balances }) => [_id, balances])),
  };
}

/** @returns undefined when nothing of the order can be put back */
function waitingOf(doc: OrderDoc, { facts, stock }: Reads, today: string): WaitingRefund | undefined {
  const order = orderFrom(
    doc,
    factIds(doc).flatMap((id) => facts.get(id) ?? []),
  );
  const lines = linesOf(order, stock, today);
  if (lines.length === 0) return undefined;
  return {
    orderId: order.orderId,
    customerId: order.placed?.customerId ?? null,
    placedAt: new Date(order.placed?.occurredAt ?? 0).toISOString(),
    lines,
  };
}

function linesOf(order: Order, stock: ReadonlyMap<string, Stock>, today: string): RefundLine[] {
  const units = unitsOf(order);
  return restockable(order, { stock: (key) => stock.get(key) ?? BLANK }).map(({ quantity, ...goods }) => {
    const own = units.find((other) => sameGoods(other, goods));
    const { productId, variantId = null, fulfillmentDate = null } = goods;
    return {
      productId,
      variantId,
      fulfillmentDate,
      units: own ? own.refunded - own.putBack : quantity,
      pastDate: fulfillmentDate !== null && fulfillmentDate < today,
      restockable: quantity,
    };
  });
}
