/**
 * What an order takes of each stock key, and the difference between two such claims.
 *
 * A refunded unit is the merchant's to decide about. When the merchant settles a key (sets its number), the
 * key's `refunded` becomes 0 and its `settlement` rises: refunded units from before are then `settled`. They
 * stay in the claim, so that they are never put back a second time, but no longer stand in the stock.
 */

import { stateOf, unitsOf, type Order, type OrderLine, type OrderState, type KeyClaim } from './order.js';
import { isZero, type Stock, type StockDelta } from './stock.js';

/** What the facts say is to be claimed of a key; `out` = refunded and not put back. */
export interface Target {
  stockKey: string;
  held: number;
  sold: number;
  out: number;
}

/** Units ordered per key, lines summed. Uncounted lines are left out. */
export function unitsPerKey(lines: readonly OrderLine[]): { stockKey: string; quantity: number }[] {
  const sums: { stockKey: string; quantity: number }[] = [];
  const index = lines.length > 16 ? new Map<string, number>() : undefined;
  for (const { stockKey, quantity } of lines) {
    if (stockKey === undefined) continue;
    const sum = index ? sums[index.get(stockKey) ?? -1] : find(sums, stockKey);
    if (sum) {
      sum.quantity += quantity;
      continue;
    }
    index?.set(stockKey, sums.length);
    sums.push({ stockKey, quantity });
  }
  return sums;
}

function find<T extends { stockKey: string }>(among: readonly T[], stockKey: string): T | undefined {
  for (let at = 0; at < among.length; at++) if (among[at]?.stockKey === stockKey) return among[at];
  return undefined;
}

/** The claim that the facts ask for in the given state: the table of docs/order-life.md. */
export function targetsOf(order: Order, state: OrderState = stateOf(order)): Target[] {
  const sums = unitsPerKey(order.placed?.lines ?? []);
  switch (state) {
    case 'held':
      return sums.map(({ stockKey, quantity }) => ({ stockKey, held: quantity, sold: 0, out: 0 }));
    case 'paid':
    case 'refunded':
      return order.refunds.length === 0 ? soldTargets(order) : refundedTargets(order);
    case 'unseen':
    case 'rejected':
    case 'refused':
    case 'expired':
      return sums.map(({ stockKey }) => ({ stockKey, held: 0, sold: 0, out: 0 }));
  }
}

/** The claim of a paid order before any refund. */
export function soldTargets(order: Order): Target[] {
  return unitsPerKey(order.placed?.lines ?? []).map(({ stockKey, quantity }) => ({
    stockKey,
    held: 0,
    sold: quantity,
    out: 0,
  }));
}

function refundedTargets(order: Order): Target[] {
  const byKey = new Map<string, Target>();
  for (const units of unitsOf(order)) {
    if (units.stockKey === undefined) continue;
    let target = byKey.get(units.stockKey);
    if (!target) byKey.set(units.stockKey, (target = { stockKey: units.stockKey, held: 0, sold: 0, out: 0 }));
    target.sold += units.quantity - units.refunded;
    target.out += units.refunded - units.putBack;
  }
  return [...byKey.values()];
}

const NO_CLAIMS: readonly KeyClaim[] = [];

/** What the order claims now. */
export function claimsOf(order: Order): readonly KeyClaim[] {
  if (order.claims) return order.claims;
  if (!order.placed) return NO_CLAIMS;
  return targetsOf(order).map(({ stockKey, held, sold }) => ({
    stockKey,
    held,
    sold,
    refunded: 0,
    settled: 0,
    settlement: 0,
  }));
}

export interface Move {
  claims: KeyClaim[];
  /** zero deltas are left out */
  deltas: StockDelta[];
}

/** From the present claims to the targets, given each key's stock. */
export function moveTo(
  present: readonly KeyClaim[],
  targets: readonly Target[],
  stockOf: (stockKey: string) => Readonly<Stock>,
): Move {
  const claims: KeyClaim[] = [];
  const deltas: StockDelta[] = [];
  for (let index = 0; index < targets.length; index++) {
    const target = targets[index] as Target;
    const at = present[index];
    const before = at?.stockKey === target.stockKey ? at : find(present, target.stockKey);
    const { claim, delta } = moveKey(before, target, stockOf(target.stockKey));
    claims.push(claim);
    if (!isZero(delta)) deltas.push(delta);
  }
  return { claims, deltas };
}

function moveKey(before: KeyClaim | undefined, target: Target, stock: Readonly<Stock>) {
  const stale = before !== undefined && before.settlement !== stock.settlement;
  const heldBefore = before?.held ?? 0;
  const soldBefore = before?.sold ?? 0;
  const refundedBefore = before && !stale ? before.refunded : 0;
  let settled = before ? before.settled + (stale ? before.refunded : 0) : 0;
  let refunded = refundedBefore;
  const missing = target.out - refunded - settled;
  if (missing >= 0) refunded += missing;
  else {
    // Put back what the stock still counts first; what the merchant has settled cannot go back again.
    const returned = Math.min(-missing, refunded);
    refunded -= returned;
    settled -= -missing - returned;
  }
  const held = target.held - heldBefore;
  const sold = target.sold - soldBefore;
  const out = refunded - refundedBefore;
  // `0 -` and not unary minus: no -0 may reach a message or a comparison.
  const free = stock.free === null ? 0 : 0 - (held + sold + out);
  return {
    claim: {
      stockKey: target.stockKey,
      held: target.held,
      sold: target.sold,
      refunded,
      settled,
      settlement: stock.settlement,
    },
    delta: { stockKey: target.stockKey, free, held, sold, refunded: out },
  };
}
