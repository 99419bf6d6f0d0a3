/**
 * The merchant changes numbers: any number of keys, in slices of at most 200, each slice one transaction with
 * its `StockChanged` in the outbox. What was read is guarded, so that orders of the same moment are never lost;
 * larger slices would starve beside the consumers.
 *
 * A change has an id. Making it again, after a crash or a lost answer, finds what was done and does the rest.
 */

import type { mongo } from 'mongoose';
import { encodeStockChanged } from '@holdfast/contracts';
import { BLANK, DEFAULT_STORE, type Settings, type Stock } from '@holdfast/core';
import type { BatchTools } from './apply-batch.js';
import { ConflictFault } from './faults.js';
import type { StockChangeDoc, StockDoc } from './documents.js';
import { InputFault, type InputProblem } from './input-fault.js';
import {
  decideRow,
  keyedRows,
  rowProblems,
  type ChangeRow,
  type KeyedRow,
  type RowChange,
  type RowDecision,
  type RowResult,
} from './merchant-changes-rows.js';
import { nextSequence, outboxDocs } from './outbox.js';
import { idProblems } from './settings-writes.js';
import { transactIn, type Work } from './transact.js';

/** Keys that one transaction changes. */
export const SLICE_KEYS = 200;
/** Most rows of one change. */
export const MAX_CHANGE_ROWS = 10_000;
export const MAX_REASON = 500;
export const MAX_ACTOR = 200;

export interface StockChangeRequest {
  storeId: string;
  /** names this change for good: made again under the same id, it is not made twice */
  changeId: string;
  /** who did it, kept with the change */
  actor: string;
  reason?: string;
  rows: readonly ChangeRow[];
  /** true: says what would happen and writes nothing */
  dryRun?: boolean;
  /** the `cause` of the outcomes; `ops` unless said otherwise */
  source?: 'ops' | 'api';
  /** epoch ms; the time of the change, now unless said otherwise */
  at?: number;
}

export interface StockChangeReport {
  storeId: string;
  changeId: string;
  dryRun: boolean;
  /** one per row, in the order of the request */
  rows: RowResult[];
  changed: number;
  /** of `changed`: made before under the same change id */
  repeated: number;
  refused: number;
}

/**
 * Sets or adjusts stock. Each row is answered by itself; a refused one does not stop the others.
 * @throws InputFault naming every wrong field, before anything is changed; TransientFault when the database is
 *   away, with the slices so far kept: ask again under the same change id
 */
export async function changeStockOf(
  tools: BatchTools,
  request: StockChangeRequest,
): Promise<StockChangeReport> {
  const problems = requestProblems(request);
  if (problems.length > 0) throw new InputFault(problems);
  const keyed = keyedRows(request.storeId, request.rows);
  const rows: RowResult[] = [];
  for (let from = 0; from < keyed.length; from += SLICE_KEYS) {
    const slice = keyed.slice(from, from + SLICE_KEYS);
    const results = await applySlice(tools, request, slice);
    slice.forEach(({ at }, index) => (rows[at] = results[index] as RowResult));
  }
  const changed = rows.filter((row) => row.kind === 'changed');
  return {
    storeId: request.storeId,
    changeId: request.changeId,
    dryRun: request.dryRun === true,
    rows,
    changed: changed.length,
    repeated: changed.filter((row) => row.repeated).length,
    refused: rows.length - changed.length,
  };
}

async function applySlice(
  tools: BatchTools,
  request: StockChangeRequest,
  slice: KeyedRow[],
): Promise<RowResult[]> {
  const leave = await tools.gate.enter(new Set([request.storeId]));
  try {
    return await tools.sessions.use((session) =>
      transactIn(session, () => decideAndWrite(tools, request, slice, session)),
    );
  } finally {
    leave();
  }
}

async function decideAndWrite(
  tools: BatchTools,
  request: StockChangeRequest,
  slice: KeyedRow[],
  session: mongo.ClientSession,
): Promise<Work<RowResult[]>> {
  const settings = await loadSettings(tools, request.storeId, slice, session);
  const keys = slice.map(({ stockKey }) => stockKey);
  const known = await knownChanges(tools, request, keys, session);
  const stock = await loadStock(tools, keys, session);
  const decisions = slice.map((row): RowDecision =>
    decideRow(row, {
      store: settings.store(request.storeId) ?? DEFAULT_STORE,
      product: (productId) => settings.product(request.storeId, productId),
      stock: (key) => stock.get(key),
      known: (key) => known.get(key),
    }),
  );
  const writes = decisions.flatMap(({ write }) => (write ? [write] : []));
  const result = decisions.map((decision) => decision.result);
  if (writes.length === 0 || request.dryRun) return { result, keep: false };
  await writeSlice(tools, request, writes, session);
  return { result, keep: true };
}

function loadSettings(
  tools: BatchTools,
  storeId: string,
  slice: KeyedRow[],
  session: mongo.ClientSession,
): Promise<Settings> {
  const products = new Set(slice.map(({ row }) => row.productId));
  return tools.settings.load(new Map([[storeId, products]]), session);
}

async function knownChanges(
  { database }: BatchTools,
  { storeId, changeId }: StockChangeRequest,
  keys: string[],
  session: mongo.ClientSession,
): Promise<Map<string, StockChangeDoc>> {
  const ids = keys.map((key) => changeDocId(storeId, changeId, key));
  const docs = await database.stockChanges.find({ _id: { $in: ids } }, { session }).toArray();
  return new Map(docs.map((doc) => [doc.stockKey, doc]));
}

async function loadStock(
  { database }: BatchTools,
  keys: string[],
  session: mongo.ClientSession,
): Promise<Map<string, Stock>> {
  const docs = await database.stock.find({ _id: { $in: keys } }, { session }).toArray();
  return new Map(docs.map(({ _id, ...stock }) => [_id, stock]));
}

/** `store/changeId/product/variant/date` */
function changeDocId(storeId: string, changeId: string, stockKey: string): string {
  return storeId + '/' + changeId + stockKey.slice(storeId.length);
}

async function writeSlice(
  tools: BatchTools,
  request: StockChangeRequest,
  writes: RowChange[],
  session: mongo.ClientSession,
): Promise<void> {
  const { database } = tools;
  const { storeId } = request;
  const at = request.at ?? Date.now();
  // Written by every slice: settings that change meanwhile, and slices of the same change id, conflict.
  await database.stores.updateOne({ _id: storeId }, { $inc: { changes: 1 } }, { session });
  const chunk = await earlierRows(tools, request, session);
  await writeStock(tools, writes, session);
  await database.stockChanges.insertMany(
    writes.map((write) => changeDoc(request, write, at)),
    { session },
  );
  const message = encodeStockChanged({
    storeId,
    changeId: request.changeId,
    chunk,
    cause: { topic: request.source ?? 'ops', eventId: request.changeId },
    occurredAt: at,
    rows: writes.map(({ stockKey, delta, after }) => ({
      stockKey,
      delta,
      keyVersion: after.version,
      unlimited: after.free === null,
    })),
  });
  const { topic, key, id, value } = message;
  const outbox = outboxDocs(nextSequence(0, Date.now()), new Date(), [{ topic, key, id, value }], []);
  await database.outbox.insertMany(outbox, { session });
}

/** Rows made under this change id so far: numbers the messages, as each has at least one row. */
function earlierRows(
  { database }: BatchTools,
  { storeId, changeId }: StockChangeRequest,
  session: mongo.ClientSession,
): Promise<number> {
  const prefix = storeId + '/' + changeId;
  return database.stockChanges.countDocuments({ _id: { $gt: prefix + '/', $lt: prefix + '0' } }, { session });
}

async function writeStock(
  { database }: BatchTools,
  writes: RowChange[],
  session: mongo.ClientSession,
): Promise<void> {
  const inserts = writes.filter(({ missing }) => missing);
  const updates = writes.filter(({ missing }) => !missing);
  if (inserts.length > 0) {
    const docs = inserts.map(({ stockKey, after }): StockDoc => ({ _id: stockKey, ...after }));
    await database.stock.insertMany(docs, { session });
  }
  if (updates.length === 0) return;
  const reply = await database.stock.bulkWrite(
    updates.map(({ stockKey, before, after }) => ({
      updateOne: { filter: { _id: stockKey, ...before }, update: { $set: after } },
    })),
    { session },
  );
  if (reply.matchedCount !== updates.length) {
    throw new ConflictFault(`stock: ${reply.matchedCount} of ${updates.length} guards held`);
  }
}

function changeDoc(request: StockChangeRequest, write: RowChange, at: number): StockChangeDoc {
  const { storeId, changeId, actor, reason } = request;
  const { change, stockKey, before, after } = write;
  const doc: StockChangeDoc = {
    _id: changeDocId(storeId, changeId, stockKey),
    changeId,
    stockKey,
    version: after.version,
    type: change.type,
    quantity: change.type === 'set' ? change.quantity : change.by,
    before: { ...BLANK, ...before },
    after,
    actor,
    at: new Date(at),
  };
  if (reason !== undefined) doc.reason = reason;
  return doc;
}

function requestProblems(request: StockChangeRequest): InputProblem[] {
  const { rows, actor, reason } = request;
  const problems = [...idProblems('storeId', request.storeId), ...idProblems('changeId', request.changeId)];
  if (actor.trim() === '' || actor.length > MAX_ACTOR) {
    const remedy = `say who changes the stock, in at most ${MAX_ACTOR} characters`;
    problems.push({ field: 'actor', problem: `${actor.length} characters`, remedy });
  }
  if (reason !== undefined && reason.length > MAX_REASON) {
    const problem = `${reason.length} characters`;
    problems.push({ field: 'reason', problem, remedy: `use at most ${MAX_REASON}` });
  }
  if (rows.length === 0 || rows.length > MAX_CHANGE_ROWS) {
    const remedy = `name 1 to ${MAX_CHANGE_ROWS} keys; make several changes of more`;
    problems.push({ field: 'rows', problem: `${rows.length} rows`, remedy });
    return problems;
  }
  const seen = new Map<string, number>();
  rows.forEach((row, at) => {
    problems.push(...rowProblems(`rows[${at}]`, row));
    const key = `${row.productId}/${row.variantId ?? '-'}/${row.date ?? '-'}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, at);
    else {
      const problem = `is the same key as rows[${first}]`;
      problems.push({ field: `rows[${at}]`, problem, remedy: 'name each key once' });
    }
  });
  return problems;
}
