/** Holds that have fallen due, soonest first. */

import type { Database } from '../database/database.js';

export interface DueHold {
  storeId: string;
  orderId: string;
  dueAt: number;
  /** W3C traceparent of its placing, when it was asked for and there was one */
  trace?: string;
}

/**
 * @param until epoch ms, inclusive
 * @param withTraces reads a part of the order itself as well
 */
export async function dueHolds(
  database: Database,
  until: number,
  limit: number,
  withTraces = false,
): Promise<DueHold[]> {
  const docs = await database.orders
    .find(
      { due: { $lte: new Date(until) } },
      { projection: { due: 1, ...(withTraces && { 'placed.cause.trace': 1 }) } },
    )
    .sort({ due: 1 })
    .limit(limit)
    .toArray();
  return docs.map(({ _id, due, placed }) => {
    const slash = _id.indexOf('/');
    const trace = placed?.cause?.trace;
    return {
      storeId: _id.slice(0, slash),
      orderId: _id.slice(slash + 1),
      dueAt: (due as Date).getTime(),
      ...(trace !== undefined && { trace }),
    };
  });
}

export interface NextDue {
  /** epoch ms */
  dueAt: number;
  /** epoch ms, by the database's clock: what is due must not depend on the clock of whoever asks */
  now: number;
}

/** When the next hold falls due; undefined when there is none. */
export async function nextDue(database: Database): Promise<NextDue | undefined> {
  const next = await database.orders
    .aggregate<{ due: Date; now: Date }>([
      { $match: { due: { $exists: true } } },
      { $sort: { due: 1 } },
      { $limit: 1 },
      { $project: { _id: 0, due: 1, now: '$$NOW' } },
    ])
    .next();
  return next ? { dueAt: next.due.getTime(), now: next.now.getTime() } : undefined;
}

/** Whether the operators have paused expiry. */
export async function isExpiryPaused(database: Database): Promise<boolean> {
  return (await database.switches.findOne({ _id: 'expiry-paused' }))?.on === true;
}
