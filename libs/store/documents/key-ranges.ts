/** Filters on stock keys and on a store's orders that the index on `_id` serves. */

import type { mongo } from 'mongoose';
import type { OrderDoc, StockDoc } from './documents.js';

export interface KeyFilter {
  productIds?: readonly string[];
  /** null: the product's own number, of no variant */
  variantIds?: readonly (string | null)[];
  dates?: readonly (string | null)[];
  /** first and last date, `YYYY-MM-DD`, both included; not together with `dates` */
  between?: { from: string; to: string };
}

/** The first text after all that begin with `prefix`, which ends in `/`. */
export function endOfPrefix(prefix: string): string {
  return prefix.slice(0, -1) + '0';
}

/** All orders of a store, which begin with its id. */
export function ordersOf(storeId: string): mongo.Filter<OrderDoc> {
  const prefix = storeId + '/';
  return { _id: { $gte: prefix, $lt: endOfPrefix(prefix) } };
}

/** @param after only keys behind this one */
export function keysOf(storeId: string, filter: KeyFilter, after?: string): mongo.Filter<StockDoc> {
  const prefixes = filter.productIds
    ? [...new Set(filter.productIds)].map((productId) => `${storeId}/${productId}/`)
    : [storeId + '/'];
  const ranges = prefixes.map((prefix) => ({ _id: { $gte: prefix, $lt: endOfPrefix(prefix) } }));
  const all: mongo.Filter<StockDoc>[] = [ranges.length === 1 ? ranges[0]! : { $or: ranges }];
  const pattern = patternOf(filter);
  // On the key alone, so that the index is filtered before any document is read.
  if (pattern !== undefined) all.push({ _id: { $regex: pattern } });
  if (filter.between) all.push({ _id: { $regex: betweenPattern(filter.between) } });
  if (after !== undefined) all.push({ _id: { $gt: after } });
  return all.length === 1 ? all[0]! : { $and: all };
}

function patternOf({ variantIds, dates }: KeyFilter): string | undefined {
  if (!variantIds && !dates) return undefined;
  const part = (values: readonly (string | null)[] | undefined): string =>
    values ? `(?:${values.map((value) => (value === null ? '-' : escaped(value))).join('|')})` : '[^/]+';
  return `/${part(variantIds)}/${part(dates)}$`;
}

/** The months that the dates lie in; days outside are for the reader to leave out. */
function betweenPattern({ from, to }: { from: string; to: string }): string {
  const months: string[] = [];
  const last = to.slice(0, 7);
  let [year, month] = from.slice(0, 7).split('-').map(Number) as [number, number];
  for (;;) {
    const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;
    if (text > last) break;
    months.push(text);
    month += 1;
    if (month > 12) [year, month] = [year + 1, 1];
  }
  return `/(?:${months.join('|')})-[0-9][0-9]$`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
