/** One order as people and programs look at it: where it stands, what it claims, and how it came there. */

import { claimsOf, stateOf, type KeyClaim, type Line, type OrderState } from '@holdfast/core';
import { viewed } from '../documents/damage.js';
import type { Database } from '../database/database.js';
import type { CauseDoc, OrderDoc, OrderFactDoc, StockDoc } from '../documents/documents.js';
import { factIds, orderFrom } from '../documents/order-documents.js';
import { inSnapshot } from '../database/snapshot.js';

export interface OrderView {
  storeId: string;
  orderId: string;
  state: OrderState;
  version: number;
  customerId?: string;
  /** as the shop said, ISO 8601 */
  placedAt?: string;
  /** while held: when the hold falls due, ISO 8601 */
  expiresAt?: string;
  /** why it was refused */
  reason?: string;
  shortages?: NonNullable<OrderDoc['refused']>['shortages'];
  lines: (Line & { stockKey?: string })[];
  claim: ClaimView[];
  facts: FactView[];
  transitions: TransitionView[];
}

/** What the order takes of a key now. */
export interface ClaimView {
  stockKey: string;
  held: number;
  sold: number;
  /** refunded and waiting for the merchant to decide */
  refunded: number;
  /** refunded, and settled by the merchant since */
  settled: number;
}

/** One thing that is known of the order, in order of arrival. */
export interface FactView {
  entry: number;
  fact: OrderFactDoc['fact'] | 'placed';
  /** when it was decided */
  at: string;
  cause: CauseDoc;
  paymentId?: string;
  refundId?: string;
  restockId?: string;
  reason?: string;
  restock?: boolean;
  lines?: Line[];
  expiresAt?: string;
}

/** One change of state, claim or requests. */
export interface TransitionView {
  version: number;
  from: OrderState;
  to: OrderState;
  at: string;
  outcomes: string[];
  cause: CauseDoc;
}

/** @returns undefined when nothing is known of the order @throws DamagedFault */
export async function orderView(
  database: Database,
  storeId: string,
  orderId: string,
): Promise<OrderView | undefined> {
  return inSnapshot(database, async (session) => {
    const doc = await database.orders.findOne({ _id: storeId + '/' + orderId }, { session });
    if (!doc) return undefined;
    const found = await database.orderFacts.find({ _id: { $in: factIds(doc) } }, { session }).toArray();
    const keys = (doc.placed?.lines ?? []).flatMap(({ stockKey }) => stockKey ?? []);
    const stock = await database.stock.find({ _id: { $in: [...new Set(keys)] } }, { session }).toArray();
    const byId = new Map(found.map((fact) => [fact._id, fact]));
    const facts = factIds(doc).flatMap((id) => byId.get(id) ?? []);
    return viewed(doc._id, () => viewOf(doc, facts, stock));
  });
}

/** @param facts the order's facts but the placement, in order of arrival */
export function viewOf(
  doc: OrderDoc,
  facts: readonly OrderFactDoc[],
  stock: readonly Pick<StockDoc, '_id' | 'settlement'>[],
): OrderView {
  const order = orderFrom(doc, facts);
  const { placed } = doc;
  const settlements = new Map(stock.map(({ _id, settlement }) => [_id, settlement]));
  const view: OrderView = {
    storeId: order.storeId,
    orderId: order.orderId,
    state: stateOf(order),
    version: doc.version,
    lines: placed?.lines ?? [],
    claim: claimsOf(order).map((claim) => claimView(claim, settlements.get(claim.stockKey))),
    facts: factViews(doc, facts),
    transitions: transitionViews(doc, facts),
  };
  if (placed?.customerId !== undefined) view.customerId = placed.customerId;
  if (placed) view.placedAt = placed.occurredAt.toISOString();
  if (doc.due) view.expiresAt = doc.due.toISOString();
  if (doc.refused) {
    view.reason = doc.refused.reason;
    if (doc.refused.shortages.length > 0) view.shortages = doc.refused.shortages;
  }
  return view;
}

function claimView(claim: KeyClaim, settlement: number | undefined): ClaimView {
  const { stockKey, held, sold } = claim;
  const stale = settlement !== undefined && claim.settlement !== settlement;
  const refunded = stale ? 0 : claim.refunded;
  return { stockKey, held, sold, refunded, settled: claim.settled + (claim.refunded - refunded) };
}

function factViews(doc: OrderDoc, facts: readonly OrderFactDoc[]): FactView[] {
  const views = facts.map((fact): FactView => {
    const { _id, version: _v, outcomes: _o, askedBack: _a, reinstated: _r, dueAt, at, ...rest } = fact;
    const view: FactView = { entry: entryOf(_id), ...rest, at: at.toISOString() };
    if (dueAt) view.expiresAt = dueAt.toISOString();
    return view;
  });
  const { placed } = doc;
  if (placed) {
    views.push({
      entry: placed.entry,
      fact: 'placed',
      at: placed.at.toISOString(),
      cause: placed.cause,
      expiresAt: placed.dueAt.toISOString(),
    });
  }
  return views.sort((a, b) => a.entry - b.entry);
}

export function entryOf(factId: string): number {
  return Number(factId.slice(factId.lastIndexOf('/') + 1));
}

function transitionViews(doc: OrderDoc, facts: readonly OrderFactDoc[]): TransitionView[] {
  const views: TransitionView[] = [];
  let from: OrderState = 'unseen';
  for (let entry = 1; entry <= doc.entries; entry++) {
    const isPlacement = doc.placed?.entry === entry;
    const made = isPlacement ? doc.placed : facts.find(({ _id }) => entryOf(_id) === entry);
    if (made?.version === undefined) continue;
    const to = stateAfter(doc, facts, entry);
    views.push({
      version: made.version,
      from,
      to,
      at: made.at.toISOString(),
      outcomes: made.outcomes ?? [],
      cause: made.cause,
    });
    from = to;
  }
  return views;
}

/** The state that the first facts made, up to and including the given one. */
function stateAfter(doc: OrderDoc, facts: readonly OrderFactDoc[], entry: number): OrderState {
  const known = facts.filter(({ _id }) => entryOf(_id) <= entry);
  if (doc.placed && doc.placed.entry <= entry) return stateOf(orderFrom(doc, known));
  const { placed: _, refused: _r, ...unseen } = doc;
  return stateOf(orderFrom(unseen, known));
}
