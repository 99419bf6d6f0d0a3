/**
 * Reading everything as of one moment without a transaction: a long one would be ended by the server. The
 * server keeps a moment readable for `minSnapshotHistoryWindowInSeconds`, 5 minutes unless set otherwise.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { TransientFault } from '@holdfast/core';
import type { Database } from './database.js';
import { faultOf } from './faults.js';

const SNAPSHOT_TOO_OLD = 239;

/** A collection or an index was made a moment ago: the next moment is readable. */
const SNAPSHOT_NOT_YET = 246;
const TRIES = 20;
const TRY_AGAIN_MS = 100;

/**
 * All reads of `work` that are given the session see the same moment, that of the first one. `work` may run
 * more than once.
 * @throws TransientFault when the database is away, or keeps the moment no longer
 */
export async function inSnapshot<T>(
  database: Database,
  work: (session: mongo.ClientSession) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const session = database.client.startSession({ snapshot: true });
    try {
      return await work(session);
    } catch (error) {
      if (codeOf(error) !== SNAPSHOT_NOT_YET || tries >= TRIES) throw faultOfSnapshot(error);
      await delay(TRY_AGAIN_MS);
    } finally {
      await session.endSession();
    }
  }
}

/** Whether a read of one moment took so long that the server no longer has it. */
export function isMomentGone(error: unknown): boolean {
  return error instanceof TransientFault && codeOf(error.cause) === SNAPSHOT_TOO_OLD;
}

function codeOf(error: unknown): unknown {
  return error instanceof mongo.MongoServerError ? error.code : undefined;
}

function faultOfSnapshot(error: unknown): unknown {
  if (codeOf(error) !== SNAPSHOT_TOO_OLD) return faultOf(error);
  const remedy = 'raise the server parameter minSnapshotHistoryWindowInSeconds (300 unless set)';
  return new TransientFault(`the server no longer has the moment that was being read; ${remedy}`, {
    cause: error,
  });
}
