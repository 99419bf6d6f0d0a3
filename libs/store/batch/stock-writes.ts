/**
 * Stock changes as update statements. Keys that change alike share one statement; its filter is the guard, so
 * the number of keys it matches says whether everything that was taken was there.
 */

import type { StockChange } from '@holdfast/core';
import type { StockDoc } from '../documents/documents.js';
import type { UpdateStatement } from '../wire/commands.js';

export interface StockWrites {
  updates: UpdateStatement[];
  /** keys that the statements must match, all together */
  matches: number;
  inserts: StockDoc[];
}

export function stockWrites(changes: readonly StockChange[]): StockWrites {
  const groups = new Map<number | string, StockChange[]>();
  const inserts: StockDoc[] = [];
  let matches = 0;
  for (const change of changes) {
    if (change.missing) {
      inserts.push({ _id: change.stockKey, ...change.after });
      continue;
    }
    matches += 1;
    const group = signature(change);
    const same = groups.get(group);
    if (same) same.push(change);
    else groups.set(group, [change]);
  }
  return { updates: [...groups.values()].map(statement), matches, inserts };
}

/** The same for changes that one statement makes: the units alone where they only went from free to held, as most do. */
function signature(change: StockChange): number | string {
  const { blank, unread, free, held, sold, refunded, drawdown } = change;
  const isOrdered =
    !blank && !unread && held === -free && drawdown.free === held && sold === 0 && refunded === 0;
  if (isOrdered && drawdown.held === 0 && drawdown.sold === 0 && drawdown.refunded === 0) return held;
  return `${blank}|${unread}|${free}|${held}|${sold}|${refunded}|${drawdown.free}|${drawdown.held}|${drawdown.sold}|${drawdown.refunded}`;
}

const BALANCES = ['held', 'sold', 'refunded'] as const;

function statement(changes: StockChange[]): UpdateStatement {
  const first = changes[0] as StockChange;
  // Sorted: every writer takes its keys in the same order, and neighbours share a page.
  const keys = changes.map((change) => change.stockKey).sort();
  const q: Record<string, unknown> = { _id: keys.length === 1 ? keys[0] : { $in: keys } };
  const inc: Record<string, number> = {};
  if (first.blank) q['free'] = null;
  else if (!first.unread) {
    q['free'] = { $gte: first.drawdown.free };
    if (first.free !== 0) inc['free'] = first.free;
  }
  for (const balance of BALANCES) {
    if (first.drawdown[balance] > 0) q[balance] = { $gte: first.drawdown[balance] };
    if (first[balance] !== 0) inc[balance] = first[balance];
  }
  // Moved and moved back: nothing to add, but what was there on the way must still be there.
  if (Object.keys(inc).length === 0) inc['held'] = 0;
  return { q, u: { $inc: inc }, multi: true };
}
