/**
 * What is going on, for the people who watch: a few looks at small collections and at the ends of indexes, each with
 * a bounded time. Times are the database's own clock.
 */

import { RECONCILIATION } from '../audit/audit-reconciliation.js';
import type { Database } from '../database/database.js';
import type { LaneDoc, LeaseDoc, SwitchDoc, WorkerDoc } from '../documents/documents.js';
import { faultOf } from '../database/faults.js';

export interface Sight {
  /** epoch ms */
  now: number;
  outbox: {
    documents: number;
    /** of the first that waits, epoch ms by the clock of the process that wrote it */
    oldestAt?: number;
  };
  /** of the open hold that falls due first, epoch ms */
  nextDueAt?: number;
  /** the switch, when it was ever used */
  expiryPause?: SwitchDoc;
  lanes: LaneDoc[];
  /** whose lease has not lapsed, the API's processes among them */
  workers: Omit<WorkerDoc, 'sessions'>[];
  leases: LeaseDoc[];
  /** of the last whole pass of the reconciliation */
  reconciled?: { finishedAt: Date; differences: number };
}

export interface HoldCounts {
  open: number;
  /** due, and not released yet */
  overdue: number;
}

/** Name of the operators' switch that keeps every hold. */
const EXPIRY_PAUSED = 'expiry-paused';

/** @throws TransientFault when there is no primary, or it does not answer within that time */
export async function lookAround(database: Database, withinMs: number): Promise<Sight> {
  const bounded = { maxTimeMS: withinMs };
  const { outbox, orders, lanes, workers, leases, switches, reconciliation } = database;
  const lastPass = { 'last.finishedAt': 1, 'last.differences': 1 };
  try {
    const hello = await database.db.admin().command({ hello: 1 });
    const now = (hello['localTime'] as Date).getTime();
    const [oldest, documents, next, pause, ofLanes, ofWorkers, ofLeases, audited] = await Promise.all([
      outbox.findOne({}, { sort: { _id: 1 }, projection: { at: 1 }, ...bounded }),
      outbox.estimatedDocumentCount(bounded),
      orders.findOne({ due: { $exists: true } }, { sort: { due: 1 }, projection: { due: 1 }, ...bounded }),
      switches.findOne({ _id: EXPIRY_PAUSED }, bounded),
      lanes.find({}, bounded).toArray(),
      workers.find({ until: { $gte: new Date(now) } }, { projection: { sessions: 0 }, ...bounded }).toArray(),
      leases.find({ until: { $gte: new Date(now) } }, bounded).toArray(),
      reconciliation.findOne({ _id: RECONCILIATION }, { projection: lastPass, ...bounded }),
    ]);
    return {
      now,
      outbox: { documents, ...(oldest && { oldestAt: oldest.at.getTime() }) },
      ...(next?.due && { nextDueAt: next.due.getTime() }),
      ...(pause && { expiryPause: pause }),
      lanes: ofLanes,
      workers: ofWorkers,
      leases: ofLeases,
      ...(audited?.last && { reconciled: audited.last }),
    };
  } catch (error) {
    throw faultOf(error);
  }
}

/**
 * Reads the index of open holds from one end to the other, some microsecond a hold: not to be asked in a loop.
 * @param now epoch ms
 * @throws TransientFault when there is no primary, or it takes longer
 */
export async function countHolds(database: Database, now: number, withinMs: number): Promise<HoldCounts> {
  const bounded = { maxTimeMS: withinMs, hint: { due: 1 } };
  try {
    const open = await database.orders.countDocuments({ due: { $exists: true } }, bounded);
    const overdue = await database.orders.countDocuments({ due: { $lte: new Date(now) } }, bounded);
    return { open, overdue };
  } catch (error) {
    throw faultOf(error);
  }
}

/** The worker's name in a lane's owner: `worker/incarnation/assignment`. */
export function workerOf(owner: string): string {
  return owner.split('/').slice(0, -2).join('/');
}

/** Lanes that nobody alive works on, by number; those that were never taken are not known here. */
export function orphanedLanes({ lanes, workers }: Pick<Sight, 'lanes' | 'workers'>): number[] {
  const alive = new Set(workers.map(({ _id, incarnation }) => `${_id}/${incarnation}`));
  return lanes
    .filter(({ owner }) => !alive.has((owner ?? '').split('/').slice(0, -1).join('/')))
    .map(({ _id }) => Number(_id))
    .sort((a, b) => a - b);
}
