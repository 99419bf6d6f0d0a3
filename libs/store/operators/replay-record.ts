/** Who replayed what, and how far it came: kept so that a replay that was interrupted goes on where it was. */

import type { Database } from '../database/database.js';
import { faultOf } from '../database/faults.js';
import type { ReplayCounts, ReplayDoc } from '../documents/operator-documents.js';

export const NOTHING_REPLAYED: Readonly<ReplayCounts> = Object.freeze({
  read: 0,
  events: 0,
  unreadable: 0,
  facts: 0,
  transitions: 0,
  unchanged: 0,
  conflicting: 0,
  refused: 0,
});

/** @throws TransientFault when the database is away */
export async function beginReplay(database: Database, doc: ReplayDoc): Promise<void> {
  await orFault(database.replays.insertOne(doc));
}

/** After each batch. A batch whose note is lost is applied again, which changes nothing. */
export async function noteReplay(
  database: Database,
  { _id, ranges, counts }: ReplayDoc,
  finished: boolean,
): Promise<void> {
  const set = { ranges, counts, ...(finished && { finishedAt: new Date() }) };
  await orFault(database.replays.updateOne({ _id }, { $set: set }));
}

/** @throws TransientFault when the database is away */
export async function replayOf(database: Database, id: string): Promise<ReplayDoc | undefined> {
  return (await orFault(database.replays.findOne({ _id: id }))) ?? undefined;
}

/** The latest first. */
export function replayHistory(database: Database, limit: number): Promise<ReplayDoc[]> {
  return orFault(database.replays.find({}, { sort: { startedAt: -1 }, limit }).toArray());
}

async function orFault<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw faultOf(error);
  }
}
