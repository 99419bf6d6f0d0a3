/**
 * Who is alive, and who may do what only one may do. All times are the database's own clock, so that clocks of
 * workers need not agree.
 *
 * A worker that dies leaves transactions open, and their keys locked. It keeps its session ids in its document
 * from before its first transaction; whoever finds the document lapsed ends those sessions.
 */

import type { mongo } from 'mongoose';
import type { Database } from './database.js';
import { faultOf } from './faults.js';

/** A lease lasts this long without renewal; renewed three times as often. */
export const LEASE_MS = 5_000;

const lapsed = { $expr: { $lt: ['$until', '$$NOW'] } };
const inLeaseTime = { $add: ['$$NOW', LEASE_MS] };

/** Ends what an earlier process of this name left open, then notes the sessions of this one. */
export async function registerWorker(
  database: Database,
  workerId: string,
  roles: readonly string[],
  sessions: mongo.Binary[],
): Promise<void> {
  const before = await database.workers.findOne({ _id: workerId });
  if (before) await endSessions(database, before.sessions);
  await database.workers.updateOne(
    { _id: workerId },
    [{ $set: { sessions, roles: [...roles], until: inLeaseTime } }],
    { upsert: true },
  );
}

/** @returns false when the document is gone: others took this worker for dead and ended its sessions */
export async function renewWorker(database: Database, workerId: string): Promise<boolean> {
  const reply = await database.workers.updateOne({ _id: workerId }, [{ $set: { until: inLeaseTime } }]);
  return reply.matchedCount === 1;
}

export async function unregisterWorker(database: Database, workerId: string): Promise<void> {
  await database.workers.deleteOne({ _id: workerId });
}

/** Ends the transactions of workers that died. @returns their ids */
export async function buryDeadWorkers(database: Database): Promise<string[]> {
  const dead = await database.workers.find(lapsed).toArray();
  for (const { _id, sessions } of dead) {
    await endSessions(database, sessions);
    await database.workers.deleteOne({ _id, ...lapsed });
  }
  return dead.map(({ _id }) => _id);
}

async function endSessions(database: Database, sessions: mongo.Binary[]): Promise<void> {
  if (sessions.length === 0) return;
  await database.db.admin().command({ killSessions: sessions.map((id) => ({ id })) });
}

/** Other processes that may write to the outbox. */
export function otherWorkers(database: Database, workerId: string): Promise<number> {
  return database.workers.countDocuments({ _id: { $ne: workerId } });
}

/**
 * Takes or renews the right to be the active one.
 * @returns true while this owner has it, for LEASE_MS from now
 * @throws TransientFault when the database is away
 */
export async function holdLease(database: Database, name: string, owner: string): Promise<boolean> {
  try {
    const take = [{ $set: { owner, until: inLeaseTime } }];
    const taken = await database.leases.updateOne({ _id: name, $or: [{ owner }, lapsed] }, take);
    if (taken.matchedCount === 1) return true;
    const made = await database.leases.updateOne({ _id: name, owner: { $exists: false } }, take, {
      upsert: true,
    });
    return made.upsertedCount === 1;
  } catch (error) {
    // Somebody holds it: the upsert ran into their document.
    if ((error as { code?: unknown }).code === 11000) return false;
    throw faultOf(error);
  }
}

export async function releaseLease(database: Database, name: string, owner: string): Promise<void> {
  await database.leases.deleteOne({ _id: name, owner });
}
