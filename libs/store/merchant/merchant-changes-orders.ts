/** What merchants and operators do to orders: put refunded units back, let holds last longer. */

import { randomUUID } from 'node:crypto';
import type { Line, OrderEvent, StockDelta } from '@holdfast/core';
import { applyBatch } from '../batch/apply-batch.js';
import type { BatchTools } from '../batch/batch.js';
import { InputFault } from '../input/input-fault.js';
import { idProblems } from '../settings/settings-writes.js';
import { causeOfChange, whoAndWhyProblems, type WhoAndWhy } from '../input/who-and-why.js';

export interface RestockRequest extends WhoAndWhy {
  storeId: string;
  orderId: string;
  /** names this restock for good: made again under the same id, it is not made twice */
  changeId: string;
  /** absent: everything of the order that waits to be put back */
  lines?: Line[];
  source?: 'ops' | 'api';
}

export type RestockResult =
  | { kind: 'restocked'; deltas: StockDelta[]; version: number }
  /** made before under the same change id */
  | { kind: 'repeated' }
  | { kind: 'refused'; reason: 'unknown-order' | 'not-refunded' | 'too-many'; message: string };

/** @throws InputFault, TransientFault */
export async function restockOrder(tools: BatchTools, request: RestockRequest): Promise<RestockResult> {
  const { storeId, orderId, changeId, lines } = request;
  const problems = [
    ...idProblems('storeId', storeId),
    ...idProblems('orderId', orderId),
    ...idProblems('changeId', changeId),
    ...whoAndWhyProblems(request),
  ];
  lines?.forEach(({ quantity }, at) => {
    if (Number.isInteger(quantity) && quantity >= 1) return;
    const remedy = 'use a whole number from 1';
    problems.push({
      field: `lines[${at}].quantity`,
      problem: `${quantity} is not a number of units`,
      remedy,
    });
  });
  if (problems.length > 0) throw new InputFault(problems);
  const order = await tools.database.orders.findOne({ _id: storeId + '/' + orderId });
  if (!order?.placed) {
    const message = `the store ${storeId} has no order ${orderId}`;
    return { kind: 'refused', reason: 'unknown-order', message };
  }
  const event: OrderEvent = {
    type: 'restocked',
    storeId,
    orderId,
    restockId: changeId,
    cause: causeOfChange(request.source ?? 'ops', changeId, request),
    ...(lines && { lines }),
  };
  const { decisions } = await applyBatch(tools, { events: [event], now: Date.now() });
  const decision = decisions[0];
  switch (decision?.kind) {
    case 'fact':
      return { kind: 'restocked', deltas: decision.deltas, version: decision.order.version };
    case 'refused':
      return {
        kind: 'refused',
        reason: decision.reason === 'too-many' ? 'too-many' : 'not-refunded',
        message: decision.detail,
      };
    default:
      return { kind: 'repeated' };
  }
}

export interface ExtendRequest extends WhoAndWhy {
  /** absent: of all stores */
  storeId?: string;
  /** absent: all that hold something; needs `storeId` */
  orderIds?: readonly string[];
  /** epoch ms until which the holds are to last at least */
  until: number;
  /** names the operation; becomes the cause's event id */
  changeId?: string;
  source?: 'ops' | 'api';
  dryRun?: boolean;
  onProgress?: (extended: number) => void;
}

export interface ExtendReport {
  changeId: string;
  /** holds that last longer now; in a dry run, that would */
  extended: number;
  /** asked for by id, and not holding anything now or lasting long enough already */
  untouched: string[];
}

/** Holds of one transaction. */
const EXTEND_BATCH = 500;

/**
 * Lets holds last at least until the given time, never shorter. Holds that are overdue and not yet released
 * are kept too.
 * @throws InputFault, TransientFault (with the batches so far kept: ask again)
 */
export async function extendHolds(tools: BatchTools, request: ExtendRequest): Promise<ExtendReport> {
  const { storeId, orderIds, until } = request;
  const changeId = request.changeId ?? `extend-${randomUUID()}`;
  checkExtend(request);
  const due = {
    due: { $lt: new Date(until) },
    ...(storeId !== undefined && { storeId }),
    ...(orderIds && { _id: { $in: orderIds.map((orderId) => `${storeId}/${orderId}`) } }),
  };
  const touched = new Set<string>();
  if (request.dryRun) {
    for await (const { _id } of tools.database.orders.find(due, { projection: { _id: 1 } })) touched.add(_id);
  }
  while (!request.dryRun) {
    // What was extended, paid or released no longer matches, so the same question gives the next ones.
    const docs = await tools.database.orders
      .find(due, { projection: { _id: 1 }, sort: { due: 1 }, limit: EXTEND_BATCH })
      .toArray();
    if (docs.length === 0) break;
    const events = docs.map(({ _id }): OrderEvent => {
      const [store, order] = _id.split('/') as [string, string];
      const cause = causeOfChange(request.source ?? 'ops', changeId, request);
      return { type: 'extended', storeId: store, orderId: order, dueAt: until, cause };
    });
    const { decisions } = await applyBatch(tools, { events, now: Date.now() });
    docs.forEach(({ _id }, at) => {
      if (decisions[at]?.kind === 'fact') touched.add(_id);
    });
    request.onProgress?.(touched.size);
  }
  const untouched = (orderIds ?? []).filter((orderId) => !touched.has(`${storeId}/${orderId}`));
  return { changeId, extended: touched.size, untouched };
}

function checkExtend(request: ExtendRequest): void {
  const { storeId, orderIds, until, changeId } = request;
  const problems = [
    ...(storeId === undefined ? [] : idProblems('storeId', storeId)),
    ...(changeId === undefined ? [] : idProblems('changeId', changeId)),
    ...(orderIds ?? []).flatMap((orderId, at) => idProblems(`orderIds[${at}]`, orderId)),
    ...whoAndWhyProblems(request),
  ];
  if (orderIds && storeId === undefined) {
    problems.push({ field: 'storeId', problem: 'is missing', remedy: 'say which store the orders are of' });
  }
  if (!Number.isFinite(until)) {
    problems.push({ field: 'until', problem: 'is not a time', remedy: 'use a time with an offset' });
  }
  if (problems.length > 0) throw new InputFault(problems);
}
