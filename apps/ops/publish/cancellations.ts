/**
 * Which order a cancellation gives back. The data does not say, so this is a rule: of the earlier orders in the
 * file that bought at least so many units, not cancelled yet, the one that covers most products of the
 * cancellation; among those, the one with most quantities exactly the same; among those, the latest. What it
 * does not cover goes to the next such order. What no order covers cannot be used, and is named line by line.
 */

import type { Goods, Invoice, UnusableLine } from './invoices.js';

export interface PlannedRefund {
  /** the cancellation's number; unique in its order */
  refundId: string;
  orderId: string;
  /** epoch ms */
  at: number;
  goods: Goods[];
}

export interface Matching {
  refunds: PlannedRefund[];
  unusableLines: UnusableLine[];
  /** cancellations by what was found for them */
  matched: string[];
  partly: string[];
  unmatched: string[];
}

interface Bought {
  order: Invoice;
  /** units not cancelled yet, by product */
  left: Map<string, number>;
}

/** @param orders, cancellations in the order of the file */
export function matchCancellations(orders: readonly Invoice[], cancellations: readonly Invoice[]): Matching {
  const matching: Matching = { refunds: [], unusableLines: [], matched: [], partly: [], unmatched: [] };
  const buyers = new Map<string, Bought[]>();
  let next = 0;
  for (const cancellation of cancellations) {
    for (
      let order = orders[next];
      order && order.firstLine < cancellation.firstLine;
      order = orders[++next]
    ) {
      addBuyer(buyers, order);
    }
    let open = cancellation.goods;
    for (let best = bestOf(buyers, open); best; best = bestOf(buyers, open)) {
      const taken = take(best, open);
      open = open.filter((goods) => !taken.includes(goods));
      const { id: refundId, at } = cancellation;
      matching.refunds.push({ refundId, orderId: best.order.id, at, goods: taken });
    }
    const all = cancellation.goods.length;
    const found = open.length === 0 ? 'matched' : open.length < all ? 'partly' : 'unmatched';
    matching[found].push(cancellation.id);
    for (const { productId, quantity, lines } of open) {
      const detail = `${quantity} of ${productId}`;
      const fault = 'no-order-to-refund';
      matching.unusableLines.push(
        ...lines.map((line) => ({ line, invoice: cancellation.id, fault, detail }) as const),
      );
    }
  }
  return matching;
}

function addBuyer(buyers: Map<string, Bought[]>, order: Invoice): void {
  const bought: Bought = { order, left: new Map() };
  for (const { productId, quantity } of order.goods) {
    bought.left.set(productId, quantity);
    const others = buyers.get(productId);
    if (others) others.push(bought);
    else buyers.set(productId, [bought]);
  }
}

function bestOf(buyers: Map<string, Bought[]>, open: readonly Goods[]): Bought | undefined {
  const scores = new Map<Bought, { covered: number; exact: number }>();
  for (const { productId, quantity } of open) {
    for (const bought of buyers.get(productId) ?? []) {
      const left = bought.left.get(productId) ?? 0;
      if (left < quantity) continue;
      const score = scores.get(bought) ?? { covered: 0, exact: 0 };
      score.covered += 1;
      if (left === quantity) score.exact += 1;
      scores.set(bought, score);
    }
  }
  let best: Bought | undefined;
  let most = { covered: 0, exact: 0 };
  for (const [bought, score] of scores) {
    const more = score.covered - most.covered || score.exact - most.exact;
    const later = best !== undefined && bought.order.firstLine > best.order.firstLine;
    if (more > 0 || (more === 0 && later)) [best, most] = [bought, score];
  }
  return best;
}

function take({ left }: Bought, open: readonly Goods[]): Goods[] {
  const taken = open.filter(({ productId, quantity }) => (left.get(productId) ?? 0) >= quantity);
  for (const { productId, quantity } of taken) left.set(productId, (left.get(productId) ?? 0) - quantity);
  return taken;
}
