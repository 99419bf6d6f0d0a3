/** Reads everything that a batch of events may look at. */

import type { mongo } from 'mongoose';
import { BLANK, GuardFault, orderKey, WorkingSet, type OrderEvent, type Settings } from '@holdfast/core';
import type { BatchTools } from './batch.js';
import { DamagedFault, isLeft, ORDER_REMEDY, shown, throwIfDamaged, viewed } from '../documents/damage.js';
import type { Database } from '../database/database.js';
import type { OrderDoc, OrderFactDoc, StockDoc } from '../documents/documents.js';
import type { EnoughStock } from './enough-stock.js';
import { AUDIT_SAYS_WHERE } from '../database/faults.js';
import { factIds, orderFrom } from '../documents/order-documents.js';
import type { RememberedSettings } from '../settings/settings-cache.js';
import { findByIds } from '../wire/commands.js';

/** What a batch decides on. */
export interface LoadedBatch {
  /** so many events, from the first, fit into one transaction */
  events: number;
  /** `orderKey` of each, made once: to put it together and to hash it anew costs 0.1 µs each time */
  keys: readonly string[];
  orders: Map<string, OrderDoc>;
  working: WorkingSet;
  highestSequence: number;
  /** an order whose first event places it was there already */
  placedAgain: boolean;
  /** the settings, where they are still to be confirmed before what is decided counts */
  remembered: RememberedSettings | undefined;
}

/** How much is read of what a batch may look at. */
export interface Reading {
  /** also keys that the events only move from held to sold, for who has more to add to what is loaded */
  whole?: boolean;
  /** not the orders whose first event here places them: they are new, or their insertion fails */
  expectNew?: boolean;
  /** settings as they are remembered, where all are */
  remember?: boolean;
  /** absent: all keys of orders that are placed are read */
  enough?: EnoughStock | undefined;
}

/** Lines in one transaction, those of the orders it reads included: what fits its time and size. */
export const MAX_BATCH_LINES = 8_000;
/** Orders read at first, so that a batch of very long orders is noticed early; then as many as will fit. */
const FIRST_READ = 500;
/** Nor is more read at a time than so often what was read before: the first may have been short ones. */
const READ_GROWTH = 3;
const NEEDED_STOCK = { free: 1, settlement: 1 };
type NeededStock = Pick<StockDoc, '_id' | 'free' | 'settlement'>;

/** One query each. */
export async function loadBatch(
  tools: BatchTools,
  all: readonly OrderEvent[],
  session: mongo.ClientSession,
  { whole = false, expectNew = false, remember = false, enough }: Reading = {},
): Promise<LoadedBatch> {
  const { database } = tools;
  const read = await loadOrders(database, all, session, expectNew);
  const { events, keys: orderKeys, orders, placedAgain } = read;
  let remembered = remember ? tools.settings.remembered(events) : undefined;
  const working = new WorkingSet(remembered?.settings ?? (await loadSettings(tools, read, session)));
  const docs = [...orders.values()];
  const facts = await loadFacts(database, docs, session);
  let highestSequence = 0;
  for (const doc of docs) {
    if (!Number.isInteger(doc.version)) {
      throw new DamagedFault(doc._id, `version is ${shown(doc.version)}, not a whole number`);
    }
    working.loadOrder(viewed(doc._id, () => orderFrom(doc, facts.get(doc._id) ?? [])));
    if (doc.seq > highestSequence) highestSequence = doc.seq;
  }
  const { toRead, unread } = working.keysOf(events, orderKeys, enough);
  const keys = [...toRead, ...(whole ? unread : [])].sort();
  if (remembered && keys.length > 0) {
    // A key that is found damaged must be one that counts.
    await remembered.confirm(session);
    remembered = undefined;
  }
  const stock = await findByIds<NeededStock>(database.db, 'stock', keys, session, NEEDED_STOCK);
  // A decision looks at no other balance, and a write is about differences: what it takes is guarded.
  for (const { _id, free, settlement } of stock) {
    if (!isLeft(free) || !Number.isInteger(settlement)) {
      const found = `free ${shown(free)} and settlement ${shown(settlement)}`;
      throw new GuardFault(`the stock of ${_id} has ${found}: ${AUDIT_SAYS_WHERE}`);
    }
    working.loadStock(_id, { ...BLANK, free, settlement });
  }
  if (enough) working.expectEnoughBut(keys);
  if (!whole) for (const key of unread) working.loadUnread(key);
  return {
    events: events.length,
    keys: orderKeys,
    orders,
    working,
    highestSequence,
    placedAgain,
    remembered,
  };
}

interface LoadedOrders {
  events: readonly OrderEvent[];
  /** of each event, and perhaps of some that follow */
  keys: readonly string[];
  orders: Map<string, OrderDoc>;
  placedAgain: boolean;
}

/** The orders of as many events as fit: a batch ends where its lines, read and new, are too many. */
async function loadOrders(
  database: Database,
  all: readonly OrderEvent[],
  session: mongo.ClientSession,
  expectNew: boolean,
): Promise<LoadedOrders> {
  const orders = new Map<string, OrderDoc>();
  const keys = all.map(orderKey);
  const met = new Set<string>();
  let lines = 0;
  let placedAgain = false;
  for (let from = 0, size = FIRST_READ; from < all.length; from += size, size = nextRead(size, from, lines)) {
    const chunk = all.slice(from, from + size);
    const ids: string[] = [];
    for (let at = 0; at < chunk.length; at++) {
      const event = chunk[at] as OrderEvent;
      const id = keys[from + at] as string;
      if (met.has(id)) continue;
      met.add(id);
      if (!expectNew || event.type !== 'placed') ids.push(id);
    }
    const found = new Map(
      (await findByIds<OrderDoc>(database.db, 'orders', ids.sort(), session)).map((doc) => [doc._id, doc]),
    );
    for (let at = 0; at < chunk.length; at++) {
      const event = chunk[at] as OrderEvent;
      const id = keys[from + at] as string;
      const doc = orders.has(id) ? undefined : found.get(id);
      // Before its lines are counted and its facts looked for.
      if (doc) throwIfDamaged(doc);
      lines += event.type === 'placed' ? event.lines.length : 1;
      lines += doc?.placed?.lines.length ?? 0;
      if (lines > MAX_BATCH_LINES && from + at > 0) {
        return { events: all.slice(0, from + at), keys, orders, placedAgain };
      }
      if (!doc) continue;
      orders.set(id, doc);
      placedAgain ||= event.type === 'placed';
    }
  }
  return { events: all, keys, orders, placedAgain };
}

/** @param from how many came before the `size` that were read last, and made `lines` with them */
function nextRead(size: number, from: number, lines: number): number {
  const fits = Math.ceil((MAX_BATCH_LINES - lines) / (lines / from));
  return Math.max(1, Math.min(READ_GROWTH * size, fits));
}

function loadSettings(
  tools: BatchTools,
  { events, keys, orders }: LoadedOrders,
  session: mongo.ClientSession,
): Promise<Settings> {
  const wanted = new Map<string, Set<string>>();
  for (const [at, event] of events.entries()) {
    if (event.type !== 'placed' || orders.get(keys[at] as string)?.placed) continue;
    let products = wanted.get(event.storeId);
    if (!products) wanted.set(event.storeId, (products = new Set()));
    for (const line of event.lines) products.add(line.productId);
  }
  return tools.settings.load(wanted, session);
}

async function loadFacts(
  database: Database,
  docs: OrderDoc[],
  session: mongo.ClientSession,
): Promise<Map<string, OrderFactDoc[]>> {
  const facts = new Map<string, OrderFactDoc[]>();
  const ids = docs.flatMap(factIds);
  if (ids.length === 0) return facts;
  const byId = new Map(
    (await findByIds<OrderFactDoc>(database.db, 'orderFacts', ids, session)).map((fact) => [fact._id, fact]),
  );
  for (const doc of docs) {
    facts.set(
      doc._id,
      factIds(doc).map((id) => {
        const fact = byId.get(id);
        if (!fact) throw new DamagedFault(doc._id, `its fact ${id} is gone`, { remedy: ORDER_REMEDY });
        return fact;
      }),
    );
  }
  return facts;
}
