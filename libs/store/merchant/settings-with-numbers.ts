/**
 * Settings and the numbers of the keys that they make, in one transaction: no order comes between, when what is
 * newly counted is still unlimited. More numbers than fit a transaction follow in slices of their own.
 */

import type { mongo } from 'mongoose';
import { stockKey } from '@holdfast/core';
import type { BatchTools } from '../batch/batch.js';
import { InputFault } from '../input/input-fault.js';
import {
  changeStockOf,
  decideAndWrite,
  reportOf,
  SLICE_KEYS,
  type StockChangeReport,
} from './merchant-changes.js';
import { requestProblems, type StockChangeRequest } from './merchant-changes-input.js';
import { keyedRows, type KeyedRow, type RowResult } from './merchant-changes-rows.js';
import { SettingsCache } from '../settings/settings-cache.js';
import type { UnlimitedWarning } from '../settings/settings-warnings.js';
import {
  productProblems,
  setProductsIn,
  setStoreIn,
  storeProblems,
  type ProductChange,
  type ProductChanged,
  type StoreChange,
  type StoreChanged,
} from '../settings/settings-writes.js';
import { transactIn } from '../database/transact.js';

export interface WithNumbers<T> {
  /** undefined: a number was refused, and so the settings are as they were */
  changed: T | undefined;
  /** none when no numbers were given */
  report: StockChangeReport | undefined;
}

/** @throws InputFault naming each wrong field, before anything is changed; TransientFault */
export function setProductWithNumbers(
  tools: BatchTools,
  productId: string,
  change: ProductChange,
  numbers: StockChangeRequest,
): Promise<WithNumbers<ProductChanged>> {
  const { storeId } = numbers;
  return withNumbers(tools, numbers, productProblems(productId, change), async (session) => {
    const [changed] = await setProductsIn(tools.database, session, storeId, [productId], change);
    return changed as ProductChanged;
  });
}

/** @throws InputFault naming each wrong field, before anything is changed; TransientFault */
export function setStoreWithNumbers(
  tools: BatchTools,
  change: StoreChange,
  numbers: StockChangeRequest,
): Promise<WithNumbers<StoreChanged>> {
  const { storeId } = numbers;
  return withNumbers(tools, numbers, storeProblems(storeId, change), (session) =>
    setStoreIn(tools.database, session, storeId, change),
  );
}

async function withNumbers<T extends { warnings: UnlimitedWarning[] }>(
  tools: BatchTools,
  numbers: StockChangeRequest,
  problems: InputFault['problems'],
  setIn: (session: mongo.ClientSession) => Promise<T>,
): Promise<WithNumbers<T>> {
  const given = numbers.rows.length > 0;
  const all = [...problems, ...(given ? requestProblems(numbers) : [])];
  if (all.length > 0) throw new InputFault(all);
  const keyed = keyedRows(numbers.storeId, numbers.rows);
  const first = await firstSlice(tools, numbers, keyed.slice(0, SLICE_KEYS), setIn);
  if (!first.changed) return { changed: undefined, report: placed(numbers, keyed, first.rows) };
  const rest = keyed.slice(SLICE_KEYS);
  const rows = [...first.rows];
  if (rest.length > 0) {
    const later = await changeStockOf(tools, { ...numbers, rows: rest.map(({ row }) => row) });
    rows.push(...later.rows);
  }
  const { changed } = first;
  changed.warnings = unanswered(changed.warnings, numbers.storeId, numbers.rows);
  return { changed, report: given ? placed(numbers, keyed, rows) : undefined };
}

async function firstSlice<T>(
  tools: BatchTools,
  numbers: StockChangeRequest,
  slice: KeyedRow[],
  setIn: (session: mongo.ClientSession) => Promise<T>,
): Promise<{ changed: T | undefined; rows: RowResult[] }> {
  const leave = await tools.gate.enter(new Set([numbers.storeId]));
  try {
    return await tools.sessions.use((session) =>
      transactIn(session, async () => {
        const changed = await setIn(session);
        if (slice.length === 0) return { result: { changed, rows: [] }, keep: true };
        // Settings that are not committed must not get into the cache of this process.
        const own = { ...tools, settings: new SettingsCache(tools.database) };
        const { result: rows } = await decideAndWrite(own, { ...numbers, together: true }, slice, session);
        const refused = rows.some(({ kind }) => kind === 'refused');
        return { result: { changed: refused ? undefined : changed, rows }, keep: !refused };
      }),
    );
  } finally {
    leave();
  }
}

/** The report, each row in its place in the request. */
function placed(
  numbers: StockChangeRequest,
  keyed: readonly KeyedRow[],
  results: readonly RowResult[],
): StockChangeReport {
  const rows: RowResult[] = [];
  keyed.slice(0, results.length).forEach(({ at }, index) => (rows[at] = results[index] as RowResult));
  return reportOf(
    numbers,
    rows.filter((row) => row !== undefined),
  );
}

/** The warnings about keys that the request gave no number, nor said to be unlimited. */
function unanswered(
  warnings: UnlimitedWarning[],
  storeId: string,
  rows: StockChangeRequest['rows'],
): UnlimitedWarning[] {
  const answered = new Set<string>();
  for (const { productId, variantId, date } of rows) {
    answered.add(stockKey(storeId, productId, variantId, date));
    // A dated key is warned of as a pattern: its dates are without end.
    if (date !== undefined) answered.add(stockKey(storeId, productId, variantId, 'YYYY-MM-DD'));
  }
  return warnings.filter((warning) => !answered.has(warning.stockKey));
}
