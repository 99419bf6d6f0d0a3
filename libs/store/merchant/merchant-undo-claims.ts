/**
 * Refunded units that a change settled, when it is taken back. They still stand in the claims of their orders, at
 * the settlement before the change. Those claims are moved up to the key's present settlement, so that they count
 * once more; the settlement itself never goes down, or what orders did since would be miscounted. Units of orders
 * that have moved on since stay settled.
 *
 * Which orders these are is looked up before the keys are taken, by a scan of the store's orders that nobody waits
 * for. From the change on no claim is made at the settlement before it, so there can only be fewer of them later.
 */

import type { mongo } from 'mongoose';
import type { Database } from '../database/database.js';
import type { StockChangeDoc } from '../documents/documents.js';
import { ordersOf } from '../documents/key-ranges.js';
import type { KeyedRow, RowChange } from './merchant-changes-rows.js';

/** Of one key. */
export interface Settled {
  /** all together */
  units: number;
  /** the orders that claim them */
  orderIds: string[];
  /** their claims' settlement */
  settlement: number;
}

/**
 * By stock key, the orders that claim what the store's change has settled.
 * @param session a snapshot's in which the change is seen
 */
export async function claimants(
  database: Database,
  storeId: string,
  made: readonly StockChangeDoc[],
  session: mongo.ClientSession,
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const settlements = settlementsOf(made);
  if (settlements.size === 0) return found;
  const claim = { stockKey: { $in: [...settlements.keys()] }, refunded: { $gt: 0 } };
  const orders = database.orders.find(
    { ...ordersOf(storeId), storeId, claims: { $elemMatch: claim } },
    { session, projection: { claims: 1 } },
  );
  for await (const { _id, claims = [] } of orders) {
    for (const { stockKey, refunded, settlement } of claims) {
      if (refunded === 0 || settlement !== settlements.get(stockKey)) continue;
      const ids = found.get(stockKey);
      if (ids) ids.push(_id);
      else found.set(stockKey, [_id]);
    }
  }
  return found;
}

/** What each key's change settled and still waits in claims; read in the transaction that writes them. */
export async function settledUnits(
  database: Database,
  slice: readonly KeyedRow[],
  session: mongo.ClientSession,
): Promise<Map<string, Settled>> {
  const settled = new Map<string, Settled>();
  const ids = new Set<string>();
  for (const { stockKey, row } of slice) {
    if (row.change.type !== 'undo') continue;
    const settlement = settlementsOf([row.change.of]).get(stockKey);
    if (settlement === undefined) continue;
    settled.set(stockKey, { units: 0, orderIds: [], settlement });
    for (const id of row.change.claimedBy) ids.add(id);
  }
  if (ids.size === 0) return settled;
  const orders = database.orders.find({ _id: { $in: [...ids] } }, { session, projection: { claims: 1 } });
  for await (const { _id, claims = [] } of orders) {
    for (const { stockKey, refunded, settlement } of claims) {
      const key = settled.get(stockKey);
      if (!key || refunded === 0 || settlement !== key.settlement) continue;
      key.units += refunded;
      key.orderIds.push(_id);
    }
  }
  return settled;
}

/** By stock key, the settlement at which the change left refunded units behind. */
function settlementsOf(made: readonly StockChangeDoc[]): Map<string, number> {
  const settlements = new Map<string, number>();
  for (const { stockKey, type, before } of made) {
    if (type === 'set' && before.refunded > 0) settlements.set(stockKey, before.settlement);
  }
  return settlements;
}

/** Moves the claims up. Really writes the orders, so that whoever changes one at the same time conflicts. */
export async function claimAgain(
  database: Database,
  settled: ReadonlyMap<string, Settled>,
  writes: readonly RowChange[],
  session: mongo.ClientSession,
): Promise<void> {
  for (const { stockKey, change, after } of writes) {
    const key = settled.get(stockKey);
    if (!key || key.units === 0 || change.type !== 'restore') continue;
    await database.orders.updateMany(
      { _id: { $in: key.orderIds } },
      { $set: { 'claims.$[claim].settlement': after.settlement } },
      {
        session,
        arrayFilters: [
          { 'claim.stockKey': stockKey, 'claim.settlement': key.settlement, 'claim.refunded': { $gt: 0 } },
        ],
      },
    );
  }
}
