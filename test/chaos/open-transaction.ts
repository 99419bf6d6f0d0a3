/** A worker that dies between its writes and its commit. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@holdfast/store';
import { mongo } from 'mongoose';
import type { Member } from './crew.js';

const TRIES = 20;
/** The rest of its lease, ms, that a frozen worker must still have for its death to be that of a living one. */
const LEASE_LEFT_MS = 1_000;

/** Kills the worker with a transaction of its own left open, in which it has written to the stock of these stores. */
export async function dieInMidTransaction(
  database: Database,
  { name, process }: Member,
  stores: ReadonlySet<string>,
): Promise<void> {
  for (;;) {
    // Frozen first, so that the session is not used by two.
    await process.kill('SIGSTOP');
    const abort = await leaveTransactionOpen(database, name, stores);
    const until = (await database.workers.findOne({ _id: name }))?.until.getTime() ?? 0;
    if (abort && until - Date.now() > LEASE_LEFT_MS) break;
    await abort?.();
    await process.kill('SIGCONT');
    await renewed(database, name, until);
  }
  await process.kill('SIGKILL');
}

/** @returns undefined when somebody else had some of the stock all the time: perhaps the worker itself */
async function leaveTransactionOpen(
  database: Database,
  workerId: string,
  stores: ReadonlySet<string>,
): Promise<(() => Promise<void>) | undefined> {
  const worker = await database.workers.findOne({ _id: workerId });
  const id = worker?.sessions[0];
  if (!id) return undefined;
  const session = database.client.startSession();
  // Whose session it is, is in its id; the number is above every one of the worker's own transactions.
  Object.assign(session.serverSession as object, { id: { id }, txnNumber: Date.now() });
  const keys = (await database.stock.distinct('_id')).filter((key) =>
    stores.has(key.split('/')[0] as string),
  );
  for (let tries = 0; tries < TRIES; tries++) {
    session.startTransaction();
    try {
      await database.stock.updateMany({ _id: { $in: keys } }, { $inc: { held: 1_000 } }, { session });
      return () => session.abortTransaction();
    } catch (error) {
      if (!(error instanceof mongo.MongoServerError) || error.code !== 112) throw error;
      await session.abortTransaction();
      await delay(10);
    }
  }
  return undefined;
}

async function renewed(database: Database, workerId: string, before: number): Promise<void> {
  while (((await database.workers.findOne({ _id: workerId }))?.until.getTime() ?? 0) <= before)
    await delay(20);
}
