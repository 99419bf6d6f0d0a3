/**
 * One batch is one transaction: read orders, settings and stock; decide in memory, in order; write stock under
 * guards, orders, outbox and the lane's progress; commit. The order's document is the inbox: a record that
 * comes again finds its fact known and writes nothing.
 */

import { setImmediate } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import {
  BLANK,
  GuardFault,
  LaneLostFault,
  orderKey,
  WorkingSet,
  type Decision,
  type OrderEvent,
  type Settings,
  type StockChange,
} from '@holdfast/core';
import { shown } from './audit-findings.js';
import { BatchPlan } from './batch-plan.js';
import { DamagedFault, isLeft, throwIfDamaged, viewed } from './damage.js';
import type { Database } from './database.js';
import type { LaneDoc, OrderDoc, OrderFactDoc, OutboxDoc, OutboxLetter, StockDoc } from './documents.js';
import { AUDIT_SAYS_WHERE, faultOfBatch, GuardMiss } from './faults.js';
import { GuardMisses } from './guard-misses.js';
import { factIds, orderFrom } from './order-documents.js';
import { nextSequence, outboxDocs } from './outbox.js';
import type { SettingsCache } from './settings-cache.js';
import type { Sessions } from './sessions.js';
import { tooOldRecords, type TooOld } from './too-old.js';
import { stockWrites } from './stock-writes.js';
import type { StoreGate } from './store-gate.js';
import { transactIn } from './transact.js';
import { findByIds, insertAll, insertionOf, updateAll, type UpdateStatement } from './wire/commands.js';

/** How far a lane has come in one topic. */
export interface Position {
  nextOffset: number;
  /** broker timestamp of the last record passed, epoch ms */
  timestamp: number;
}

/** A lane that must still be owned, and how far it is. */
export interface LaneMark {
  id: number;
  owner: string;
  positions: ReadonlyMap<string, Position>;
}

/** A dead letter, and the record that it is of. */
export interface LaneLetter {
  letter: OutboxLetter;
  lane: number;
  topic: string;
  offset: number;
  errorClass: string;
}

export interface Batch {
  events: readonly OrderEvent[];
  /** dead letters that are decided already, of the records up to when that many events are applied */
  lettersAfter?: (events: number) => LaneLetter[];
  /** makes the dead letter of the n-th event, when it is refused as a whole (`too-many-facts`, `too-old`) */
  letterFor?: (at: number, failure: { errorClass: string; message: string }) => LaneLetter;
  /** broker timestamp of the n-th event's record, epoch ms; absent: the events are our own */
  recordedAt?: (at: number) => number;
  /** the lanes that the records are of, as they are when that many events are applied */
  lanesAfter?: (events: number) => readonly LaneMark[];
  /** epoch ms; the time of the decision */
  now: number;
  /** W3C traceparent of what does it, handed on with what it publishes */
  trace?: string;
  /** told at once of tries in vain: one that never ends never has a result */
  watch?: BatchWatch;
}

export interface BatchWatch {
  /** somebody else changed what was read; it is read and decided anew */
  retried(): void;
  /** a statement's guard did not hold, which is no conflict that the server saw */
  guardMissed(): void;
}

export interface BatchResult {
  /** one per applied event, in order; fewer than the batch's when the orders it read had too many lines */
  decisions: Decision[];
  facts: number;
  transitions: number;
  /** what it left to publish */
  outbox: OutboxDoc[];
  /** those of the outbox: what its lanes had passed before is not among them */
  letters: readonly LaneLetter[];
  /** how often the batch was read and decided anew because somebody else changed what it had read */
  retries: number;
}

export interface BatchTools {
  database: Database;
  sessions: Sessions;
  settings: SettingsCache;
  gate: StoreGate;
}

/** What a batch decides on. */
export interface LoadedBatch {
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
const NEEDED_STOCK = { free: 1, settlement: 1 };
type NeededStock = Pick<StockDoc, '_id' | 'free' | 'settlement'>;

/**
 * @throws LaneLostFault when another worker owns the lane; TransientFault when the database is away; GuardFault when
 *   the stock is not what it must be, again and again; ContentFault when something is too large to be written
 */
export async function applyBatch(tools: BatchTools, batch: Batch): Promise<BatchResult> {
  const leave = await tools.gate.enter(new Set(batch.events.map((event) => event.storeId)));
  try {
    return await tools.sessions.use(async (session) => {
      const misses = new GuardMisses(tools.database, batch.watch);
      let tries = 0;
      const result = await transactIn(session, async () => {
        tries += 1;
        if (tries > 1) batch.watch?.retried();
        return { result: await applyOnce(tools, batch, session).catch(misses.rethrow), keep: true };
      });
      return { ...result, retries: tries - 1 };
    });
  } catch (error) {
    throw faultOfBatch(error);
  } finally {
    leave();
  }
}

async function applyOnce(
  tools: BatchTools,
  batch: Batch,
  session: mongo.ClientSession,
): Promise<Omit<BatchResult, 'retries'>> {
  const loaded = await loadBatch(tools, batch.events, session);
  const plan = new BatchPlan(batch.now, (key) => loaded.orders.get(key));
  const applied = batch.events.slice(0, loaded.events);
  const tooOld = await tooOldRecords(tools.database, batch, session);
  const decisions = applied.map(
    (event, at) => tooOldOf(event, at, loaded.working, tooOld) ?? decideOne(event, loaded.working, plan),
  );
  const lanes = batch.lanesAfter?.(decisions.length) ?? [];
  const dead = [...(batch.lettersAfter?.(decisions.length) ?? []), ...refusedLetters(decisions, batch)];
  const letters = await newLetters(tools.database, dead, lanes, session);
  const sequence = nextSequence(loaded.highestSequence, batch.now);
  const own = letters.map(({ letter }) => letter);
  const outboxOf = (): OutboxDoc[] =>
    outboxDocs(sequence, new Date(batch.now), plan.messages(), own, batch.trace);
  const outbox = await write(tools.database, session, { plan, sequence, working: loaded.working, outboxOf });
  await noteProgress(tools.database, session, lanes);
  return { decisions, facts: plan.facts, transitions: plan.transitions, outbox, letters };
}

/** A record whose order is known is never too old. */
function tooOldOf(
  event: OrderEvent,
  at: number,
  working: WorkingSet,
  tooOld: TooOld | undefined,
): Decision | undefined {
  return tooOld && !working.order(event.storeId, event.orderId) ? tooOld(at) : undefined;
}

function decideOne(event: OrderEvent, working: WorkingSet, plan: BatchPlan): Decision {
  const decision = working.decide(event);
  if (decision.kind === 'fact') plan.add(event, decision);
  return decision;
}

/** Refusals that make a record a dead letter. */
const DEAD = new Set(['too-many-facts', 'too-old']);

function refusedLetters(decisions: readonly Decision[], { letterFor }: Batch): LaneLetter[] {
  const letters: LaneLetter[] = [];
  for (const [at, decision] of decisions.entries()) {
    if (decision.kind !== 'refused' || !DEAD.has(decision.reason) || !letterFor) continue;
    letters.push(letterFor(at, { errorClass: decision.reason, message: decision.detail }));
  }
  return letters;
}

/**
 * A batch that is tried again may have been applied in part, or as a whole when the answer to a commit was lost; a
 * letter went with what took its lane past its record. Only what this owner noted counts: what was noted before may
 * be of a topic that was made anew since.
 */
async function newLetters(
  { db }: Database,
  letters: readonly LaneLetter[],
  lanes: readonly LaneMark[],
  session: mongo.ClientSession,
): Promise<readonly LaneLetter[]> {
  if (letters.length === 0 || lanes.length === 0) return letters;
  const owners = new Map(lanes.map(({ id, owner }) => [String(id), owner]));
  const docs = await findByIds<LaneDoc>(db, 'lanes', [...owners.keys()].sort(), session);
  const positions = new Map(docs.map((doc) => [doc._id, doc.positions]));
  return letters.filter(({ lane, topic, offset }) => {
    const noted = positions.get(String(lane))?.[topic];
    return noted === undefined || noted.by !== owners.get(String(lane)) || offset >= noted.next;
  });
}

/**
 * Reads everything that the events may look at: one query each.
 * @param whole also keys that the events only move from held to sold, for who has more to add to what is loaded
 */
export async function loadBatch(
  tools: BatchTools,
  all: readonly OrderEvent[],
  session: mongo.ClientSession,
  whole = false,
): Promise<LoadedBatch> {
  const { database } = tools;
  const { events, orders } = await loadOrders(database, all, session);
  const settings = await loadSettings(tools, events, orders, session);
  const working = new WorkingSet(settings);
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
  const { toRead, unread } = working.keysOf(events);
  const keys = whole ? [...toRead, ...unread].sort() : toRead;
  const stock = await findByIds<NeededStock>(database.db, 'stock', keys, session, NEEDED_STOCK);
  // A decision looks at no other balance, and a write is about differences: what it takes is guarded.
  for (const { _id, free, settlement } of stock) {
    if (!isLeft(free) || !Number.isInteger(settlement)) {
      const found = `free ${shown(free)} and settlement ${shown(settlement)}`;
      throw new GuardFault(`the stock of ${_id} has ${found}: ${AUDIT_SAYS_WHERE}`);
    }
    working.loadStock(_id, { ...BLANK, free, settlement });
  }
  if (!whole) for (const key of unread) working.loadUnread(key);
  return { events: events.length, orders, working, highestSequence };
}

/** The orders of as many events as fit: a batch ends where its lines, read and new, are too many. */
async function loadOrders(database: Database, all: readonly OrderEvent[], session: mongo.ClientSession) {
  const orders = new Map<string, OrderDoc>();
  let lines = 0;
  for (let from = 0; from < all.length; from += READ_CHUNK) {
    const chunk = all.slice(from, from + READ_CHUNK);
    const keys = chunk.map(orderKey);
    const ids = [...new Set(keys)].filter((id) => !orders.has(id)).sort();
    const found = new Map(
      (await findByIds<OrderDoc>(database.db, 'orders', ids, session)).map((doc) => [doc._id, doc]),
    );
    for (const [at, event] of chunk.entries()) {
      const id = keys[at] as string;
      const doc = found.get(id);
      // Before its lines are counted and its facts looked for.
      if (doc) throwIfDamaged(doc);
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
  const byId = new Map(
    (await findByIds<OrderFactDoc>(database.db, 'orderFacts', ids, session)).map((fact) => [fact._id, fact]),
  );
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

interface Writes {
  plan: BatchPlan;
  sequence: number;
  working: WorkingSet;
  /** puts the outcomes into words */
  outboxOf: () => OutboxDoc[];
}

/** What is written next is made ready while the database is busy with what was sent before. */
async function write(
  database: Database,
  session: mongo.ClientSession,
  { plan, sequence, working, outboxOf }: Writes,
): Promise<OutboxDoc[]> {
  const { db } = database;
  const changes = working.changes();
  const stock = stockWrites(changes);
  const orders = await during(update(database, session, 'stock', stock, changes), () => {
    const { inserts, ...others } = plan.writes(sequence);
    return { ...others, inserts: insertionOf(inserts) };
  });
  await insertAll(db, 'stock', insertionOf(stock.inserts), session);
  const writeOrders = async (): Promise<void> => {
    await insertAll(db, 'orders', orders.inserts, session);
    await update(database, session, 'orders', orders);
    await insertAll(db, 'orderFacts', insertionOf(orders.facts), session);
  };
  const outbox = await during(writeOrders(), outboxOf);
  for (const doc of outbox) await insertAll(db, 'outbox', insertionOf([doc]), session);
  return outbox;
}

/**
 * The work begins once the first of the commands has gone out. Whichever fails, nothing is under way when this does: a
 * command that follows the end of its transaction would be written for itself.
 */
async function during<T>(commands: Promise<void>, work: () => T): Promise<T> {
  const [written, made] = await Promise.allSettled([commands, setImmediate().then(work)]);
  if (written.status === 'rejected') throw written.reason;
  if (made.status === 'rejected') throw made.reason;
  return made.value;
}

async function update(
  { db }: Database,
  session: mongo.ClientSession,
  collection: string,
  { updates, matches }: { updates: readonly UpdateStatement[]; matches: number },
  changes: readonly StockChange[] = [],
): Promise<void> {
  const matched = await updateAll(db, collection, updates, session);
  // Under a snapshot a guard that fails means that the snapshot was not what the batch decided on.
  if (matched !== matches)
    throw new GuardMiss(`${collection}: ${matched} of ${matches} guards held`, changes);
}

async function noteProgress(
  { db }: Database,
  session: mongo.ClientSession,
  lanes: readonly LaneMark[],
): Promise<void> {
  const statements = lanes.map(({ id, owner, positions }): UpdateStatement => {
    const set: Record<string, unknown> = {};
    for (const [topic, { nextOffset, timestamp }] of positions) {
      set[`positions.${topic}`] = { next: nextOffset, at: new Date(timestamp), by: owner };
    }
    return { q: { _id: String(id), owner }, u: { $set: set }, multi: false };
  });
  if ((await updateAll(db, 'lanes', statements, session)) === lanes.length) return;
  const ids = lanes.map(({ id }) => id).join(', ');
  throw new LaneLostFault(
    lanes.length === 1
      ? `lane ${ids} belongs to another worker now`
      : `one of lanes ${ids} belongs to another worker now`,
  );
}
