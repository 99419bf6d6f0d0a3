/**
 * An order is a set of facts; this file says what the facts are and which state they make.
 * Facts only accumulate. See docs/order-life.md for the table that `stateOf` is.
 */

import type { Line } from './line.js';
import type { RefusalReason } from './settings.js';

/** A line with the stock key it was frozen to when the order was placed; none = not counted. */
export interface OrderLine extends Line {
  stockKey?: string;
}

export interface Shortage {
  productId: string;
  variantId?: string;
  fulfillmentDate?: string;
  wanted: number;
  free: number;
}

export interface Placed {
  /** epoch ms, as the shop says */
  occurredAt: number;
  customerId?: string;
  lines: OrderLine[];
}

export interface Refusal {
  reason: RefusalReason;
  shortages: Shortage[];
}

export interface Refund {
  refundId: string;
  /** absent: counts for stock, and implies a payment */
  paymentId?: string;
  /** absent: every unit of the order */
  lines?: Line[];
  /** true: the units go back to `free` at once */
  restock: boolean;
}

export interface Restock {
  restockId: string;
  lines: Line[];
}

/** What an order takes of one key; see claim.ts for what settling does to it. */
export interface KeyClaim {
  stockKey: string;
  held: number;
  sold: number;
  /** refunded, not put back, and still counted in the stock's `refunded` */
  refunded: number;
  /** refunded, not put back, and settled by the merchant since */
  settled: number;
  /** the key's settlement when `refunded` was last brought up to date */
  settlement: number;
}

/** Every field is there from the first, if only as `undefined`: a copy with another value is then a plain copy. */
export interface Order {
  storeId: string;
  orderId: string;
  /** number of transitions so far */
  version: number;
  placed: Placed | undefined;
  /** epoch ms at which the hold falls due */
  dueAt: number | undefined;
  /** ids in order of arrival; the first is the paying one */
  payments: readonly string[];
  rejected: { reason?: string } | undefined;
  refunds: readonly Refund[];
  restocks: readonly Restock[];
  refused: Refusal | undefined;
  expired: boolean;
  reinstated: boolean;
  /** payments that were asked back already */
  askedBack: readonly string[];
  /** what is claimed, once a refund made it more than a function of state and lines */
  claims: readonly KeyClaim[] | undefined;
}

export type OrderState = 'unseen' | 'rejected' | 'refused' | 'expired' | 'held' | 'refunded' | 'paid';

/** Most payments, and most refunds, that one order remembers. */
export const MAX_FACTS = 100;

/** Lists are never changed, only replaced: all that are empty are this one. */
const NOTHING: readonly never[] = [];

export function newOrder(storeId: string, orderId: string): Order {
  return {
    storeId,
    orderId,
    version: 0,
    placed: undefined,
    dueAt: undefined,
    payments: NOTHING,
    rejected: undefined,
    refunds: NOTHING,
    restocks: NOTHING,
    refused: undefined,
    expired: false,
    reinstated: false,
    askedBack: NOTHING,
    claims: undefined,
  };
}

/** The first state that fits, in the documented order. */
export function stateOf(order: Order): OrderState {
  if (!order.placed) return 'unseen';
  if (order.rejected) return 'rejected';
  if (!order.reinstated) {
    if (order.refused) return 'refused';
    if (order.expired) return 'expired';
  }
  if (order.payments.length === 0 && !order.refunds.some((refund) => refund.paymentId === undefined)) {
    return 'held';
  }
  if (order.refunds.length === 0) return 'paid';
  return unitsOf(order).every((units) => units.refunded >= units.quantity) ? 'refunded' : 'paid';
}

/** A refund counts for stock when it names no payment, or the paying one: the first that arrived. */
export function counts(order: Order, refund: Refund): boolean {
  return refund.paymentId === undefined || refund.paymentId === order.payments[0];
}

/** The units of one product, variant and date of an order, over all lines that share them. */
export interface Units {
  productId: string;
  variantId?: string;
  fulfillmentDate?: string;
  stockKey?: string;
  quantity: number;
  /** r: refunded by refunds that count, at most `quantity` */
  refunded: number;
  /** p: put back of those, at most `refunded` */
  putBack: number;
}

export function sameGoods(a: Omit<Line, 'quantity'>, b: Omit<Line, 'quantity'>): boolean {
  return (
    a.productId === b.productId && a.variantId === b.variantId && a.fulfillmentDate === b.fulfillmentDate
  );
}

function goodsId(goods: Omit<Line, 'quantity'>): string {
  return goods.productId + '/' + (goods.variantId ?? '-') + '/' + (goods.fulfillmentDate ?? '-');
}

/** What became of each unit of the order, as its refunds and restocks say. */
export function unitsOf(order: Order): Units[] {
  const byGoods = new Map<string, Units>();
  for (const line of order.placed?.lines ?? []) {
    const id = goodsId(line);
    const units = byGoods.get(id);
    if (units) units.quantity += line.quantity;
    else byGoods.set(id, { ...line, refunded: 0, putBack: 0 });
  }
  const all = [...byGoods.values()];
  for (const refund of order.refunds) {
    if (!counts(order, refund)) continue;
    for (const { units, quantity } of named(byGoods, all, refund.lines)) {
      units.refunded += quantity;
      if (refund.restock) units.putBack += quantity;
    }
  }
  for (const restock of order.restocks) {
    for (const { units, quantity } of named(byGoods, all, restock.lines)) units.putBack += quantity;
  }
  for (const units of all) {
    units.refunded = Math.min(units.refunded, units.quantity);
    units.putBack = Math.min(units.putBack, units.refunded);
  }
  return all;
}

function named(byGoods: Map<string, Units>, all: Units[], lines: readonly Line[] | undefined) {
  if (lines === undefined) return all.map((units) => ({ units, quantity: units.quantity }));
  return lines.flatMap((line) => {
    const units = byGoods.get(goodsId(line));
    return units ? [{ units, quantity: line.quantity }] : [];
  });
}

/** Refund lines that match no line of the order, as text for people. */
export function unmatchedLines(order: Order, lines: readonly Line[] | undefined): string[] {
  const known = order.placed?.lines ?? [];
  return (lines ?? []).filter((line) => !known.some((own) => sameGoods(own, line))).map(goodsId);
}
