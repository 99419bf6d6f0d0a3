/**
 * Takes a merchant's change back: for each of its keys the inverse, as a change of its own, while no later one
 * touched the key and what can be ordered stays at 0 or more. See docs/decisions/0005-undo-of-a-change.md.
 */

import { parseStockKey } from '@holdfast/core';
import type { BatchTools } from '../batch/batch.js';
import type { Database } from '../database/database.js';
import type { StockChangeDoc } from '../documents/documents.js';
import { InputFault } from '../input/input-fault.js';
import type { StockChangeRequest } from './merchant-changes-input.js';
import type { ChangeRow } from './merchant-changes-rows.js';
import { changeStockOf, SLICE_KEYS, type StockChangeReport } from './merchant-changes.js';
import { keysOfChange } from './merchant-history.js';
import { claimants } from './merchant-undo-claims.js';
import { idProblems } from '../settings/settings-writes.js';
import { inSnapshot } from '../database/snapshot.js';

export interface UndoRequest extends Pick<StockChangeRequest, 'storeId' | 'actor' | 'reason' | 'source'> {
  /** the change to take back */
  undoes: string;
  /** names the change that takes it back */
  changeId: string;
}

export type UndoResult =
  | { kind: 'undone'; report: StockChangeReport }
  /**
   * Nothing was changed, unless the change has more keys than fit a transaction and somebody got in between: then
   * the report names the keys that were
   */
  | { kind: 'refused'; report: StockChangeReport }
  | { kind: 'undone-before'; by: string }
  | { kind: 'unknown' };

/** @throws InputFault, TransientFault (ask again under the same change id) */
export async function undoChange(tools: BatchTools, request: UndoRequest): Promise<UndoResult> {
  const { storeId, undoes, changeId } = request;
  const problems = [...idProblems('undoes', undoes), ...idProblems('changeId', changeId)];
  if (problems.length > 0) throw new InputFault(problems);
  const { merchantChanges } = tools.database;
  const made = await merchantChanges.findOne({ _id: storeId + '/' + undoes });
  if (!made) return { kind: 'unknown' };
  if (made.undone !== undefined && made.undone !== changeId)
    return { kind: 'undone-before', by: made.undone };
  const own = await merchantChanges.findOne({ _id: storeId + '/' + changeId });
  if (own && own.undoes !== undoes) {
    const remedy = 'give another id, or none';
    throw new InputFault([{ field: 'changeId', problem: 'names another change already', remedy }]);
  }
  const rows = await undoRows(tools.database, storeId, undoes);
  if (rows.length === 0) return { kind: 'unknown' };
  const change: StockChangeRequest = { ...request, rows, together: true };
  // More than one transaction: looked at as a whole first, so that a refusal is known before anything is changed.
  if (rows.length > SLICE_KEYS && !own) {
    const look = await changeStockOf(tools, { ...change, together: false, dryRun: true });
    if (look.refused > 0) return refused({ ...look, dryRun: false, changed: 0, repeated: 0 });
  }
  const report = await changeStockOf(tools, change);
  return report.refused > 0 ? refused(report) : { kind: 'undone', report };
}

/** Where nothing was changed, only the keys that are the reason are named. */
function refused(report: StockChangeReport): UndoResult {
  if (report.changed > 0) return { kind: 'refused', report };
  const rows = report.rows.filter((row) => row.kind === 'refused' && row.reason !== 'others-refused');
  return { kind: 'refused', report: { ...report, rows, refused: rows.length } };
}

/** None while the change is not durable. */
function undoRows(database: Database, storeId: string, changeId: string): Promise<ChangeRow[]> {
  return inSnapshot(database, async (session) => {
    const made = await keysOfChange(database, storeId, changeId, session);
    const claimedBy = await claimants(database, storeId, made, session);
    return made.map((of) => undoRow(of, claimedBy.get(of.stockKey) ?? []));
  });
}

function undoRow(of: StockChangeDoc, claimedBy: readonly string[]): ChangeRow {
  const { productId, variantId, fulfillmentDate } = parseStockKey(of.stockKey);
  const row: ChangeRow = { productId, change: { type: 'undo', of, claimedBy }, expected: of.version };
  if (variantId !== undefined) row.variantId = variantId;
  if (fulfillmentDate !== undefined) row.date = fulfillmentDate;
  return row;
}
