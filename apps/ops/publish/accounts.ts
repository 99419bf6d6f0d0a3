/** What became of every invoice, once the pipeline has decided on all that was sent. */

import { setTimeout as delay } from 'node:timers/promises';
import { stateOf, type Shortage } from '@holdfast/core';
import { factIds, orderFrom, type Database, type OrderDoc } from '@holdfast/store';
import type { PlannedEvent } from './timeline.js';

export type Fate =
  | 'sold'
  | 'partly-refunded'
  | 'refunded'
  | 'refused'
  | 'rejected'
  | 'held'
  | 'expired'
  /** not all that was sent has been applied within the time */
  | 'undecided';

export interface Refused {
  orderId: string;
  reason: string;
  shortages: Shortage[];
}

export interface Accounts {
  fates: Partial<Record<Fate, number>>;
  refused: Refused[];
  undecided: string[];
}

const CHUNK = 1_000;
const LOOK_EVERY_MS = 250;

/** How many facts each order has when everything sent is applied. */
export function factsExpected(events: readonly PlannedEvent[]): Map<string, number> {
  const expected = new Map<string, number>();
  for (const { orderId } of events) expected.set(orderId, (expected.get(orderId) ?? 0) + 1);
  return expected;
}

/**
 * @param patienceMs how long to wait without any order getting on
 * @param onProgress is told how many orders are decided
 */
export async function accountFor(
  database: Database,
  storeId: string,
  expected: ReadonlyMap<string, number>,
  patienceMs: number,
  onProgress: (decided: number) => void,
): Promise<Accounts> {
  const accounts: Accounts = { fates: {}, refused: [], undecided: [] };
  let open = [...expected.keys()];
  let movedAt = Date.now();
  for (;;) {
    const left: string[] = [];
    for (let from = 0; from < open.length; from += CHUNK) {
      left.push(...(await settle(database, storeId, open.slice(from, from + CHUNK), expected, accounts)));
    }
    if (left.length < open.length) movedAt = Date.now();
    open = left;
    onProgress(expected.size - open.length);
    if (open.length === 0 || Date.now() - movedAt >= patienceMs) break;
    await delay(LOOK_EVERY_MS);
  }
  if (open.length > 0) accounts.fates.undecided = open.length;
  accounts.undecided = open;
  return accounts;
}

/** @returns the orders that are not decided yet */
async function settle(
  database: Database,
  storeId: string,
  orderIds: string[],
  expected: ReadonlyMap<string, number>,
  accounts: Accounts,
): Promise<string[]> {
  const ids = orderIds.map((orderId) => `${storeId}/${orderId}`);
  const docs = await database.orders.find({ _id: { $in: ids } }).toArray();
  const decided = docs.filter((doc) => doc.placed && doc.entries >= (expected.get(orderIdIn(doc)) ?? 0));
  const facts = await database.orderFacts.find({ _id: { $in: decided.flatMap(factIds) } }).toArray();
  const byId = new Map(facts.map((fact) => [fact._id, fact]));
  for (const doc of decided) {
    const order = orderFrom(
      doc,
      factIds(doc).flatMap((id) => byId.get(id) ?? []),
    );
    const state = stateOf(order);
    const fate: Fate =
      state === 'paid'
        ? order.refunds.length > 0
          ? 'partly-refunded'
          : 'sold'
        : state === 'unseen'
          ? 'undecided'
          : state;
    accounts.fates[fate] = (accounts.fates[fate] ?? 0) + 1;
    if (state === 'refused' && doc.refused)
      accounts.refused.push({ orderId: orderIdIn(doc), ...doc.refused });
  }
  const done = new Set(decided.map(orderIdIn));
  return orderIds.filter((orderId) => !done.has(orderId));
}

function orderIdIn(doc: OrderDoc): string {
  return doc._id.slice(doc._id.indexOf('/') + 1);
}
