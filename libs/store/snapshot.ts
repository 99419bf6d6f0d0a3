/**
 * Reading everything as of one moment without a transaction: a long one would be ended by the server. The
 * server keeps a moment readable for `minSnapshotHistoryWindowInSeconds`, 5 minutes unless set otherwise.
 */

import { mongo } from 'mongoose';
import { TransientFault } from '@holdfast/core';
import type { Database } from './database.js';
import { faultOf } from './faults.js';

const SNAPSHOT_TOO_OLD = 239;

/** All reads of `work` that are given the session see the same moment, that of the first one. */
export async function inSnapshot<T>(
  database: Database,
  work: (session: mongo.ClientSession) => Promise<T>,
): Promise<T> {
  const session = database.client.startSession({ snapshot: true });
  try {
    return await work(session);
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.code === SNAPSHOT_TOO_OLD) {
      const remedy = 'raise the server parameter minSnapshotHistoryWindowInSeconds (300 unless set)';
      throw new TransientFault(`the server no longer has the moment that was being read; ${remedy}`, {
        cause: error,
      });
    }
    throw faultOf(error);
  } finally {
    await session.endSession();
  }
}
