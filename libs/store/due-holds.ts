/** Holds that have fallen due, soonest first. */

import type { Database } from './database.js';

export interface DueHold {
  storeId: string;
  orderId: string;
  dueAt: number;
}

/** @param until epoch ms, inclusive */
export async function dueHolds(database: Database, until: number, limit: number): Promise<DueHold[]> {
  const docs = await database.orders
    .find({ due: { $lte: new Date(until) } }, { projection: { due: 1 } })
    .sort({ due: 1 })
    .limit(limit)
    .toArray();
  return docs.map(({ _id, due }) => {
    const slash = _id.indexOf('/');
    return { storeId: _id.slice(0, slash), orderId: _id.slice(slash + 1), dueAt: (due as Date).getTime() };
  });
}

/** When the next hold falls due, epoch ms. */
export async function nextDue(database: Database): Promise<number | undefined> {
  const doc = await database.orders
    .find({ due: { $exists: true } }, { projection: { due: 1 } })
    .sort({ due: 1 })
    .limit(1)
    .next();
  return doc?.due?.getTime();
}

/** Whether the operators have paused expiry. */
export async function isExpiryPaused(database: Database): Promise<boolean> {
  return (await database.switches.findOne({ _id: 'expiry-paused' }))?.on === true;
}
