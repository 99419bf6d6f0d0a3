/**
 * Carries out what was planned, each step in a transaction that looks at everything anew and gives up what is no
 * longer as it was planned for. Nothing is overwritten in silence: a key's correction is a numbered change of its
 * own with who, why, before and after, published as `StockChanged`; an order's head is kept in `repairs` as it was.
 */

import type { mongo } from 'mongoose';
import { BLANK, type OrderEvent, type Stock } from '@holdfast/core';
import { applyBatch } from '../batch/apply-batch.js';
import type { BatchTools } from '../batch/batch.js';
import { rightStock, type RepairStep, type StockStep } from './audit-repair-plan.js';
import type { OrderRepair } from './audit-repair-orders.js';
import { believed } from '../documents/damage.js';
import type { StockChangeDoc } from '../documents/documents.js';
import { SLICE_KEYS, takeKeys, writeSlice } from '../merchant/merchant-changes.js';
import type { RowChange } from '../merchant/merchant-changes-rows.js';
import { transactIn } from '../database/transact.js';
import { causeOfChange } from '../input/who-and-why.js';

export interface RepairRequest {
  changeId: string;
  actor: string;
  reason: string;
  steps: readonly RepairStep[];
  /** up to when payments and rejections are applied, epoch ms: later holds are left */
  watermark: () => Promise<number>;
  /** publishes what waits. @returns how many documents, or why not */
  publishOutbox: () => Promise<number | string>;
  onProgress?: (done: number) => void;
}

export interface RepairResult {
  /** steps carried out, by kind */
  done: Record<RepairStep['kind'], number>;
  /** what was left, and why; to be found by the next audit */
  left: { subject: string; message: string }[];
}

/** @throws TransientFault when a server is away, with what was done so far kept: repair again */
export async function carryOut(tools: BatchTools, request: RepairRequest): Promise<RepairResult> {
  const result: RepairResult = { done: { stock: 0, order: 0, overdue: 0, unpublished: 0 }, left: [] };
  const of = <K extends RepairStep['kind']>(kind: K) =>
    request.steps.filter((step): step is Extract<RepairStep, { kind: K }> => step.kind === kind);
  for (const step of of('order')) {
    await repairOrder(tools, request, step, result);
    request.onProgress?.(doneOf(result));
  }
  for (const slice of slicesByStore(of('stock'))) {
    await repairStock(tools, request, slice, result);
    request.onProgress?.(doneOf(result));
  }
  const overdue = of('overdue');
  if (overdue.length > 0) await release(tools, request, overdue, result);
  const [unpublished] = of('unpublished');
  if (unpublished) {
    const published = await request.publishOutbox();
    if (typeof published === 'number') result.done.unpublished = published;
    else result.left.push({ subject: 'outbox', message: published });
  }
  return result;
}

function doneOf({ done }: RepairResult): number {
  return done.stock + done.order + done.overdue;
}

function slicesByStore(steps: readonly StockStep[]): StockStep[][] {
  const slices = new Map<string, StockStep[]>();
  for (const step of steps) {
    const storeId = storeOf(step.stockKey);
    const slice = slices.get(storeId);
    if (!slice || slice.length >= SLICE_KEYS)
      slices.set(slice ? `${storeId}/${slices.size}` : storeId, [step]);
    else slice.push(step);
  }
  return [...slices.values()];
}

function storeOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}

async function repairOrder(
  tools: BatchTools,
  { changeId, actor, reason }: RepairRequest,
  { orderKey, before, after }: OrderRepair,
  result: RepairResult,
): Promise<void> {
  const { database, sessions } = tools;
  const matched = await sessions.use((session) =>
    transactIn(session, async () => {
      const now = await database.orders.findOne({ _id: orderKey }, { session });
      // Whatever happens to an order makes another sequence, so this is the head that was planned for.
      const isAsPlanned =
        now?.seq === before.seq &&
        now.entries === before.entries &&
        // Moved by whoever takes a merchant's change back.
        JSON.stringify(now.claims) === JSON.stringify(before.claims);
      if (!isAsPlanned) return { result: false, keep: false };
      await database.orders.replaceOne({ _id: orderKey }, after, { session });
      const _id = `${orderKey}/${changeId}`;
      await database.repairs.insertOne(
        { _id, changeId, at: new Date(), actor, reason, before, after },
        { session },
      );
      return { result: true, keep: true };
    }),
  );
  if (matched) result.done.order += 1;
  else
    result.left.push({ subject: orderKey, message: `${orderKey}: moved meanwhile, and is looked at anew` });
}

async function repairStock(
  tools: BatchTools,
  { changeId, actor, reason }: RepairRequest,
  slice: readonly StockStep[],
  result: RepairResult,
): Promise<void> {
  const storeId = storeOf((slice[0] as StockStep).stockKey);
  const leave = await tools.gate.enter(new Set([storeId]));
  try {
    const moved = await tools.sessions.use((session) =>
      transactIn(session, async () => {
        const { writes, moved } = await corrections(tools, changeId, slice, session);
        if (writes.length > 0) {
          await writeSlice(tools, { storeId, changeId, actor, reason, source: 'ops' }, writes, session);
        }
        await leaveMoved(tools, moved, session);
        return { result: moved, keep: writes.length > 0 };
      }),
    );
    result.done.stock += slice.length - moved.length;
    for (const subject of moved) {
      result.left.push({ subject, message: `${subject}: was changed meanwhile, and is looked at anew` });
    }
  } finally {
    leave();
  }
}

/** Takes the keys, and says what each becomes from where it stands now. */
async function corrections(
  { database }: BatchTools,
  changeId: string,
  slice: readonly StockStep[],
  session: mongo.ClientSession,
): Promise<{ writes: RowChange[]; moved: string[] }> {
  const keys = slice.map(({ stockKey }) => stockKey);
  await takeKeys({ database }, { changeId }, keys, session);
  const docs = await database.stock
    .find({ _id: { $in: keys } }, { session, projection: { takenBy: 0 } })
    .toArray();
  const stock = new Map(docs.map(({ _id, ...balances }) => [_id, balances as Stock]));
  const writes: RowChange[] = [];
  const moved: string[] = [];
  for (const step of slice) {
    const last = await lastChange(database, step.stockKey, session);
    const write =
      (last?.version ?? 0) === step.lastVersion && correction(step, stock.get(step.stockKey), last);
    if (write) writes.push(write);
    else moved.push(step.stockKey);
  }
  return { writes, moved };
}

function lastChange(
  database: BatchTools['database'],
  stockKey: string,
  session: mongo.ClientSession,
): Promise<StockChangeDoc | null> {
  return database.stockChanges.findOne({ stockKey }, { session, sort: { version: -1 } });
}

/** The drift is what no order can have moved; all else has gone on as it does. */
function correction(
  { stockKey, drift, unpublished }: StockStep,
  now: Stock | undefined,
  last: StockChangeDoc | null,
): RowChange | undefined {
  const before = believed(now ?? BLANK);
  const after = rightStock({
    held: before.held - drift.held,
    sold: before.sold - drift.sold,
    refunded: before.refunded - drift.refunded,
    last: last?.after,
  });
  if (after.held < 0 || after.sold < 0 || after.refunded < 0 || (after.free ?? 0) < 0) return undefined;
  // What was published since the audit is what the stock has moved since.
  const told = (balance: 'free' | 'held' | 'sold' | 'refunded'): number =>
    (after[balance] ?? 0) - (before[balance] ?? 0) + unpublished[balance];
  return {
    stockKey,
    missing: now === undefined,
    change: { type: 'correct', quantity: after.free },
    before,
    ...(now && { found: now }),
    after,
    delta: { free: told('free'), held: told('held'), sold: told('sold'), refunded: told('refunded') },
  };
}

/** A transaction that keeps something must not keep the mark of what it does not change. */
async function leaveMoved(
  { database }: BatchTools,
  keys: readonly string[],
  session: mongo.ClientSession,
): Promise<void> {
  if (keys.length === 0) return;
  await database.stock.updateMany({ _id: { $in: [...keys] } }, { $unset: { takenBy: '' } }, { session });
}

const RELEASED_AT_ONCE = 500;

async function release(
  tools: BatchTools,
  request: RepairRequest,
  steps: readonly Extract<RepairStep, { kind: 'overdue' }>[],
  result: RepairResult,
): Promise<void> {
  const watermark = await request.watermark();
  const ready = steps.filter(({ dueAt }) => Date.parse(dueAt) <= watermark);
  for (const { orderKey } of steps.filter((step) => !ready.includes(step))) {
    const message = `${orderKey}: payments are not applied up to when it fell due, so it may be paid`;
    result.left.push({ subject: orderKey, message });
  }
  const cause = causeOfChange('ops', request.changeId, request);
  const events = ready.map(({ orderKey }): OrderEvent => {
    const [storeId, orderId] = orderKey.split('/') as [string, string];
    return { type: 'due', storeId, orderId, watermark, cause };
  });
  for (let from = 0; from < events.length;) {
    const some = events.slice(from, from + RELEASED_AT_ONCE);
    const { decisions } = await applyBatch(tools, { events: some, now: Date.now() });
    result.done.overdue += decisions.filter(({ kind }) => kind === 'fact').length;
    from += decisions.length;
    request.onProgress?.(doneOf(result));
  }
}
