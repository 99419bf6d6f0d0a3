/**
 * Documents that were changed by hand and are no longer what this library writes. Nothing is computed with what is no
 * number: whoever meets it says where it is, and how it is put right.
 */

import { BLANK, GuardFault, type Stock } from '@holdfast/core';
import type { OrderDoc } from './documents.js';

const REPAIR = '`npm run ops -- audit` says what differs, and with --repair it is put right';
/** No repair can know what an order was. */
export const ORDER_REMEDY =
  "bring it back from a backup of 'orders' and 'orderFacts', or from a database that `npm run ops -- rebuild` has made";

/** Nothing was changed, and waiting does not help: people have to mend the document. */
export class DamagedFault extends GuardFault {
  override name = 'DamagedFault';
  constructor(
    /** the stock key, or `store/order` */
    readonly subject: string,
    what: string,
    { remedy = REPAIR, ...options }: ErrorOptions & { remedy?: string } = {},
  ) {
    super(damageText(subject, what, remedy), options);
  }
}

export function damageText(subject: string, what: string, remedy = REPAIR): string {
  return `${subject} was changed by hand: ${what}; ${remedy}`;
}

const COUNTS = ['held', 'sold', 'refunded', 'settlement', 'version'] as const;

/** What `free` may be. */
export function isLeft(free: unknown): free is number | null {
  return free === null || Number.isInteger(free);
}

/** What is wrong with the balances, for people; undefined when nothing is. */
export function stockDamage(stock: Stock): string | undefined {
  if (!isLeft(stock.free)) {
    return `free is ${JSON.stringify(stock.free)}, neither a whole number nor null`;
  }
  const wrong = COUNTS.find((name) => !Number.isInteger(stock[name]));
  return wrong && `${wrong} is ${JSON.stringify(stock[wrong])}, not a whole number`;
}

/** The balances with 0 for what is no number, so that a repair can compute with them. */
export function believed(stock: Stock): Stock {
  const sound = { ...BLANK, free: isLeft(stock.free) ? stock.free : 0 };
  for (const name of COUNTS) if (Number.isInteger(stock[name])) sound[name] = stock[name];
  return sound;
}

/** @throws DamagedFault when the order's facts cannot be had from its document */
export function throwIfDamaged(doc: Pick<OrderDoc, '_id' | 'entries' | 'placed' | 'claims'>): void {
  const damage = factsDamage(doc);
  if (damage !== undefined) throw new DamagedFault(doc._id, damage, { remedy: ORDER_REMEDY });
}

function factsDamage({ entries, placed, claims }: Pick<OrderDoc, 'entries' | 'placed' | 'claims'>) {
  if (!Number.isInteger(entries)) return `entries is ${JSON.stringify(entries)}, not a whole number`;
  if (claims !== undefined && !Array.isArray(claims)) return 'claims is no list';
  return placed === undefined ? undefined : placedDamage(placed);
}

function placedDamage(placed: NonNullable<OrderDoc['placed']>): string | undefined {
  for (const name of ['occurredAt', 'dueAt'] as const) {
    const time: unknown = placed?.[name];
    if (!(time instanceof Date)) return `placed.${name} is ${JSON.stringify(time)}, not a time`;
  }
  if (!Array.isArray(placed.lines)) return 'placed.lines is no list';
  for (const [at, line] of placed.lines.entries()) {
    const { productId, quantity } = line ?? {};
    if (typeof productId !== 'string' || !Number.isInteger(quantity)) {
      return `placed.lines.${at} is ${JSON.stringify(line)}, without a productId or a whole quantity`;
    }
  }
  return undefined;
}

/** What `view` makes of an order. @throws DamagedFault when it cannot be made, as where a fact's lines are a text */
export function viewed<T>(orderKey: string, view: () => T): T {
  try {
    return view();
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof RangeError)) throw error;
    throw new DamagedFault(orderKey, error.message, { remedy: ORDER_REMEDY, cause: error });
  }
}

/** A balance for people, also one that somebody wrote by hand and that is no number. */
export function shown(value: unknown): string {
  if (value === null) return 'unlimited';
  if (value === undefined) return 'missing';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
