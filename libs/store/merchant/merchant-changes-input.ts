/** What a merchant's change asks for, and what is wrong with it before anything is looked at. */

import type { InputProblem } from '../input/input-fault.js';
import { rowProblems, type ChangeRow } from './merchant-changes-rows.js';
import { idProblems } from '../settings/settings-writes.js';
import { whoAndWhyProblems, type WhoAndWhy } from '../input/who-and-why.js';

/** Most rows of one change. */
export const MAX_CHANGE_ROWS = 10_000;

export interface StockChangeRequest extends WhoAndWhy {
  storeId: string;
  /** names this change for good: made again under the same id, it is not made twice */
  changeId: string;
  rows: readonly ChangeRow[];
  /** true: says what would happen and writes nothing */
  dryRun?: boolean;
  /** the `cause` of the outcomes; `ops` unless said otherwise */
  source?: 'ops' | 'api';
  /** epoch ms; the time of the change, now unless said otherwise */
  at?: number;
  /** a slice of which one row is refused is not changed at all */
  together?: boolean;
  /** the change that this one takes back */
  undoes?: string;
}

export function requestProblems(request: StockChangeRequest): InputProblem[] {
  const { rows } = request;
  const problems = [
    ...idProblems('storeId', request.storeId),
    ...idProblems('changeId', request.changeId),
    ...whoAndWhyProblems(request),
  ];
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
