/** One order against its own facts. Pure. */

import { claimsOf, stateOf, targetsOf, type KeyClaim, type Order, type OrderState } from '@holdfast/core';
import type { Findings } from './audit-findings.js';
import type { OrderDoc, OrderFactDoc } from '../documents/documents.js';
import { factIds, orderFrom } from '../documents/order-documents.js';

export interface AuditedOrder {
  state: OrderState;
  /** per key: held and sold as the facts say, refunded and settlement as stored */
  claims: readonly KeyClaim[];
  /** facts found, the placement not counted */
  facts: number;
}

/** What the audit reads of an order. */
export type AuditedOrderDoc = Omit<OrderDoc, 'seq' | 'storeId'>;
export type AuditedFactDoc = Omit<OrderFactDoc, 'at' | 'cause'>;

/** @param factOf finds a fact by its id */
export function auditOrder(
  doc: AuditedOrderDoc,
  factOf: (id: string) => AuditedFactDoc | undefined,
  findings: Findings,
): AuditedOrder {
  const facts: AuditedFactDoc[] = [];
  for (const id of factIds(doc as OrderDoc)) {
    const fact = factOf(id);
    if (fact) facts.push(fact);
    else findings.add('fact-missing', doc._id, `${doc._id}: its fact ${id} is missing`);
  }
  const order = orderFrom(doc as OrderDoc, facts as OrderFactDoc[]);
  const state = stateOf(order);
  findings.compare('order-state', doc._id, 'its state', state, doc.state);
  const due = state === 'held' ? order.dueAt : undefined;
  const stored: unknown = doc.due instanceof Date ? doc.due.getTime() : doc.due;
  if (due !== stored) {
    const [is, should] = [textOf(stored), textOf(due)];
    findings.add('order-due', doc._id, `${doc._id}: its hold is due ${is}, and should be ${should}`, {
      actual: is,
      expected: should,
    });
  }
  checkNumbers(doc, facts, findings);
  if (facts.length > 1) checkRepetition(order, findings);
  return { state, claims: auditClaims(doc, order, state, findings), facts: facts.length };
}

function textOf(dueAt: unknown): string {
  if (dueAt === undefined) return 'never';
  return typeof dueAt === 'number' ? new Date(dueAt).toISOString() : JSON.stringify(dueAt);
}

/** Transitions are numbered 1, 2, 3 … in the order of the facts that made them. */
function checkNumbers(doc: AuditedOrderDoc, facts: AuditedFactDoc[], findings: Findings): void {
  const { placed } = doc;
  let version = 0;
  let at = 0;
  const next = (made: number | undefined): void => {
    if (made === undefined) return;
    version += 1;
    if (made === version) return;
    findings.compare('order-version', doc._id, 'the number of a transition', version, made);
    version = made;
  };
  for (let entry = 1; entry <= doc.entries; entry++) {
    if (entry === placed?.entry) next(placed.version);
    else next(facts[at++]?.version);
  }
  findings.compare('order-version', doc._id, 'its version', version, doc.version);
  if (placed && (placed.entry < 1 || placed.entry > doc.entries)) {
    findings.compare('fact-missing', doc._id, 'the number of its placement', doc.entries, placed.entry);
  }
}

function checkRepetition(order: Order, findings: Findings): void {
  const ids = [
    ...order.payments.map((id) => `payment ${id}`),
    ...order.refunds.map(({ refundId }) => `refund ${refundId}`),
    ...order.restocks.map(({ restockId }) => `restock ${restockId}`),
  ];
  if (new Set(ids).size === ids.length) return;
  const subject = `${order.storeId}/${order.orderId}`;
  for (const id of new Set(ids.filter((other, at) => ids.indexOf(other) !== at))) {
    findings.add('fact-repeated', subject, `${subject}: knows ${id} more than once`);
  }
}

/** The stored claim, where there is one, has to be what the facts ask for. */
function auditClaims(
  doc: AuditedOrderDoc,
  order: Order,
  state: OrderState,
  findings: Findings,
): readonly KeyClaim[] {
  if (!doc.claims && order.refunds.length === 0) return claimsOf(order);
  const stored = new Map((doc.claims ?? []).map((claim) => [claim.stockKey, claim]));
  const claims = targetsOf(order, state).map(({ stockKey, held, sold, out }): KeyClaim => {
    const claim = stored.get(stockKey);
    stored.delete(stockKey);
    const what = (balance: string): string => `its claim of ${stockKey}, ${balance},`;
    if (claim) {
      findings.compare('order-claim', doc._id, what('held'), held, claim.held);
      findings.compare('order-claim', doc._id, what('sold'), sold, claim.sold);
    }
    const stands = (claim?.refunded ?? 0) + (claim?.settled ?? 0);
    findings.compare('order-claim', doc._id, what('refunded and settled'), out, stands);
    return { stockKey, held, sold, refunded: 0, settled: 0, settlement: 0, ...pickRefunded(claim) };
  });
  for (const stockKey of stored.keys()) {
    findings.add('order-claim', doc._id, `${doc._id}: claims ${stockKey}, which it did not order`);
  }
  return claims;
}

function pickRefunded(claim: KeyClaim | undefined): Partial<KeyClaim> {
  if (!claim) return {};
  return { refunded: claim.refunded, settled: claim.settled, settlement: claim.settlement };
}
