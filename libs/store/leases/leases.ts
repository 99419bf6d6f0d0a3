/**
 * Who is alive, and who may do what only one may do. All times are the database's own clock, so that clocks of
 * workers need not agree.
 *
 * A worker that dies leaves transactions open, and their keys locked. It keeps its session ids in its document
 * from before its first transaction; whoever finds the document lapsed ends those sessions.
 */

import { createHash } from 'node:crypto';
import { mongo } from 'mongoose';
import type { Database } from '../database/database.js';
import type { WorkerDoc } from '../documents/documents.js';
import { faultOf } from '../database/faults.js';

/** A lease lasts this long without renewal; renewed three times as often. */
export const LEASE_MS = 5_000;

const lapsed = { $expr: { $lt: ['$until', '$$NOW'] } };
const inLeaseTime = { $add: ['$$NOW', LEASE_MS] };

/** A worker process: its name, and which process of that name it is. */
export interface WorkerIdentity {
  workerId: string;
  /** made anew by every process */
  incarnation: string;
}

/**
 * The name and its leases are this process's from now on: what an earlier one of the name left open is ended,
 * and should that one be alive, it finds another incarnation in the document and stops.
 */
export async function registerWorker(
  database: Database,
  { workerId, incarnation }: WorkerIdentity,
  roles: readonly string[],
  sessions: mongo.Binary[],
): Promise<void> {
  const seen = await database.workers.findOne({ _id: workerId });
  // Ended before their ids are written over: who dies in between leaves them for the next.
  if (seen) await endSessions(database, seen);
  const uid = (await ownUid(database)) ?? '$$REMOVE';
  const before = await database.workers.findOneAndUpdate(
    { _id: workerId },
    [{ $set: { incarnation, sessions, uid, roles: [...roles], until: inLeaseTime } }],
    { upsert: true, returnDocument: 'before' },
  );
  if (before && before.incarnation !== seen?.incarnation) await endSessions(database, before);
  await database.leases.updateMany({ owner: workerId }, { $set: { incarnation } });
}

/**
 * `gone`: others took this worker for dead and ended its sessions; `superseded`: another process has registered
 * under its name since.
 */
export async function renewWorker(
  database: Database,
  { workerId, incarnation }: WorkerIdentity,
): Promise<'renewed' | 'gone' | 'superseded'> {
  const renew = [{ $set: { until: inLeaseTime } }];
  const reply = await database.workers.updateOne({ _id: workerId, incarnation }, renew);
  if (reply.matchedCount === 1) return 'renewed';
  return (await database.workers.findOne({ _id: workerId })) ? 'superseded' : 'gone';
}

export async function unregisterWorker(
  database: Database,
  { workerId, incarnation }: WorkerIdentity,
): Promise<void> {
  await database.workers.deleteOne({ _id: workerId, incarnation });
}

/** Ends the transactions of workers that died. @returns their ids */
export async function buryDeadWorkers(database: Database): Promise<string[]> {
  const dead = await database.workers.find(lapsed).toArray();
  for (const worker of dead) {
    await endSessions(database, worker);
    await database.workers.deleteOne({ _id: worker._id, ...lapsed });
  }
  return dead.map(({ _id }) => _id);
}

/** Without a user, the server takes an id for one of this process's own user. */
async function endSessions(database: Database, { sessions, uid }: WorkerDoc): Promise<void> {
  if (sessions.length === 0) return;
  const own = await ownUid(database);
  const isAnothers = uid !== undefined && own !== undefined && !Buffer.from(own.buffer).equals(uid.buffer);
  const ids = sessions.map((id) => (isAnothers ? { id, uid } : { id }));
  await database.db.admin().command({ killSessions: ids });
}

/** As MongoDB makes it of a user's name for the ids of sessions. @returns undefined where nobody logs in */
async function ownUid(database: Database): Promise<mongo.Binary | undefined> {
  const { authInfo } = (await database.db.admin().command({ connectionStatus: 1 })) as unknown as {
    authInfo: { authenticatedUsers: { user: string; db: string }[] };
  };
  const [first] = authInfo.authenticatedUsers;
  if (first === undefined) return undefined;
  return new mongo.Binary(createHash('sha256').update(`${first.user}@${first.db}`).digest());
}

/** Other processes that may write to the outbox. */
export function otherWorkers(database: Database, workerId: string): Promise<number> {
  return database.workers.countDocuments({ _id: { $ne: workerId } });
}

/**
 * Takes or renews the right to be the active one.
 * @returns true while this process has it, for LEASE_MS from now
 * @throws TransientFault when the database is away
 */
export async function holdLease(
  database: Database,
  name: string,
  { workerId: owner, incarnation }: WorkerIdentity,
): Promise<boolean> {
  try {
    const take = [{ $set: { owner, incarnation, until: inLeaseTime } }];
    const taken = await database.leases.updateOne({ _id: name, $or: [{ owner, incarnation }, lapsed] }, take);
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

export async function releaseLease(
  database: Database,
  name: string,
  { workerId: owner, incarnation }: WorkerIdentity,
): Promise<void> {
  await database.leases.deleteOne({ _id: name, owner, incarnation });
}
