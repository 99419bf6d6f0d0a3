/**
 * The merchant changes numbers: any number of keys, in slices of at most 200, each slice one transaction with
 * its `StockChanged` in the outbox. It takes its keys before it looks at them, so that batches of the same moment
 * come again and not the merchant; larger slices would starve beside the consumers.
 *
 * A change has an id. Making it again, after a crash or a lost answer, finds what was done and does the rest.
 */

import type { mongo } from 'mongoose';
import { encodeStockChanged } from '@holdfast/contracts';
import { BLANK, DEFAULT_STORE, type Settings, type Stock } from '@holdfast/core';
import type { BatchTools } from '../batch/batch.js';
import { ConflictFault } from '../database/faults.js';
import type { StockChangeDoc, StockDoc } from '../documents/documents.js';
import { InputFault } from '../input/input-fault.js';
import { requestProblems, type StockChangeRequest } from './merchant-changes-input.js';
import {
  decideRow,
  keyedRows,
  type KeyedRow,
  type RowChange,
  type RowDecision,
  type RowResult,
} from './merchant-changes-rows.js';
import { nextSequence, outboxDocs } from '../outbox/outbox.js';
import { packed } from '../outbox/outbox-messages.js';
import { noteChange } from './merchant-history.js';
import { claimAgain, settledUnits } from './merchant-undo-claims.js';
import { transactIn, type Work } from '../database/transact.js';

/** Keys that one transaction changes. */
export const SLICE_KEYS = 200;
/** A try that finds a key taken has cost one statement, and people wait for it. */
const MAX_BACKOFF_MS = 16;

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
  return reportOf(request, rows);
}

export function reportOf(request: StockChangeRequest, rows: RowResult[]): StockChangeReport {
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
      transactIn(session, () => decideAndWrite(tools, request, slice, session), MAX_BACKOFF_MS),
    );
  } finally {
    leave();
  }
}

/** One slice, in a transaction that is open: what is refused, made before or only looked at writes nothing. */
export async function decideAndWrite(
  tools: BatchTools,
  request: StockChangeRequest,
  slice: KeyedRow[],
  session: mongo.ClientSession,
): Promise<Work<RowResult[]>> {
  const keys = slice.map(({ stockKey }) => stockKey);
  if (!request.dryRun) await takeKeys(tools, request, keys, session);
  const settings = await loadSettings(tools, request.storeId, slice, session);
  const known = await knownChanges(tools, request, keys, session);
  const stock = await loadStock(tools, keys, session);
  const settled = await settledUnits(tools.database, slice, session);
  const decisions = slice.map((row): RowDecision =>
    decideRow(row, {
      store: settings.store(request.storeId) ?? DEFAULT_STORE,
      product: (productId) => settings.product(request.storeId, productId),
      stock: (key) => stock.get(key),
      known: (key) => known.get(key),
      unsettled: (key) => settled.get(key)?.units ?? 0,
    }),
  );
  const writes = decisions.flatMap(({ write }) => (write ? [write] : []));
  const result = decisions.map((decision) => decision.result);
  if (request.together && result.some(({ kind }) => kind === 'refused')) {
    return { result: result.map(refusedToo), keep: false };
  }
  if (writes.length === 0 || request.dryRun) return { result, keep: false };
  await writeSlice(tools, request, writes, session);
  await claimAgain(tools.database, settled, writes, session);
  await leaveOthers(tools, keys, writes, session);
  return { result, keep: true };
}

/**
 * The transaction's first statement really writes what it will decide on: a batch that comes to these keys later
 * conflicts and is done again. Were they only read here, every batch that got in between would win instead, and on
 * a hot key one always does. The mark never leaves the transaction.
 */
export async function takeKeys(
  { database }: Pick<BatchTools, 'database'>,
  { changeId }: Pick<StockChangeRequest, 'changeId'>,
  keys: string[],
  session: mongo.ClientSession,
): Promise<void> {
  await database.stock.updateMany({ _id: { $in: keys } }, { $set: { takenBy: changeId } }, { session });
}

/** Takes the mark from keys that were looked at and stay as they are. */
async function leaveOthers(
  { database }: BatchTools,
  keys: string[],
  writes: RowChange[],
  session: mongo.ClientSession,
): Promise<void> {
  const written = new Set(writes.map(({ stockKey }) => stockKey));
  const others = keys.filter((key) => !written.has(key));
  if (others.length === 0) return;
  await database.stock.updateMany({ _id: { $in: others } }, { $unset: { takenBy: '' } }, { session });
}

function refusedToo(row: RowResult): RowResult {
  if (row.kind === 'refused') return row;
  const message = `${row.stockKey} is left as it is, because others of the same change were refused`;
  const { stockKey, before: current } = row;
  return { kind: 'refused', stockKey, reason: 'others-refused', message, current };
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
  const filter = { _id: { $in: keys } };
  const docs = await database.stock.find(filter, { session, projection: { takenBy: 0 } }).toArray();
  return new Map(docs.map(({ _id, ...stock }) => [_id, stock]));
}

/** `store/changeId/product/variant/date` */
function changeDocId(storeId: string, changeId: string, stockKey: string): string {
  return storeId + '/' + changeId + stockKey.slice(storeId.length);
}

export async function writeSlice(
  tools: BatchTools,
  request: Omit<StockChangeRequest, 'rows'>,
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
  const packs = packed([message]);
  const outbox = outboxDocs(nextSequence(0, Date.now()), new Date(), packs, []);
  await database.outbox.insertMany(outbox, { session });
  await noteChange(database, request, writes, session);
}

/** Rows made under this change id so far: numbers the messages, as each has at least one row. */
function earlierRows(
  { database }: BatchTools,
  { storeId, changeId }: Pick<StockChangeRequest, 'storeId' | 'changeId'>,
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
    updates.map(({ stockKey, before, found = before, after }) => ({
      updateOne: {
        filter: { _id: stockKey, ...found },
        update: { $set: after, $unset: { takenBy: '' as const } },
      },
    })),
    { session },
  );
  if (reply.matchedCount !== updates.length) {
    throw new ConflictFault(`stock: ${reply.matchedCount} of ${updates.length} guards held`);
  }
}

function changeDoc(request: Omit<StockChangeRequest, 'rows'>, write: RowChange, at: number): StockChangeDoc {
  const { storeId, changeId, actor, reason } = request;
  const { change, stockKey, before, after } = write;
  const doc: StockChangeDoc = {
    _id: changeDocId(storeId, changeId, stockKey),
    changeId,
    stockKey,
    version: after.version,
    type: change.type,
    quantity: change.type === 'adjust' ? change.by : change.quantity,
    before: { ...BLANK, ...before },
    after,
    actor,
    at: new Date(at),
  };
  if (change.type === 'restore') doc.unsettled = change.unsettled;
  if (reason !== undefined) doc.reason = reason;
  return doc;
}
