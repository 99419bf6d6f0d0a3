/** Transactions, tried again for as long as others get in between. */

import { setTimeout as delay } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { TransientFault } from '@holdfast/core';
import { DURABLE, type Database } from './database.js';
import { during } from './during.js';
import { ConflictFault, faultOf } from './faults.js';

const MAX_BACKOFF_MS = 250;
const COMMIT_ATTEMPTS = 5;

/** What the work came to. */
export interface Work<T> {
  result: T;
  /** false: everything written is given up, as in a dry run */
  keep: boolean;
  /** other work, once the commit has gone out; may not throw */
  meanwhile?: () => void;
}

/**
 * Reads and writes of `work` see one snapshot and are kept together or not at all. `work` may run many times.
 * @throws TransientFault when the database is away
 */
export async function transact<T>(
  database: Database,
  work: (session: mongo.ClientSession) => Promise<T>,
): Promise<T> {
  const session = startSession(database);
  try {
    return await transactIn(session, async () => ({ result: await work(session), keep: true }));
  } finally {
    await session.endSession();
  }
}

/** A session whose transactions see one snapshot and are durable. */
export function startSession(database: Database): mongo.ClientSession {
  return database.client.startSession({
    causalConsistency: false,
    defaultTransactionOptions: {
      readConcern: { level: 'snapshot' },
      writeConcern: DURABLE,
      readPreference: 'primary',
    },
  });
}

/**
 * The same in a session that is there already, for work that may find that there is nothing to keep.
 * @param maxBackoffMs the longest wait after a conflict; short for work that is cheap to try and must not starve
 */
export async function transactIn<T>(
  session: mongo.ClientSession,
  work: (session: mongo.ClientSession) => Promise<Work<T>>,
  maxBackoffMs = MAX_BACKOFF_MS,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    const done = await attempt(session, work);
    if (done) return done.result;
    // Full jitter: writers that met once must not meet again at once.
    await delay(Math.random() * Math.min(maxBackoffMs, 2 ** tries));
  }
}

/** @returns undefined when somebody else changed what was read */
async function attempt<T>(
  session: mongo.ClientSession,
  work: (session: mongo.ClientSession) => Promise<Work<T>>,
): Promise<{ result: T } | undefined> {
  session.startTransaction();
  try {
    const { result, keep, meanwhile } = await work(session);
    if (keep) await during(commit(session), () => meanwhile?.());
    else await session.abortTransaction();
    return { result };
  } catch (error) {
    await abandon(session);
    const fault = faultOf(error);
    if (fault instanceof ConflictFault) return undefined;
    throw fault;
  }
}

/** A commit whose answer was lost is asked again; when no answer comes, doing it all again finds out. */
async function commit(session: mongo.ClientSession): Promise<void> {
  for (let left = COMMIT_ATTEMPTS; ; left--) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      const unknown =
        error instanceof mongo.MongoError && error.hasErrorLabel('UnknownTransactionCommitResult');
      if (!unknown) throw error;
      if (left === 0) throw new TransientFault('the outcome of a commit is not known', { cause: error });
    }
  }
}

async function abandon(session: mongo.ClientSession): Promise<void> {
  try {
    if (session.inTransaction()) await session.abortTransaction();
  } catch {
    // The server gives up on it by itself; the next transaction of this session ends it for sure.
  }
}
