/**
 * One batch is one transaction: read orders, settings and stock; decide in memory, in order; write stock under
 * guards, orders, outbox and the lane's progress; commit. The order's document is the inbox: a record that
 * comes again finds its fact known and writes nothing.
 */

import type { mongo } from 'mongoose';
import type { Decision, OrderEvent, WorkingSet } from '@holdfast/core';
import type { Batch, BatchResult, BatchTools, LaneLetter, LaneMark } from './batch.js';
import { BatchPlan } from './batch-plan.js';
import type { Database } from '../database/database.js';
import type { LaneDoc, OutboxDoc } from '../documents/documents.js';
import { during } from '../database/during.js';
import { ConflictFault, faultOfBatch, GuardMiss } from '../database/faults.js';
import { GuardMisses } from './guard-misses.js';
import { loadBatch } from './load-batch.js';
import { nextSequence, outboxDocs } from '../outbox/outbox.js';
import { tooOldRecords, type TooOld } from './too-old.js';
import { transactIn } from '../database/transact.js';
import { findByIds } from '../wire/commands.js';
import { noteProgress, writeBatch } from './write-batch.js';

/**
 * @throws LaneLostFault when another worker owns the lane; TransientFault when the database is away; GuardFault when
 *   the stock is not what it must be, again and again; ContentFault when something is too large to be written
 */
export async function applyBatch(tools: BatchTools, batch: Batch): Promise<BatchResult> {
  tools.pace?.begun();
  const leave = await tools.gate.enter(new Set(batch.events.map((event) => event.storeId)));
  try {
    return await tools.sessions.use(async (session) => {
      const misses = new GuardMisses(tools.database, batch.watch);
      let tries = 0;
      const result = await transactIn(session, async () => {
        tries += 1;
        if (tries > 1) batch.watch?.retried();
        const isFirst = tries === 1;
        const result = await applyOnce(tools, batch, session, isFirst).catch(misses.rethrow);
        return { result, keep: true, ...(batch.meanwhile && { meanwhile: batch.meanwhile }) };
      });
      return { ...result, retries: tries - 1 };
    });
  } catch (error) {
    throw faultOfBatch(error);
  } finally {
    leave();
    tools.pace?.ended();
  }
}

/** @param isFirst whether it was not tried before: what is expected then need not be so */
async function applyOnce(
  tools: BatchTools,
  batch: Batch,
  session: mongo.ClientSession,
  isFirst: boolean,
): Promise<Omit<BatchResult, 'retries'>> {
  const tooOld = await tooOldRecords(tools.database, batch, session);
  // A record is too old only when its order is not known, which is then to be looked for.
  const expectNew = isFirst && !tooOld && tools.newOrders?.areExpected === true;
  const enough = isFirst && tools.enough?.isExpected ? tools.enough : undefined;
  const loaded = await loadBatch(tools, batch.events, session, { expectNew, remember: isFirst, enough });
  if (!expectNew && batch.events.some(isPlaced)) tools.newOrders?.lookedFor(loaded.placedAgain);
  const plan = new BatchPlan(batch.now, (key) => loaded.orders.get(key));
  const applied = batch.events.slice(0, loaded.events);
  const { working, keys, remembered } = loaded;
  const decide = (): Decision[] =>
    applied.map(
      (event, at) =>
        tooOldOf(event, at, working, tooOld) ?? decideOne(event, keys[at] as string, working, plan),
    );
  const decisions = remembered ? await during(remembered.confirm(session), decide) : decide();
  if (working.doubts.length > 0) {
    enough?.doubt(working.doubts);
    throw new ConflictFault('orders were refused for keys of which not all were read');
  }
  const lanes = batch.lanesAfter?.(decisions.length) ?? [];
  const dead = [...(batch.lettersAfter?.(decisions.length) ?? []), ...refusedLetters(decisions, batch)];
  const letters = await newLetters(tools.database, dead, lanes, session);
  const sequence = nextSequence(loaded.highestSequence, batch.now);
  const own = letters.map(({ letter }) => letter);
  const outboxOf = async (): Promise<OutboxDoc[]> => {
    const packs = await plan.messages();
    tools.pace?.waits();
    return outboxDocs(sequence, new Date(batch.now), packs, own, batch.trace);
  };
  const writes = { plan, sequence, working, outboxOf };
  const outbox = await writeBatch(tools.database, session, writes).catch(async (error: unknown) => {
    if (!enough || !(error instanceof GuardMiss)) throw error;
    await enough.missed(tools.database, error.changes);
    // Not a miss yet: some of it was not read.
    throw new ConflictFault(error.message);
  });
  await noteProgress(tools.database, session, lanes);
  return { decisions, facts: plan.facts, transitions: plan.transitions, outbox, letters };
}

function isPlaced({ type }: OrderEvent): boolean {
  return type === 'placed';
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

function decideOne(event: OrderEvent, key: string, working: WorkingSet, plan: BatchPlan): Decision {
  const decision = working.decide(event, key);
  if (decision.kind === 'fact') plan.add(event, decision, key);
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
