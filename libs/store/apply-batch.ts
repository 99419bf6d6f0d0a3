/**
 * One batch is one transaction: read orders, settings and stock; decide in memory, in order; write stock under
 * guards, orders, outbox and the lane's progress; commit. The order's document is the inbox: a record that
 * comes again finds its fact known and writes nothing.
 */

import { mongo } from 'mongoose';
import {
  countingOf,
  LaneLostFault,
  orderKey,
  WorkingSet,
  type Decision,
  type OrderEvent,
  type Settings,
} from '@holdfast/core';
import { BatchPlan, type OrderWrites } from './batch-plan.js';
import type { Database } from './database.js';
import type { OrderDoc, OrderFactDoc, OutboxDoc, OutboxLetter, StockDoc } from './documents.js';
import { ConflictFault } from './faults.js';
import { factIds, orderFrom } from './order-documents.js';
import { nextSequence, outboxDocs } from './outbox.js';
import type { SettingsCache } from './settings-cache.js';
import type { Sessions } from './sessions.js';
import { stockWrites } from './stock-writes.js';
import type { StoreGate } from './store-gate.js';
import { transactIn } from './transact.js';

/** How far a lane has come in one topic. */
export interface Position {
  nextOffset: number;
  /** broker timestamp of the last record passed, epoch ms */
  timestamp: number;
}

export interface Batch {
  events: readonly OrderEvent[];
  /** dead letters that are decided already, of the records up to when that many events are applied */
  lettersAfter?: (events: number) => OutboxLetter[];
  /** makes the dead letter of the n-th event, when its order refuses it as a whole (`too-many-facts`) */
  letterFor?: (at: number, failure: { errorClass: string; message: string }) => OutboxLetter;
  /** the lane that must still be owned, and how far it is when that many events are applied */
  lane?: { id: number; owner: string; positionsAfter(events: number): ReadonlyMap<string, Position> };
  /** epoch ms; the time of the decision */
  now: number;
}

export interface BatchResult {
  /** one per applied event, in order; fewer than the batch's when the orders it read had too many lines */
  decisions: Decision[];
  facts: number;
  transitions: number;
  /** outbox documents written */
  outbox: number;
  /** how often the batch was read and decided anew because somebody else changed what it had read */
  retries: number;
}

export interface BatchTools {
  database: Database;
  sessions: Sessions;
  settings: SettingsCache;
  gate: StoreGate;
}

interface Loaded {
  /** so many events, from the first, fit into one transaction */
  events: number;
  orders: Map<string, OrderDoc>;
  working: WorkingSet;
  highestSequence: number;
}

/** Lines in one transaction, those of the orders it reads included: what fits its time and size. */
export const MAX_BATCH_LINES = 8_000;
/** Orders read at a time, so that a batch of very long orders is noticed early. */
const READ_CHUNK = 500;

/**
 * @throws LaneLostFault when another worker owns the lane; TransientFault when the database is away;
 *   ContentFault when something is too large to be written
 */
export async function applyBatch(tools: BatchTools, batch: Batch): Promise<BatchResult> {
  const leave = await tools.gate.enter(new Set(batch.events.map((event) => event.storeId)));
  try {
    return await tools.sessions.use(async (session) => {
      let tries = 0;
      const result = await transactIn(session, async () => {
        tries += 1;
        return { result: await applyOnce(tools, batch, session), keep: true };
      });
      return { ...result, retries: tries - 1 };
    });
  } finally {
    leave();
  }
}

async function applyOnce(
  tools: BatchTools,
  batch: Batch,
  session: mongo.ClientSession,
): Promise<Omit<BatchResult, 'retries'>> {
  const loaded = await load(tools, batch.events, session);
  const plan = new BatchPlan(batch.now, (key) => loaded.orders.get(key));
  const applied = batch.events.slice(0, loaded.events);
  const letters = batch.lettersAfter?.(applied.length) ?? [];
  const decisions = applied.map((event) => decideOne(event, loaded.working, plan));
  letters.push(...refusedLetters(decisions, batch));
  const sequence = nextSequence(loaded.highestSequence, batch.now);
  const outbox = outboxDocs(sequence, new Date(batch.now), plan.messages, letters);
  await write(tools.database, session, plan.writes(sequence), loaded.working, outbox);
  if (batch.lane) await noteProgress(tools.database, session, batch.lane, decisions.length);
  return { decisions, facts: plan.facts, transitions: plan.transitions, outbox: outbox.length };
}

function decideOne(event: OrderEvent, working: WorkingSet, plan: BatchPlan): Decision {
  const decision = working.decide(event);
  if (decision.kind === 'fact') plan.add(event, decision);
  return decision;
}

function refusedLetters(decisions: readonly Decision[], { letterFor }: Batch): OutboxLetter[] {
  const letters: OutboxLetter[] = [];
  for (const [at, decision] of decisions.entries()) {
    if (decision.kind !== 'refused' || decision.reason !== 'too-many-facts' || !letterFor) continue;
    letters.push(letterFor(at, { errorClass: decision.reason, message: decision.detail }));
  }
  return letters;
}

/** Reads everything that the events may look at: one query each. */
async function load(
  tools: BatchTools,
  all: readonly OrderEvent[],
  session: mongo.ClientSession,
): Promise<Loaded> {
  const { database } = tools;
  const { events, orders } = await loadOrders(database, all, session);
  const settings = await loadSettings(tools, events, orders, session);
  const working = new WorkingSet(settings);
  const docs = [...orders.values()];
  const facts = await loadFacts(database, docs, session);
  let highestSequence = 0;
  for (const doc of docs) {
    working.loadOrder(orderFrom(doc, facts.get(doc._id) ?? []));
    if (doc.seq > highestSequence) highestSequence = doc.seq;
  }
  const keys = stockKeys(events, orders, settings);
  if (keys.length > 0) {
    for (const { _id, ...stock } of await findByIds<StockDoc>(database.stock, keys, session)) {
      working.loadStock(_id, stock);
    }
  }
  return { events: events.length, orders, working, highestSequence };
}

/** The orders of as many events as fit: a batch ends where its lines, read and new, are too many. */
async function loadOrders(database: Database, all: readonly OrderEvent[], session: mongo.ClientSession) {
  const orders = new Map<string, OrderDoc>();
  let lines = 0;
  for (let from = 0; from < all.length; from += READ_CHUNK) {
    const chunk = all.slice(from, from + READ_CHUNK);
    const ids = [...new Set(chunk.map(orderKey))].filter((id) => !orders.has(id)).sort();
    const found = new Map((await findByIds(database.orders, ids, session)).map((doc) => [doc._id, doc]));
    for (const [at, event] of chunk.entries()) {
      const id = orderKey(event);
      const doc = found.get(id);
      lines += event.type === 'placed' ? event.lines.length : 1;
      if (doc && !orders.has(id)) {
        lines += doc.placed?.lines.length ?? 0;
        if (lines > MAX_BATCH_LINES && from + at > 0) return { events: all.slice(0, from + at), orders };
        orders.set(id, doc);
      } else if (lines > MAX_BATCH_LINES && from + at > 0) return { events: all.slice(0, from + at), orders };
    }
  }
  return { events: all, orders };
}

function findByIds<T extends { _id: string }>(
  collection: mongo.Collection<T>,
  ids: string[],
  session: mongo.ClientSession,
): Promise<T[]> {
  const filter = { _id: { $in: ids } } as unknown as mongo.Filter<T>;
  return collection.find(filter, { session, batchSize: 20_000 }).toArray() as unknown as Promise<T[]>;
}

async function loadSettings(
  tools: BatchTools,
  events: readonly OrderEvent[],
  orders: Map<string, OrderDoc>,
  session: mongo.ClientSession,
): Promise<Settings> {
  const wanted = new Map<string, Set<string>>();
  for (const event of events) {
    if (event.type !== 'placed' || orders.get(orderKey(event))?.placed) continue;
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
  const byId = new Map((await findByIds(database.orderFacts, ids, session)).map((fact) => [fact._id, fact]));
  for (const doc of docs) {
    facts.set(
      doc._id,
      factIds(doc).map((id) => {
        const fact = byId.get(id);
        if (!fact) throw new Error(`order ${doc._id} has lost its fact ${id}`);
        return fact;
      }),
    );
  }
  return facts;
}

/** The keys of all lines that are placed now or were before, sorted. */
function stockKeys(
  events: readonly OrderEvent[],
  orders: Map<string, OrderDoc>,
  settings: Settings,
): string[] {
  const keys = new Set<string>();
  for (const order of orders.values()) {
    for (const { stockKey } of order.placed?.lines ?? []) if (stockKey !== undefined) keys.add(stockKey);
  }
  for (const event of events) {
    if (event.type !== 'placed' || orders.get(orderKey(event))?.placed) continue;
    const store = settings.store(event.storeId);
    for (const line of event.lines) {
      const counting = countingOf(
        event.storeId,
        line,
        store,
        settings.product(event.storeId, line.productId),
      );
      if ('stockKey' in counting) keys.add(counting.stockKey);
    }
  }
  return [...keys].sort();
}

async function write(
  database: Database,
  session: mongo.ClientSession,
  orders: OrderWrites,
  working: WorkingSet,
  outbox: OutboxDoc[],
): Promise<void> {
  const stock = stockWrites(working.changes());
  await update(database, session, 'stock', stock.updates, stock.matches);
  await insert(database, session, 'stock', stock.inserts);
  await insert(database, session, 'orders', orders.inserts);
  await update(database, session, 'orders', orders.updates, orders.matches);
  await insert(database, session, 'orderFacts', orders.facts);
  for (const doc of outbox) await insert(database, session, 'outbox', [doc]);
}

interface WriteReply {
  n: number;
  writeErrors?: { code: number; errmsg: string }[];
}

// Plain commands: the driver's bulk helpers measure every document first, which costs as much as sending it.
async function insert(
  database: Database,
  session: mongo.ClientSession,
  collection: string,
  documents: unknown[],
): Promise<void> {
  if (documents.length === 0) return;
  const reply = (await database.db.command(
    { insert: collection, documents },
    { session },
  )) as unknown as WriteReply;
  throwWriteErrors(reply);
}

async function update(
  database: Database,
  session: mongo.ClientSession,
  collection: string,
  updates: unknown[],
  matches: number,
): Promise<void> {
  if (updates.length === 0) return;
  const reply = (await database.db.command(
    { update: collection, updates },
    { session },
  )) as unknown as WriteReply;
  throwWriteErrors(reply);
  // Under a snapshot a guard that fails means that the snapshot was not what the batch decided on.
  if (reply.n !== matches) throw new ConflictFault(`${collection}: ${reply.n} of ${matches} guards held`);
}

function throwWriteErrors(reply: WriteReply): void {
  const first = reply.writeErrors?.[0];
  if (first) throw new mongo.MongoServerError({ message: first.errmsg, code: first.code });
}

async function noteProgress(
  database: Database,
  session: mongo.ClientSession,
  lane: NonNullable<Batch['lane']>,
  applied: number,
): Promise<void> {
  const set: Record<string, unknown> = {};
  for (const [topic, { nextOffset, timestamp }] of lane.positionsAfter(applied)) {
    set[`positions.${topic}`] = { next: nextOffset, at: new Date(timestamp) };
  }
  const reply = await database.lanes.updateOne(
    { _id: String(lane.id), owner: lane.owner },
    { $set: set },
    { session },
  );
  if (reply.matchedCount !== 1) throw new LaneLostFault(`lane ${lane.id} belongs to another worker now`);
}
