/** Lists of a store's orders: those that are complete, newest first, and those that wait for payment, soonest due first. */

import type { mongo } from 'mongoose';
import type { OrderLine, OrderState } from '@holdfast/core';
import { viewed } from '../documents/damage.js';
import type { Database } from '../database/database.js';
import type { OrderDoc } from '../documents/documents.js';
import { ordersOf } from '../documents/key-ranges.js';
import { decodeCursor, encodeCursor, pageOf, type Page } from '../input/page-cursor.js';

export interface GoodsLine {
  productId: string;
  variantId: string | null;
  fulfillmentDate: string | null;
  quantity: number;
}

export interface OrderSummary {
  orderId: string;
  customerId: string | null;
  state: OrderState;
  version: number;
  /** as the shop said, ISO 8601 */
  placedAt: string | null;
  /** while held: when the hold falls due, ISO 8601 */
  expiresAt: string | null;
  lines: GoodsLine[];
}

/** What an order can have come to; holds are listed apart. */
export const COMPLETED_STATES = ['paid', 'refunded', 'rejected', 'expired', 'refused'] as const;
export type CompletedState = (typeof COMPLETED_STATES)[number];

export interface PageRequest {
  /** at least 1 */
  limit: number;
  cursor?: string;
}

const NEWEST_FIRST = { 'placed.occurredAt': -1, _id: -1 } as const;
const SOONEST_FIRST = { due: 1, _id: 1 } as const;

/** @throws InputFault when the cursor is none of this list */
export async function completedOrders(
  database: Database,
  storeId: string,
  { limit, cursor, states = COMPLETED_STATES }: PageRequest & { states?: readonly CompletedState[] },
): Promise<Page<OrderSummary>> {
  const filter = { ...ordersOf(storeId), storeId, state: { $in: [...states] } };
  const docs = await newestFirst(database, filter, { list: 'orders', limit, ...(cursor && { cursor }) });
  return summaries(docs, limit, (doc) => newestCursor('orders', doc));
}

/** @throws InputFault when the cursor is none of this list */
export async function holds(
  database: Database,
  storeId: string,
  request: PageRequest,
): Promise<Page<OrderSummary>> {
  const filter = { ...ordersOf(storeId), storeId };
  const docs = await soonestFirst(database, filter, { list: 'holds', ...request });
  return summaries(docs, request.limit, (doc) => soonestCursor('holds', doc));
}

export interface ListRead extends PageRequest {
  /** names the list in its cursors */
  list: string;
  session?: mongo.ClientSession;
}

/** One more than `limit`, so that the page knows whether it is the last. */
export async function newestFirst(
  database: Database,
  filter: mongo.Filter<OrderDoc>,
  { list, limit, cursor, session }: ListRead,
): Promise<OrderDoc[]> {
  const all = [filter];
  if (cursor !== undefined) {
    const [at, id] = decodeCursor(list, ['number', 'string'], cursor) as [number, string];
    const time = new Date(at);
    all.push({
      $or: [{ 'placed.occurredAt': { $lt: time } }, { 'placed.occurredAt': time, _id: { $lt: id } }],
    });
  }
  return database.orders
    .find({ $and: all }, { sort: NEWEST_FIRST, limit: limit + 1, ...(session && { session }) })
    .toArray();
}

export function newestCursor(list: string, { _id, placed }: OrderDoc): string {
  return encodeCursor(list, [placed?.occurredAt.getTime() ?? 0, _id]);
}

/** Holds alone; one more than `limit`. */
export async function soonestFirst(
  database: Database,
  filter: mongo.Filter<OrderDoc>,
  { list, limit, cursor, session }: ListRead,
): Promise<OrderDoc[]> {
  const all: mongo.Filter<OrderDoc>[] = [filter, { due: { $exists: true } }];
  if (cursor !== undefined) {
    const [at, id] = decodeCursor(list, ['number', 'string'], cursor) as [number, string];
    const time = new Date(at);
    all.push({ due: { $gte: time } }, { $or: [{ due: { $gt: time } }, { due: time, _id: { $gt: id } }] });
  }
  return database.orders
    .find({ $and: all }, { sort: SOONEST_FIRST, limit: limit + 1, ...(session && { session }) })
    .toArray();
}

export function soonestCursor(list: string, { _id, due }: OrderDoc): string {
  return encodeCursor(list, [due?.getTime() ?? 0, _id]);
}

function summaries(
  docs: readonly OrderDoc[],
  limit: number,
  cursorOf: (last: OrderDoc) => string,
): Page<OrderSummary> {
  return pageOf(docs, limit, summaryOf, cursorOf);
}

/** @throws DamagedFault */
export function summaryOf({ _id, state, version, placed, due }: OrderDoc): OrderSummary {
  return viewed(_id, () => ({
    orderId: _id.slice(_id.indexOf('/') + 1),
    customerId: placed?.customerId ?? null,
    state,
    version,
    placedAt: placed?.occurredAt.toISOString() ?? null,
    expiresAt: due?.toISOString() ?? null,
    lines: (placed?.lines ?? []).map(goodsOf),
  }));
}

/** A line as the shop knows it: without the key that it is counted by. */
export function goodsOf(line: Omit<OrderLine, 'stockKey'>): GoodsLine {
  const { productId, variantId = null, fulfillmentDate = null, quantity } = line;
  return { productId, variantId, fulfillmentDate, quantity };
}
