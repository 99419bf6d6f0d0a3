/** Writes what a batch came to: stock under its guards, orders, facts, outbox, and how far the lanes are. */

import type { mongo } from 'mongoose';
import { LaneLostFault, type StockChange, type WorkingSet } from '@holdfast/core';
import type { BatchPlan } from './batch-plan.js';
import type { LaneMark } from './batch.js';
import type { Database } from '../database/database.js';
import type { OrderDoc, OutboxDoc } from '../documents/documents.js';
import { during } from '../database/during.js';
import { GuardMiss } from '../database/faults.js';
import { stockWrites } from './stock-writes.js';
import { insertAll, insertionOf, updateAll, type Insertion, type UpdateStatement } from '../wire/commands.js';

export interface Writes {
  plan: BatchPlan;
  sequence: number;
  working: WorkingSet;
  /** puts the outcomes into words */
  outboxOf: () => Promise<OutboxDoc[]>;
}

/** Orders in one command, so that the first are written while the next are made ready. */
const INSERTED_AT_ONCE = 1_000;

/**
 * What is written next is made ready while the database is busy with what was sent before.
 * @returns what is left to publish
 * @throws LaneLostFault; GuardMiss when the stock is not what was read
 */
export async function writeBatch(
  database: Database,
  session: mongo.ClientSession,
  { plan, sequence, working, outboxOf }: Writes,
): Promise<OutboxDoc[]> {
  const { db } = database;
  const changes = working.changes();
  const stock = stockWrites(changes);
  const orders = await during(update(database, session, 'stock', stock, changes), () => {
    const { inserts, ...others } = plan.writes(sequence);
    return { ...others, inserts, first: insertionOf(inserts.slice(0, INSERTED_AT_ONCE)) };
  });
  await insertAll(db, 'stock', insertionOf(stock.inserts), session);
  const writeOrders = async (): Promise<void> => {
    await insertOrders(database, session, orders);
    await update(database, session, 'orders', orders);
    await insertAll(db, 'orderFacts', insertionOf(orders.facts), session);
  };
  const outbox = await during(writeOrders(), outboxOf);
  for (const doc of outbox) await insertAll(db, 'outbox', insertionOf([doc]), session);
  return outbox;
}

async function insertOrders(
  { db }: Database,
  session: mongo.ClientSession,
  { inserts, first }: { inserts: readonly OrderDoc[]; first: Insertion },
): Promise<void> {
  let next = first;
  for (let from = INSERTED_AT_ONCE; next; from += INSERTED_AT_ONCE) {
    next = await during(insertAll(db, 'orders', next, session), () =>
      insertionOf(inserts.slice(from, from + INSERTED_AT_ONCE)),
    );
  }
}

async function update(
  { db }: Database,
  session: mongo.ClientSession,
  collection: string,
  { updates, matches }: { updates: readonly UpdateStatement[]; matches: number },
  changes: readonly StockChange[] = [],
): Promise<void> {
  const matched = await updateAll(db, collection, updates, session);
  // Under a snapshot a guard that fails means that the snapshot was not what the batch decided on.
  if (matched !== matches)
    throw new GuardMiss(`${collection}: ${matched} of ${matches} guards held`, changes);
}

export async function noteProgress(
  { db }: Database,
  session: mongo.ClientSession,
  lanes: readonly LaneMark[],
): Promise<void> {
  const statements = lanes.map(({ id, owner, positions }): UpdateStatement => {
    const set: Record<string, unknown> = {};
    for (const [topic, { nextOffset, timestamp }] of positions) {
      set[`positions.${topic}`] = { next: nextOffset, at: new Date(timestamp), by: owner };
    }
    return { q: { _id: String(id), owner }, u: { $set: set }, multi: false };
  });
  if ((await updateAll(db, 'lanes', statements, session)) === lanes.length) return;
  const ids = lanes.map(({ id }) => id).join(', ');
  throw new LaneLostFault(
    lanes.length === 1
      ? `lane ${ids} belongs to another worker now`
      : `one of lanes ${ids} belongs to another worker now`,
  );
}
