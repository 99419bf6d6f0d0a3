/**
 * Removes finished orders to which nothing has happened since the horizon, slice by slice, each a transaction of its
 * own. What they had sold stays sold: it is added to the key's account of removed orders, which the audit counts in.
 * The stock itself is not touched, so nothing of it meets the pipeline. See docs/decisions/0010-removed-orders.md.
 *
 * Broken off and begun again it goes on: what is removed is no longer found.
 */

import type { mongo } from 'mongoose';
import { claimsOf, type OrderState } from '@holdfast/core';
import { InputFault } from '../input/input-fault.js';
import type { BatchTools } from '../batch/batch.js';
import type { Database } from '../database/database.js';
import type { OrderDoc, OrderFactDoc } from '../documents/documents.js';
import { factIds, orderFrom } from '../documents/order-documents.js';
import { LEAST_HORIZON_MS, raiseHorizon } from '../batch/prune-horizon.js';
import { transactIn } from '../database/transact.js';
import { whoAndWhyProblems, type WhoAndWhy } from '../input/who-and-why.js';

export interface PruneRequest extends WhoAndWhy {
  /** ms; nothing has happened to an order for so long */
  olderThanMs: number;
  dryRun: boolean;
  onProgress?: (seen: number, total: number) => void;
}

export interface PruneReport {
  dryRun: boolean;
  /** the horizon, ISO 8601 */
  before: string;
  /** removed, or to be removed */
  orders: number;
  facts: number;
  /** sold by them, and counted on */
  units: number;
  /** as old, and kept */
  kept: {
    /** waiting for payment, or never placed */
    unfinished: number;
    /** refunded units wait for the merchant */
    refundsWaiting: number;
    /** for a date that is not as old */
    dateToCome: number;
  };
}

/** Orders of one transaction. */
const SLICE = 500;
const FINISHED: readonly OrderState[] = ['rejected', 'refused', 'expired', 'paid', 'refunded'];

/** @throws InputFault; TransientFault when the database is away, with what was removed so far gone: begin again */
export async function pruneOrders(tools: BatchTools, request: PruneRequest): Promise<PruneReport> {
  const { olderThanMs, dryRun, actor, reason } = request;
  const problems = whoAndWhyProblems(request);
  if (!(olderThanMs >= LEAST_HORIZON_MS)) {
    const remedy = 'use 7 days at least: records may still be on their way';
    problems.push({ field: 'olderThan', problem: `${Math.round(olderThanMs / 3_600_000)} hours`, remedy });
  }
  if (problems.length > 0) throw new InputFault(problems);
  const { database } = tools;
  const before = new Date(Date.now() - olderThanMs);
  const report: PruneReport = {
    dryRun,
    before: before.toISOString(),
    orders: 0,
    facts: 0,
    units: 0,
    kept: { unfinished: 0, refundsWaiting: 0, dateToCome: 0 },
  };
  // Before the first one goes: a record that finds its order gone finds the horizon, too.
  if (!dryRun) {
    const horizon = { before, at: new Date(), actor, ...(reason !== undefined && { reason }) };
    await raiseHorizon(database.db, horizon);
  }
  const total = await database.orders.estimatedDocumentCount();
  let seen = 0;
  let after: string | undefined;
  for (;;) {
    const slice = await nextSlice(database, before, after);
    if (slice.length === 0) return report;
    after = (slice[slice.length - 1] as OrderDoc)._id;
    await tools.sessions.use((session) => pruneSlice({ database, session, before, report }, slice));
    request.onProgress?.((seen += slice.length), total);
  }
}

/** The sequence of an order's last outbox document is the time of what happened last, µs. */
function untouchedSince(before: Date): mongo.Filter<OrderDoc> {
  return { seq: { $lt: before.getTime() * 1_000 } };
}

function nextSlice(database: Database, before: Date, after: string | undefined): Promise<OrderDoc[]> {
  const behind = after === undefined ? {} : { _id: { $gt: after } };
  return database.orders
    .find({ ...behind, ...untouchedSince(before) }, { sort: { _id: 1 }, limit: SLICE, hint: { _id: 1 } })
    .toArray();
}

interface Pruning {
  database: Database;
  session: mongo.ClientSession;
  before: Date;
  report: PruneReport;
}

interface Sorted {
  finished: OrderDoc[];
  kept: PruneReport['kept'];
}

async function pruneSlice(pruning: Pruning, slice: readonly OrderDoc[]): Promise<void> {
  const { database, session, before, report } = pruning;
  const ids = slice.map(({ _id }) => _id);
  const done = await transactIn(session, async () => {
    // Once more: something may have happened to one since.
    const docs = await database.orders
      .find({ _id: { $in: ids }, ...untouchedSince(before) }, { session })
      .toArray();
    const { finished, kept } = await sort(pruning, docs);
    const sold = await soldBy(database, finished, session);
    const facts = finished.flatMap(factIds);
    const units = [...sold.values()].reduce((sum, each) => sum + each, 0);
    const result = { orders: finished.length, facts: facts.length, units, kept };
    if (report.dryRun || finished.length === 0) return { result, keep: false };
    await remove(database, finished, facts, session);
    await keepSold(database, sold, session);
    return { result, keep: true };
  });
  report.orders += done.orders;
  report.facts += done.facts;
  report.units += done.units;
  report.kept.unfinished += done.kept.unfinished;
  report.kept.refundsWaiting += done.kept.refundsWaiting;
  report.kept.dateToCome += done.kept.dateToCome;
}

async function sort({ database, session, before }: Pruning, docs: readonly OrderDoc[]): Promise<Sorted> {
  const settlements = await settlementsOf(database, docs, session);
  const day = before.toISOString().slice(0, 10);
  const sorted: Sorted = { finished: [], kept: { unfinished: 0, refundsWaiting: 0, dateToCome: 0 } };
  for (const doc of docs) {
    if (!FINISHED.includes(doc.state)) sorted.kept.unfinished += 1;
    else if (waits(doc, settlements)) sorted.kept.refundsWaiting += 1;
    else if (isToCome(doc, day)) sorted.kept.dateToCome += 1;
    else sorted.finished.push(doc);
  }
  return sorted;
}

/** Of the keys that have refunded units of these orders. */
async function settlementsOf(
  database: Database,
  docs: readonly OrderDoc[],
  session: mongo.ClientSession,
): Promise<Map<string, number>> {
  const claims = docs.flatMap((doc) => doc.claims ?? []).filter(({ refunded }) => refunded > 0);
  const keys = [...new Set(claims.map(({ stockKey }) => stockKey))].sort();
  if (keys.length === 0) return new Map();
  const stock = await database.stock
    .find({ _id: { $in: keys } }, { session, projection: { settlement: 1 } })
    .toArray();
  return new Map(stock.map(({ _id, settlement }) => [_id, settlement]));
}

/** Units that stand in the stock's `refunded`, so that only this order can put them back. */
function waits({ claims = [] }: OrderDoc, settlements: ReadonlyMap<string, number>): boolean {
  return claims.some(
    ({ stockKey, refunded, settlement }) => refunded > 0 && settlement === settlements.get(stockKey),
  );
}

function isToCome({ state, placed }: OrderDoc, day: string): boolean {
  if (state !== 'paid') return false;
  return (
    placed?.lines.some(({ fulfillmentDate }) => fulfillmentDate !== undefined && fulfillmentDate >= day) ===
    true
  );
}

/** Units per key. */
async function soldBy(
  database: Database,
  docs: readonly OrderDoc[],
  session: mongo.ClientSession,
): Promise<Map<string, number>> {
  const selling = docs.filter(({ state }) => state === 'paid' || state === 'refunded');
  const ids = selling.flatMap(factIds).sort();
  const found = await database.orderFacts.find({ _id: { $in: ids } }, { session }).toArray();
  const facts = new Map(found.map((fact) => [fact._id, fact]));
  const sold = new Map<string, number>();
  for (const doc of selling) {
    const own = factIds(doc).flatMap((id): OrderFactDoc[] =>
      facts.get(id) ? [facts.get(id) as OrderFactDoc] : [],
    );
    for (const claim of claimsOf(orderFrom(doc, own))) {
      if (claim.sold > 0) sold.set(claim.stockKey, (sold.get(claim.stockKey) ?? 0) + claim.sold);
    }
  }
  return sold;
}

async function remove(
  database: Database,
  docs: readonly OrderDoc[],
  facts: readonly string[],
  session: mongo.ClientSession,
): Promise<void> {
  await database.orders.deleteMany({ _id: { $in: docs.map(({ _id }) => _id) } }, { session });
  if (facts.length > 0) await database.orderFacts.deleteMany({ _id: { $in: [...facts] } }, { session });
}

async function keepSold(
  database: Database,
  sold: ReadonlyMap<string, number>,
  session: mongo.ClientSession,
): Promise<void> {
  if (sold.size === 0) return;
  await database.prunedUnits.bulkWrite(
    [...sold].sort().map(([stockKey, units]) => ({
      updateOne: { filter: { _id: stockKey }, update: { $inc: { sold: units } }, upsert: true },
    })),
    { session },
  );
}
