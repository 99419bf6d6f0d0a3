/** The merchant declines an order: an `OrderRejected` is published, as any other service would do it. */

import { encodeOrderRejected } from '@holdfast/contracts';
import type { mongo } from 'mongoose';
import type { BatchTools } from '../batch/batch.js';
import type { Database } from '../database/database.js';
import type { OrderDoc } from '../documents/documents.js';
import { InputFault } from '../input/input-fault.js';
import { factIds } from '../documents/order-documents.js';
import { nextSequence, outboxDocs } from '../outbox/outbox.js';
import { packed } from '../outbox/outbox-messages.js';
import { idProblems } from '../settings/settings-writes.js';
import { transactIn } from '../database/transact.js';

export interface RejectRequest {
  storeId: string;
  orderId: string;
  /** names the event: sent twice under it, it is one */
  eventId: string;
  /** for the customer to read */
  reason?: string;
  /** epoch ms */
  at: number;
}

export type RejectResult =
  | { kind: 'asked'; eventId: string }
  | { kind: 'refused'; reason: 'unknown-order' | 'already-rejected' | 'nothing-to-reject'; message: string };

/** Resolves when the event is sure to be published; what comes of it is decided by the worker that reads it. */
export async function rejectOrder(tools: BatchTools, request: RejectRequest): Promise<RejectResult> {
  const { storeId, orderId, eventId, at } = request;
  const problems = [...idProblems('orderId', orderId), ...idProblems('eventId', eventId)];
  if (problems.length > 0) throw new InputFault(problems);
  const { orders, outbox } = tools.database;
  return tools.sessions.use((session) =>
    transactIn<RejectResult>(session, async () => {
      const order = await orders.findOne({ _id: storeId + '/' + orderId }, { session });
      // Asked again after its answer was lost, and rejected by it meanwhile.
      if (order?.state === 'rejected' && (await isRejectedBy(tools.database, order, eventId, session)))
        return { result: { kind: 'asked', eventId }, keep: false };
      const refusal = refusalOf(orderId, order?.placed ? order.state : undefined);
      if (refusal) return { result: refusal, keep: false };
      const packs = packed([encodeOrderRejected(request)]);
      const docs = outboxDocs(nextSequence(order?.seq ?? 0, at), new Date(at), packs, []);
      await outbox.insertMany(docs, { session });
      return { result: { kind: 'asked', eventId }, keep: true };
    }),
  );
}

async function isRejectedBy(
  { orderFacts }: Database,
  order: OrderDoc,
  eventId: string,
  session: mongo.ClientSession,
): Promise<boolean> {
  const rejected = { _id: { $in: factIds(order) }, fact: 'rejected' as const, 'cause.eventId': eventId };
  return (await orderFacts.findOne(rejected, { session, projection: { _id: 1 } })) !== null;
}

function refusalOf(orderId: string, state: string | undefined): RejectResult | undefined {
  switch (state) {
    case undefined:
      return { kind: 'refused', reason: 'unknown-order', message: `There is no order ${orderId}.` };
    case 'rejected': {
      const message = `${orderId} is rejected already; nothing is left to do.`;
      return { kind: 'refused', reason: 'already-rejected', message };
    }
    case 'expired':
    case 'refused': {
      const message = `${orderId} is ${state}: it holds nothing, and the customer knows.`;
      return { kind: 'refused', reason: 'nothing-to-reject', message };
    }
    default:
      return undefined;
  }
}
