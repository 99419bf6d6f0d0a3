/**
 * The audit in small pieces, in the background: a store at a time, each as of one moment, slices of its orders with
 * rests in between. What is kept of it says where the pass under way is and what the last whole one found.
 */

import type { mongo } from 'mongoose';
import { Findings, type DifferenceKind } from './audit-findings.js';
import { audit, type AuditReport } from './audit.js';
import { DURABLE, type Database } from '../database/database.js';
import { endOfPrefix } from '../documents/key-ranges.js';
import type { ReconciledDoc, ReconciliationDoc } from '../documents/audit-documents.js';

export const RECONCILIATION = 'audit';
/** Differences that a pass keeps; all are counted. */
const LISTED = 20;

/** Where it is and what it found; undefined before the first pass. */
export async function reconciliation(database: Database): Promise<ReconciliationDoc | undefined> {
  return (await database.reconciliation.findOne({ _id: RECONCILIATION })) ?? undefined;
}

export async function keepReconciliation(
  database: Database,
  state: Omit<ReconciliationDoc, '_id'>,
): Promise<void> {
  await database.reconciliation.replaceOne({ _id: RECONCILIATION }, state, {
    upsert: true,
    writeConcern: DURABLE,
  });
}

export function newPass(startedAt: Date): ReconciledDoc {
  return {
    startedAt,
    stores: 0,
    orders: 0,
    stockKeys: 0,
    differences: 0,
    counts: {},
    listed: [],
    skipped: [],
  };
}

export interface StoreAuditOptions {
  pace: () => Promise<void>;
  /** orders of a slice */
  slice: number;
  overdueAfterMs: number;
}

/** One store, as of one moment. @throws TransientFault; see `isMomentGone` for a store that took too long */
export function auditStore(
  database: Database,
  storeId: string,
  options: StoreAuditOptions,
): Promise<AuditReport> {
  return audit(database, { ...options, storeId, maxListed: LISTED });
}

/** Adds what a store's audit found. */
export function addToPass(pass: ReconciledDoc, { checked, counts, listed, differences }: AuditReport): void {
  pass.stores += 1;
  pass.orders += checked.orders;
  pass.stockKeys += checked.stockKeys;
  pass.differences += differences;
  for (const [kind, count] of Object.entries(counts)) pass.counts[kind] = (pass.counts[kind] ?? 0) + count;
  pass.listed = [...pass.listed, ...listed].slice(0, LISTED);
}

/** What waits to be published is of all stores: looked at once a pass. */
export async function auditOutbox(database: Database, afterMs: number): Promise<Findings> {
  const findings = new Findings<DifferenceKind>(LISTED);
  const oldest = new Date(Date.now() - afterMs);
  const found = database.outbox.find({ at: { $lt: oldest } }, { projection: { at: 1 }, limit: LISTED });
  for await (const { _id, at } of found) {
    const seconds = Math.round((Date.now() - at.getTime()) / 1_000);
    findings.add('unpublished', _id, `${_id}: is unpublished for ${seconds} s`);
  }
  return findings;
}

const OF_STORES = ['orders', 'orderFacts', 'stock', 'stockChanges'] as const;

/** The store behind `after`, in the order of their ids; undefined behind the last. */
export async function nextStore(database: Database, after: string | undefined): Promise<string | undefined> {
  const filter = (
    after === undefined ? {} : { _id: { $gte: endOfPrefix(after + '/') } }
  ) as mongo.Filter<mongo.Document>;
  let first: string | undefined;
  for (const name of OF_STORES) {
    const found = await database.db
      .collection(name)
      .findOne(filter, { sort: { _id: 1 }, projection: { _id: 1 } });
    if (!found) continue;
    const id = String(found._id);
    const storeId = id.slice(0, id.indexOf('/'));
    if (first === undefined || isBefore(storeId, first)) first = storeId;
  }
  return first;
}

/** As the database sorts what begins with it: by bytes. */
function isBefore(storeId: string, other: string): boolean {
  return Buffer.compare(Buffer.from(storeId + '/'), Buffer.from(other + '/')) < 0;
}
