/** An order's head as its facts say it has to be. */

import type { mongo } from 'mongoose';
import { stateOf, targetsOf, type KeyClaim, type Order } from '@holdfast/core';
import type { Database } from '../database/database.js';
import type { OrderDoc, OrderFactDoc } from '../documents/documents.js';
import { factIds, headOf, orderFrom } from '../documents/order-documents.js';

export interface OrderRepair {
  orderKey: string;
  before: OrderDoc;
  after: OrderDoc;
}

/** Refunded units of a key that the stock counts and no claim explains. */
export type WaitingUnits = (claim: Pick<KeyClaim, 'stockKey'>) => { units: number; settlement: number };

/** @returns why not, when its facts do not say enough */
export async function repairedOrder(
  database: Database,
  orderKey: string,
  session: mongo.ClientSession,
  waiting: WaitingUnits,
): Promise<OrderRepair | string> {
  const before = await database.orders.findOne({ _id: orderKey }, { session });
  if (!before) return `${orderKey}: is gone by now`;
  const ids = factIds(before);
  const found = await database.orderFacts.find({ _id: { $in: ids } }, { session }).toArray();
  const byId = new Map(found.map((fact) => [fact._id, fact]));
  const facts = ids.flatMap((id) => byId.get(id) ?? []);
  if (facts.length < ids.length) return `${orderKey}: ${ids.length - facts.length} of its facts are missing`;
  const order = orderFrom(before, facts);
  const version = transitionsOf(before, facts);
  if (version === undefined) return `${orderKey}: its transitions are not numbered without gaps`;
  order.version = version;
  order.claims = claimsByFacts(order, waiting);
  return { orderKey, before, after: headOf(order, before.entries, before.seq, before.placed) };
}

/** How many there are; undefined when they are not numbered 1, 2, 3 … */
function transitionsOf({ placed }: OrderDoc, facts: readonly OrderFactDoc[]): number | undefined {
  const made = [placed?.version, ...facts.map((fact) => fact.version)].filter(
    (version) => version !== undefined,
  );
  const numbers = new Set(made);
  for (let version = 1; version <= made.length; version++) if (!numbers.has(version)) return undefined;
  return made.length;
}

/** Kept only by orders whose claim is more than a function of state and lines. */
function claimsByFacts(order: Order, waiting: WaitingUnits): KeyClaim[] | undefined {
  if (!order.claims && order.refunds.length === 0) return undefined;
  const stored = new Map((order.claims ?? []).map((claim) => [claim.stockKey, claim]));
  return targetsOf(order, stateOf(order)).map(({ stockKey, held, sold, out }) => {
    const claim = stored.get(stockKey);
    const { units, settlement } = waiting({ stockKey });
    let refunded = Math.min(claim?.refunded ?? 0, out);
    const settled = Math.min(claim?.settled ?? 0, out - refunded);
    const missing = out - refunded - settled;
    const isCurrent = refunded === 0 || claim?.settlement === settlement;
    // What the stock still counts waits to be put back; of the rest the merchant has said what became of it.
    const found = isCurrent ? Math.min(missing, units) : 0;
    refunded += found;
    return {
      stockKey,
      held,
      sold,
      refunded,
      settled: settled + missing - found,
      settlement: found > 0 || !claim ? settlement : claim.settlement,
    };
  });
}
