/**
 * The reference that the core is compared with: written from the table in docs/order-life.md and nothing else.
 * It is naive on purpose. Every unit of every order is a thing of its own that is free, held, sold or out
 * (refunded and not put back); balances are what one finds by counting. Nothing here calls the core's logic.
 */

import type {
  Line,
  OrderEvent,
  OrderState,
  PlacedEvent,
  ProductSettings,
  RestockedEvent,
  StoreSettings,
  Template,
} from '../index.js';
import { idOf, ModelOrder, sum, type Claimed } from './model-order.js';
import type { Step } from './shop.js';

/** What the model expects of the core's answer to one step. */
export interface Expected {
  kind: 'unchanged' | 'conflicting' | 'refused' | 'fact' | 'changed';
  /** state, units or requests are other than before: there has to be a transition */
  transition: boolean;
  told?: Template;
}

const NOTHING: Expected = { kind: 'unchanged', transition: false };

export class Model {
  readonly orders = new Map<string, ModelOrder>();
  readonly keys = new Map<string, { free: number | null; settlement: number }>();
  readonly #products = new Map<string, ProductSettings>();
  #store: StoreSettings = { timeZone: 'UTC', fulfillmentDates: false, holdMs: 30 * 60_000 };

  play(step: Step): Expected {
    switch (step.step) {
      case 'commit':
        return NOTHING;
      case 'store':
        this.#store = { ...this.#store, ...step.settings };
        return NOTHING;
      case 'product':
        this.#products.set(step.productId, step.settings);
        return NOTHING;
      case 'event':
        return this.#event(step.event);
      case 'merchant': {
        const key = this.key(step.stockKey);
        if (step.change.type === 'set') {
          key.free = step.change.quantity;
          key.settlement += 1;
          return { kind: 'changed', transition: false };
        }
        if (key.free === null || key.free + step.change.by < 0) return { kind: 'refused', transition: false };
        key.free += step.change.by;
        return { kind: 'changed', transition: false };
      }
    }
  }

  key(stockKey: string): { free: number | null; settlement: number } {
    let key = this.keys.get(stockKey);
    if (!key) this.keys.set(stockKey, (key = { free: null, settlement: 0 }));
    return key;
  }

  /** Units of all orders that stand in each key's balance; keys with none are left out. */
  balances(): Map<string, { held: number; sold: number; refunded: number }> {
    const balances = new Map<string, { held: number; sold: number; refunded: number }>();
    for (const order of this.orders.values()) {
      for (const [key, { held, sold, refunded }] of this.claims(order)) {
        const sums = balances.get(key) ?? { held: 0, sold: 0, refunded: 0 };
        balances.set(key, {
          held: sums.held + held,
          sold: sums.sold + sold,
          refunded: sums.refunded + refunded,
        });
      }
    }
    return balances;
  }

  claims(order: ModelOrder): Map<string, Claimed> {
    return order.claims((key) => this.key(key).settlement);
  }

  #event(event: OrderEvent): Expected {
    let order = this.orders.get(event.orderId);
    if (!order) this.orders.set(event.orderId, (order = new ModelOrder()));
    const from = order.state;
    const unitsBefore = JSON.stringify(order.units);
    const kind = this.#learn(order, event);
    if (kind !== 'fact') return { kind, transition: false };
    this.#moveUnits(order);
    const asked = order.placed
      ? order.paidForNothing().filter((payment) => !order.askedBack.has(payment))
      : [];
    for (const payment of asked) order.askedBack.add(payment);
    const changed = from !== order.state || unitsBefore !== JSON.stringify(order.units) || asked.length > 0;
    const told = templateOf(from, order, asked);
    return { kind, transition: changed, ...(told && { told }) };
  }

  #learn(order: ModelOrder, event: OrderEvent): Expected['kind'] {
    switch (event.type) {
      case 'placed':
        return this.#place(order, event);
      case 'paid': {
        if (order.payments.includes(event.paymentId)) return 'unchanged';
        if (order.payments.length === 100) return 'refused';
        order.payments.push(event.paymentId);
        const mayReturn =
          order.state === 'expired' || (order.state === 'refused' && order.refused === 'short');
        const wanted = mayReturn && order.payments.length === 1 && order.paidForNothing().length === 1;
        order.reinstated = order.reinstated || (wanted && this.#short(order).length === 0);
        return 'fact';
      }
      case 'rejected':
        if (order.rejected) return 'unchanged';
        order.rejected = true;
        return 'fact';
      case 'refunded':
        if (order.refunds.some((known) => known.refundId === event.refundId)) return 'unchanged';
        if (order.refunds.length === 100) return 'refused';
        order.refunds.push(event);
        return 'fact';
      case 'restocked':
        return this.#restock(order, event);
      case 'due':
        if (order.state !== 'held' || order.dueAt > event.watermark) return 'unchanged';
        order.expired = true;
        return 'fact';
      case 'extended':
        if (order.state !== 'held') return 'refused';
        if (event.dueAt <= order.dueAt) return 'unchanged';
        order.dueAt = event.dueAt;
        return 'fact';
    }
  }

  #place(order: ModelOrder, event: PlacedEvent): Expected['kind'] {
    if (order.placed) {
      const text = (e: PlacedEvent): string =>
        JSON.stringify([e.occurredAt, e.customerId, e.lines.map((l) => [idOf(l), l.quantity])]);
      return text(order.placed) === text(event) ? 'unchanged' : 'conflicting';
    }
    order.placed = event;
    order.dueAt = Math.min(event.occurredAt, event.recordedAt) + this.#store.holdMs;
    const found = new Set<string>();
    event.lines.forEach((line, at) => {
      const product = this.#products.get(line.productId);
      if (!product || product.inventory === 'off') return;
      const byVariant = product.inventory === 'variant';
      if (this.#store.fulfillmentDates && !line.fulfillmentDate) found.add('1 date-required');
      else if (byVariant && !line.variantId) found.add('2 variant-required');
      else if (line.variantId && product.variants?.includes(line.variantId) === false) {
        found.add('3 unknown-variant');
      } else {
        const variant = byVariant ? line.variantId : '-';
        const date = this.#store.fulfillmentDates ? line.fulfillmentDate : '-';
        const key = [event.storeId, line.productId, variant, date].join('/');
        order.keyOfLine[at] = key;
        for (let unit = 0; unit < line.quantity; unit++)
          order.units.push({ key, where: 'free', settlement: 0 });
      }
    });
    const reason = [...found].sort()[0];
    if (!order.rejected) order.refused = reason ?? (this.#short(order).length > 0 ? 'short' : undefined);
    return 'fact';
  }

  #short(order: ModelOrder): string[] {
    return [...new Set(order.units.map((unit) => unit.key))].filter((key) => {
      const { free } = this.key(key);
      return free !== null && free < order.units.filter((unit) => unit.key === key).length;
    });
  }

  /** In whole or part, but never more than waits: of the goods, and of their key since it was last settled. */
  #restock(order: ModelOrder, event: RestockedEvent): Expected['kind'] {
    if (order.restocks.some((known) => known.id === event.restockId)) return 'unchanged';
    if (order.state !== 'paid' && order.state !== 'refunded') return 'refused';
    const waiting = new Map<string, number>();
    for (const [key, { refunded }] of this.claims(order)) waiting.set(key, refunded);
    const lines: Line[] = [];
    for (const { id, key, refunded, putBack } of order.goods()) {
      const ofKey = (key !== undefined && waiting.get(key)) || 0;
      const wanted = event.lines
        ? sum(event.lines.filter((line) => idOf(line) === id).map((line) => line.quantity))
        : Math.min(ofKey, refunded - putBack);
      if (wanted > Math.min(ofKey, refunded - putBack)) return 'refused';
      if (key === undefined || wanted === 0) continue;
      waiting.set(key, ofKey - wanted);
      const [productId = '', variantId = '', fulfillmentDate = ''] = id.split('/');
      lines.push({ productId, variantId, fulfillmentDate, quantity: wanted });
    }
    if (event.lines?.some((line) => !order.goods().some((goods) => goods.id === idOf(line))))
      return 'refused';
    if (lines.length === 0) return 'refused';
    order.restocks.push({ id: event.restockId, lines });
    return 'fact';
  }

  /** Makes the units what the table says, and gives or takes from `free` what thereby leaves or enters it. */
  #moveUnits(order: ModelOrder): void {
    const state = order.state;
    const goods = state === 'paid' || state === 'refunded' ? order.goods() : [];
    for (const stockKey of new Set(order.units.map((unit) => unit.key))) {
      const key = this.key(stockKey);
      const units = order.units.filter((unit) => unit.key === stockKey);
      const standing = (): number =>
        units.filter((u) => u.where !== 'free' && !(u.where === 'out' && u.settlement < key.settlement))
          .length;
      const before = standing();
      const mine = goods.filter((item) => item.key === stockKey);
      const out = sum(mine.map((item) => item.refunded - item.putBack));
      let sold = sum(mine.map((item) => item.quantity - item.refunded));
      // Units settled longest ago stay out longest: what the stock still counts goes back first.
      const outNow = units.filter((u) => u.where === 'out').sort((a, b) => a.settlement - b.settlement);
      for (const unit of outNow.slice(out)) unit.where = 'free';
      let missing = out - outNow.length;
      for (const unit of units) {
        if (unit.where === 'out') continue;
        if (missing-- > 0) Object.assign(unit, { where: 'out', settlement: key.settlement });
        else if (state === 'held') unit.where = 'held';
        else unit.where = sold-- > 0 ? 'sold' : 'free';
      }
      if (key.free !== null) key.free -= standing() - before;
    }
  }
}

/** What the customer is told when an order went from one state to another: one thing, the weightiest. */
function templateOf(from: OrderState, order: ModelOrder, asked: string[]): Template | undefined {
  const to = order.state;
  const lapsed = from === 'refused' || from === 'expired';
  if (from !== to) {
    if (to === 'rejected' && !lapsed) return 'order-rejected';
    if (to === 'refused' && order.refused === 'short') return 'order-refused';
    if (to === 'expired') return 'order-expired';
    if (lapsed && to !== 'rejected') return 'order-reinstated';
  }
  return asked.length > 0 ? 'refund-on-its-way' : undefined;
}
