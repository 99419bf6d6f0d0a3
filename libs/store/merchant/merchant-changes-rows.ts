/** What a merchant's change does to each key, decided on what was read. No I/O. */

import { isDate, isId } from '@holdfast/contracts';
import {
  BLANK,
  changeStock,
  inverseOf,
  MAX_QUANTITY,
  stockKey,
  type MerchantChange,
  type NumberChange,
  type ProductSettings,
  type Stock,
  type StockDelta,
  type StoreSettings,
} from '@holdfast/core';
import { damageText, stockDamage } from '../documents/damage.js';
import type { StockChangeDoc } from '../documents/documents.js';
import type { InputProblem } from '../input/input-fault.js';
import { idProblems } from '../settings/settings-writes.js';

/** One key and what is done to it. */
export interface ChangeRow {
  productId: string;
  variantId?: string;
  /** `YYYY-MM-DD` in the store's time zone; where the store keeps stock by date */
  date?: string;
  change: MerchantChange | UndoChange;
  /** the key's version when the number was shown; refused as `stale` when it has been changed since */
  expected?: number;
}

export interface UndoChange {
  type: 'undo';
  of: StockChangeDoc;
  /** all orders that claim units which the change settled; there may be some that no longer do */
  claimedBy: readonly string[];
}

export type RowRefusal =
  | 'unknown-product'
  | 'inventory-off'
  | 'date-not-used'
  | 'date-required'
  | 'variant-not-used'
  | 'variant-required'
  | 'unknown-variant'
  | 'change-id-used'
  | 'stale'
  | 'unlimited'
  | 'below-zero'
  | 'too-large'
  /** its document is not what it should be; people have to mend it */
  | 'damaged'
  /** it put right what did not add up: taken back, it would not add up again */
  | 'correction'
  /** it would have been changed; others of the same request were refused, which goes together or not at all */
  | 'others-refused';

export type RowResult = { stockKey: string } & (
  | {
      kind: 'changed';
      before: Stock;
      after: Stock;
      /** this change had been made before, under the same change id; nothing was done now */
      repeated: boolean;
    }
  | {
      kind: 'refused';
      reason: RowRefusal;
      /** for people: why, and what to do instead */
      message: string;
      /** the balances as they are; none where the key cannot be */
      current?: Stock;
    }
);

/** A row with its key and its place in the request. */
export interface KeyedRow {
  at: number;
  stockKey: string;
  row: ChangeRow;
}

/** What a slice may look at. */
export interface RowView {
  store: StoreSettings;
  product(productId: string): ProductSettings | undefined;
  stock(stockKey: string): Stock | undefined;
  /** the row's change, when it was made before under this change id */
  known(stockKey: string): StockChangeDoc | undefined;
  /** of a change that is to be undone: units that it settled and that may wait again */
  unsettled(stockKey: string): number;
}

export interface RowChange {
  stockKey: string;
  /** no document yet */
  missing: boolean;
  change: NumberChange | { type: 'correct'; quantity: number | null };
  before: Stock;
  /** what the document has instead, where that is not what it should be */
  found?: Stock;
  after: Stock;
  delta: Omit<StockDelta, 'stockKey'>;
}

export interface RowDecision {
  result: RowResult;
  /** what is to be written; none when refused or repeated */
  write?: RowChange;
}

/** In the order of their keys: every writer takes them in the same order. */
export function keyedRows(storeId: string, rows: readonly ChangeRow[]): KeyedRow[] {
  const keyed = rows.map((row, at) => ({
    at,
    row,
    stockKey: stockKey(storeId, row.productId, row.variantId, row.date),
  }));
  return keyed.sort((a, b) => (a.stockKey < b.stockKey ? -1 : a.stockKey > b.stockKey ? 1 : 0));
}

export function decideRow({ stockKey: key, row }: KeyedRow, view: RowView): RowDecision {
  const known = view.known(key);
  if (known) return repeated(key, row, known);
  const stock = view.stock(key);
  const damage = stock && stockDamage(stock);
  if (damage !== undefined) {
    const message = damageText(key, damage);
    return { result: { kind: 'refused', stockKey: key, reason: 'damaged', message } };
  }
  const refuse = (reason: RowRefusal, message: string): RowDecision => ({
    result: { kind: 'refused', stockKey: key, reason, message, ...(stock && { current: stock }) },
  });
  const before = stock ?? { ...BLANK };
  // A number is taken back also where it is no longer counted by.
  const { change: wanted } = row;
  const misplaced =
    wanted.type === 'undo' ? undefined : placeRefusal(row, view.store, view.product(row.productId));
  if (misplaced) return refuse(...misplaced);
  if (row.expected !== undefined && row.expected !== before.version) {
    const isUndo = wanted.type === 'undo';
    const since = isUndo ? 'again after the change' : 'since you saw it';
    // Taking the later one back is one more change of the key: it would not help.
    const remedy = isUndo ? 'set the number that you want instead' : 'look at it again and decide anew';
    const now = `it is at version ${before.version} with ${left(before)}`;
    return refuse('stale', `${key} was changed ${since} (version ${row.expected}): ${now}; ${remedy}`);
  }
  if (wanted.type === 'undo' && !isInvertible(wanted.of)) {
    const message = `change ${wanted.of.changeId} put right what did not add up in ${key}; set the number instead`;
    return refuse('correction', message);
  }
  const change = changeWanted(wanted, before, view.unsettled(key));
  const decision = changeStock(before, change);
  if (decision.kind === 'refused') return refuse(decision.reason, stockRefusal(key, wanted, before));
  const { stock: after, delta } = decision;
  if (after.free !== null && after.free > MAX_QUANTITY) {
    return refuse('too-large', `${key} would have ${after.free} left; ${MAX_QUANTITY} is the most`);
  }
  return {
    result: { kind: 'changed', stockKey: key, before, after, repeated: false },
    write: { stockKey: key, missing: stock === undefined, change, before, after, delta },
  };
}

/** Unlimited made unlimited: kept under its change id, so that it is not made twice, and nothing to look back at. */
export function changesNothing({ before, after }: Pick<RowChange, 'before' | 'after'>): boolean {
  const numbers = ['free', 'held', 'sold', 'refunded'] as const;
  return numbers.every((number) => before[number] === after[number]);
}

type Invertible = StockChangeDoc & { type: NumberChange['type'] };

function isInvertible(made: StockChangeDoc): made is Invertible {
  return made.type !== 'correct';
}

function changeWanted(wanted: ChangeRow['change'], before: Stock, unsettled: number): NumberChange {
  return wanted.type === 'undo' ? inverseOf(wanted.of as Invertible, before, unsettled) : wanted;
}

function repeated(key: string, row: ChangeRow, known: StockChangeDoc): RowDecision {
  const { change } = row;
  const same =
    change.type === 'undo' ||
    (known.type === change.type && known.quantity === (change.type === 'set' ? change.quantity : change.by));
  if (!same) {
    const made =
      known.type !== 'adjust'
        ? `set it to ${known.quantity ?? 'unlimited'}`
        : `moved it by ${known.quantity}`;
    const message = `change ${known.changeId} has ${made} already; give another change a new id`;
    return { result: { kind: 'refused', stockKey: key, reason: 'change-id-used', message } };
  }
  return {
    result: { kind: 'changed', stockKey: key, before: known.before, after: known.after, repeated: true },
  };
}

/** Whether the store and the product count by what the row names. */
function placeRefusal(
  row: ChangeRow,
  store: StoreSettings,
  product: ProductSettings | undefined,
): [RowRefusal, string] | undefined {
  const { productId, variantId, date } = row;
  if (!product) {
    return ['unknown-product', `${productId} is not known; turn its inventory on first (product set)`];
  }
  if (product.inventory === 'off') {
    return ['inventory-off', `the inventory of ${productId} is off; turn it on first (product set)`];
  }
  if (store.fulfillmentDates && date === undefined) {
    return ['date-required', `the store keeps stock by date; say which date of ${productId} is meant`];
  }
  if (!store.fulfillmentDates && date !== undefined) {
    return ['date-not-used', `the store does not keep stock by date; leave ${date} away, or turn dates on`];
  }
  if (product.inventory === 'product' && variantId !== undefined) {
    return ['variant-not-used', `${productId} is counted as a whole; leave the variant ${variantId} away`];
  }
  if (product.inventory === 'variant' && variantId === undefined) {
    return ['variant-required', `${productId} is counted by variant; say which one${listed(product)}`];
  }
  if (variantId !== undefined && product.variants && !product.variants.includes(variantId)) {
    return ['unknown-variant', `${productId} has no variant ${variantId}${listed(product)}`];
  }
  return undefined;
}

function listed({ variants }: ProductSettings): string {
  if (!variants) return '';
  const more = variants.length > 10 ? `, … (${variants.length} in all)` : '';
  return ` (it has ${variants.slice(0, 10).join(', ')}${more})`;
}

function left({ free }: Stock): string {
  return free === null ? 'unlimited left' : `${free} left`;
}

function stockRefusal(key: string, change: ChangeRow['change'], before: Stock): string {
  if (change.type === 'undo') {
    return `${key} has ${before.free ?? 'unlimited'} left: units that the change added were ordered since; adjust it instead`;
  }
  if (before.free === null) return `${key} is unlimited, so there is nothing to add to; set it to a number`;
  const by = change.type === 'adjust' ? Math.abs(change.by) : 0;
  return `${key} has ${before.free} left, so ${by} cannot be taken away; set it to 0 if that is meant`;
}

/** @param field how the caller calls the row, e.g. `rows[3]` */
export function rowProblems(field: string, row: ChangeRow): InputProblem[] {
  const problems = idProblems(`${field}.productId`, row.productId);
  if (row.variantId !== undefined && !isId(row.variantId)) {
    problems.push(...idProblems(`${field}.variantId`, row.variantId));
  }
  if (row.date !== undefined && !isDate(row.date)) {
    const problem = `${JSON.stringify(row.date)} is not a date`;
    problems.push({ field: `${field}.date`, problem, remedy: 'use a day that exists, as YYYY-MM-DD' });
  }
  const { change } = row;
  if (change.type === 'undo') return problems;
  const number = change.type === 'set' ? change.quantity : change.by;
  const least = change.type === 'set' ? 0 : -MAX_QUANTITY;
  if (change.type === 'set' && number === null) return problems;
  if (number === null || !Number.isInteger(number) || number < least || number > MAX_QUANTITY) {
    const name = change.type === 'set' ? 'quantity' : 'by';
    const or = change.type === 'set' ? ', or unlimited' : '';
    const remedy = `use a whole number from ${least} to ${MAX_QUANTITY}${or}`;
    problems.push({ field: `${field}.${name}`, problem: `${number} is not a number of units`, remedy });
  } else if (change.type === 'adjust' && number === 0) {
    problems.push({
      field: `${field}.by`,
      problem: '0 changes nothing',
      remedy: 'use a number such as 5 or -5',
    });
  }
  return problems;
}
