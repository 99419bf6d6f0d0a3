/**
 * Records from before the horizon. An order that was removed must not come to life again because its records are read
 * again; so one that is older than the horizon, and knows no order, is never applied as new.
 */

import type { mongo } from 'mongoose';
import { orderKey, type Decision, type OrderEvent } from '@holdfast/core';
import type { Database } from '../database/database.js';
import { LEAST_HORIZON_MS, prunedBefore } from './prune-horizon.js';

interface Dated {
  events: readonly OrderEvent[];
  /** broker timestamp of the n-th event's record, epoch ms */
  recordedAt?: (at: number) => number;
  now: number;
}

/** Says of the n-th event that its order is older than the horizon, when it is. */
export type TooOld = (at: number) => Decision | undefined;

/**
 * Looks the horizon up only when a record is so old that there can be one: nearly never. In the transaction's own
 * snapshot, since the horizon stands before the first order goes.
 */
export async function tooOldRecords(
  database: Database,
  { events, recordedAt, now }: Dated,
  session: mongo.ClientSession,
): Promise<TooOld | undefined> {
  if (!recordedAt) return undefined;
  const ageOf = (at: number): number => now - dateOf(events[at] as OrderEvent, recordedAt(at), now);
  if (!events.some((_, at) => ageOf(at) > LEAST_HORIZON_MS)) return undefined;
  const before = await prunedBefore(database.db, session);
  if (before === undefined) return undefined;
  return (at) => {
    if (now - ageOf(at) >= before) return undefined;
    const horizon = new Date(before).toISOString();
    const detail = `${orderKey(events[at] as OrderEvent)} is not known, and orders from before ${horizon} have been removed`;
    return { kind: 'refused', reason: 'too-old', detail };
  };
}

/** The earlier of the two, as for when a hold falls due; a record that has no timestamp (-1) is of now. */
function dateOf(event: OrderEvent, recordedAt: number, now: number): number {
  const recorded = recordedAt >= 0 ? recordedAt : now;
  return event.type === 'placed' ? Math.min(event.occurredAt, recorded) : recorded;
}
