/**
 * Refunded units that a change settled, when it is taken back. They still stand in the claims of their orders, at
 * the settlement before the change. Those claims are moved up to the key's present settlement, so that they count
 * once more; the settlement itself never goes down, or what orders did since would be miscounted. Units of orders
 * that have moved on since stay settled.
 */

import type { mongo } from 'mongoose';
import type { Database } from './database.js';
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

/** What each key's change settled and still waits in claims; read in the transaction that writes them. */
export async function settledUnits(
  database: Database,
  slice: readonly KeyedRow[],
  session: mongo.ClientSession,
): Promise<Map<string, Settled>> {
  const settled = new Map<string, Settled>();
  for (const { stockKey, row } of slice) {
    if (row.change.type !== 'undo') continue;
    const { type, before } = row.change.of;
    if (type !== 'set' || before.refunded === 0) continue;
    settled.set(stockKey, { units: 0, orderIds: [], settlement: before.settlement });
  }
  if (settled.size === 0) return settled;
  const orders = database.orders.find(
    { claims: { $exists: true }, 'claims.stockKey': { $in: [...settled.keys()] } },
    { session, projection: { claims: 1 } },
  );
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
