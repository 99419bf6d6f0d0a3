/**
 * The horizon: before this moment, orders may have been removed. It never moves back, and stands before the first
 * order goes, so that whoever sees an order gone sees the horizon too.
 */

import type { mongo } from 'mongoose';
import type { HorizonDoc } from '../documents/audit-documents.js';

/** A shorter horizon is refused; so only records older than this need the horizon looked up at all. */
export const LEAST_HORIZON_MS = 7 * 86_400_000;

const ORDERS = 'orders';

/** @returns epoch ms; undefined where no order was ever removed */
export async function prunedBefore(db: mongo.Db, session: mongo.ClientSession): Promise<number | undefined> {
  const doc = await db.collection<HorizonDoc>('horizons').findOne({ _id: ORDERS }, { session });
  return doc?.before.getTime();
}

/** Raises the horizon; one that is later stays. */
export async function raiseHorizon(db: mongo.Db, doc: Omit<HorizonDoc, '_id'>): Promise<void> {
  const horizons = db.collection<HorizonDoc>('horizons');
  await horizons.updateOne(
    { _id: ORDERS },
    { $setOnInsert: { ...doc, before: new Date(0) } },
    { upsert: true },
  );
  await horizons.updateOne({ _id: ORDERS, before: { $lt: doc.before } }, { $set: { ...doc } });
}
