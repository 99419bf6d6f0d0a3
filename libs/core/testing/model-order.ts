/** One order of the reference model: its facts, its units, and the table of states. See model.ts. */

import type { Line, OrderState, PlacedEvent, RefundedEvent } from '../index.js';

/** One piece of goods that an order asked for. */
export interface Unit {
  key: string;
  where: 'free' | 'held' | 'sold' | 'out';
  /** of an `out` unit: how often the key had been settled when it came out */
  settlement: number;
}

/** One product, variant and date of an order, over all its lines. */
export interface Goods {
  id: string;
  key: string | undefined;
  quantity: number;
  refunded: number;
  putBack: number;
}

/** Units of one order at one key. */
export interface Claimed {
  held: number;
  sold: number;
  /** out, and standing in the key's balance */
  refunded: number;
  /** out, and settled by the merchant since */
  settled: number;
}

export class ModelOrder {
  placed: PlacedEvent | undefined;
  readonly keyOfLine: (string | undefined)[] = [];
  dueAt = Infinity;
  payments: string[] = [];
  rejected = false;
  refunds: RefundedEvent[] = [];
  restocks: { id: string; lines: Line[] }[] = [];
  refused: string | undefined;
  expired = false;
  reinstated = false;
  readonly units: Unit[] = [];
  readonly askedBack = new Set<string>();

  get state(): OrderState {
    if (!this.placed) return 'unseen';
    if (this.rejected) return 'rejected';
    if (this.refused !== undefined && !this.reinstated) return 'refused';
    if (this.expired && !this.reinstated) return 'expired';
    const counting = this.refunds.filter((refund) => this.counts(refund));
    if (this.payments.length === 0 && counting.length === 0) return 'held';
    return this.goods().every((goods) => goods.refunded === goods.quantity) ? 'refunded' : 'paid';
  }

  counts(refund: RefundedEvent): boolean {
    return refund.paymentId === undefined || refund.paymentId === this.payments.at(0);
  }

  /** Per product, variant and date: r and p of the table. */
  goods(): Goods[] {
    const all: Goods[] = [];
    this.placed?.lines.forEach((line, at) => {
      const known = all.find((goods) => goods.id === idOf(line));
      if (known) known.quantity += line.quantity;
      else
        all.push({
          id: idOf(line),
          key: this.keyOfLine[at],
          quantity: line.quantity,
          refunded: 0,
          putBack: 0,
        });
    });
    for (const goods of all) {
      const inLines = (lines: readonly Line[] | undefined): number =>
        lines
          ? sum(lines.filter((line) => idOf(line) === goods.id).map((line) => line.quantity))
          : goods.quantity;
      const counting = this.refunds.filter((refund) => this.counts(refund));
      goods.refunded = Math.min(goods.quantity, sum(counting.map((refund) => inLines(refund.lines))));
      const back = counting.filter((refund) => refund.restock).map((refund) => inLines(refund.lines));
      const restocked = this.restocks.map((restock) => inLines(restock.lines));
      goods.putBack = Math.min(goods.refunded, sum(back) + sum(restocked));
    }
    return all;
  }

  /** Payments that pay for nothing, and whose refund is not known. */
  paidForNothing(): string[] {
    const lost = ['rejected', 'refused', 'expired'].includes(this.state);
    return this.payments.filter((payment, at) => {
      if (at > 0) return !this.refunds.some((refund) => refund.paymentId === payment);
      return lost && !this.goods().every((goods) => goods.refunded === goods.quantity);
    });
  }

  /** Units per key. `settlementOf` tells what is out and counted from what is out and settled since. */
  claims(settlementOf: (key: string) => number): Map<string, Claimed> {
    const claims = new Map<string, Claimed>();
    for (const { key, where, settlement } of this.units) {
      let claimed = claims.get(key);
      if (!claimed) claims.set(key, (claimed = { held: 0, sold: 0, refunded: 0, settled: 0 }));
      if (where === 'held' || where === 'sold') claimed[where] += 1;
      if (where === 'out') claimed[settlement < settlementOf(key) ? 'settled' : 'refunded'] += 1;
    }
    return claims;
  }
}

export function idOf(line: Omit<Line, 'quantity'>): string {
  return `${line.productId}/${line.variantId ?? '-'}/${line.fulfillmentDate ?? '-'}`;
}

export function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
