/**
 * Plays steps through the core as the worker does, without a database: one `WorkingSet` a batch, loaded from
 * what the last batch left, its changes written under their guards. What would be published is kept. Whatever
 * breaks a promise of the core goes into `problems`, so that one run can be judged by any test.
 */

import {
  BLANK,
  changeStock,
  DEFAULT_STORE,
  orderKey,
  WorkingSet,
  type Decision,
  type MerchantChange,
  type MerchantDecision,
  type Order,
  type OrderEvent,
  type ProductSettings,
  type Settings,
  type Stock,
  type StockChange,
  type StockDelta,
  type StoreSettings,
  type Transition,
} from '../index.js';
import { STORE } from './events.js';
import { decisionProblems } from './promises.js';

export type Step =
  | { step: 'event'; event: OrderEvent }
  /** the merchant's changes and new settings are other transactions: they end the batch */
  | { step: 'merchant'; stockKey: string; change: MerchantChange }
  | { step: 'store'; settings: Partial<StoreSettings> }
  | { step: 'product'; productId: string; settings: ProductSettings }
  | { step: 'commit' };

export interface PublishedTransition extends Transition {
  orderKey: string;
}

const FIGURES = ['free', 'held', 'sold', 'refunded'] as const;
type Figures = Record<(typeof FIGURES)[number], number>;
interface Course {
  now: Figures;
  low: Figures;
}

interface Batch {
  set: WorkingSet;
  orders: Set<string>;
  lows: Map<string, Course>;
  events: OrderEvent[];
  decisions: Decision[];
}

export class Shop {
  readonly problems: string[] = [];
  readonly transitions: PublishedTransition[] = [];
  /** sums of every published delta, blank counting as 0 */
  readonly ledger = new Map<string, Figures>();
  readonly #orders = new Map<string, Order>();
  readonly #stock = new Map<string, Stock>();
  readonly #products = new Map<string, ProductSettings>();
  #store: StoreSettings = DEFAULT_STORE;
  #batch: Batch | undefined;

  play(step: Step): Decision | MerchantDecision | undefined {
    if (step.step === 'event') return this.#decide(step.event);
    this.#commit();
    if (step.step === 'merchant') return this.#change(step.stockKey, step.change);
    if (step.step === 'store') this.#store = { ...this.#store, ...step.settings };
    if (step.step === 'product') this.#products.set(step.productId, step.settings);
    return undefined;
  }

  get inBatch(): boolean {
    return this.#batch !== undefined;
  }

  /** As the open batch sees it. */
  order(orderId: string): Order | undefined {
    return this.#batch?.set.order(STORE, orderId) ?? this.#orders.get(orderKey({ storeId: STORE, orderId }));
  }

  /** As the open batch sees it; a key without a document is blank. */
  stock(stockKey: string): Readonly<Stock> {
    return this.#batch?.set.stock(stockKey) ?? this.#stock.get(stockKey) ?? BLANK;
  }

  #decide(event: OrderEvent): Decision {
    const batch = (this.#batch ??= this.#open());
    const before = batch.set.order(event.storeId, event.orderId);
    const decision = batch.set.decide(event);
    batch.events.push(event);
    batch.decisions.push(decision);
    if (decision.kind !== 'fact') return decision;
    deepFreeze(decision.order);
    batch.orders.add(event.orderId);
    this.problems.push(...decisionProblems(before, decision, (key) => batch.set.stock(key)));
    if (decision.transition) {
      this.transitions.push({ ...decision.transition, orderKey: orderKey(event) });
      for (const outcome of decision.transition.outcomes)
        for (const delta of outcome.deltas) this.#publish(delta);
    }
    for (const delta of decision.deltas) this.#noteLow(batch.lows, delta);
    return decision;
  }

  #open(): Batch {
    const set = new WorkingSet(this.#settings());
    for (const order of this.#orders.values()) set.loadOrder(order);
    for (const [key, stock] of this.#stock) set.loadStock(key, Object.freeze({ ...stock }));
    return { set, orders: new Set(), lows: new Map(), events: [], decisions: [] };
  }

  #settings(): Settings {
    const products = new Map(this.#products);
    const store = this.#store;
    return { store: () => store, product: (_, productId) => products.get(productId) };
  }

  #commit(): void {
    const batch = this.#batch;
    if (!batch) return;
    const changes = batch.set.changes();
    this.#decideOnLittle(batch, changes);
    const isShort = (stockKey: string): boolean => !this.#stock.get(stockKey)?.free;
    for (const isDoubtful of [() => false, isShort]) this.#decideOnLittle(batch, changes, isDoubtful);
    for (const change of changes) this.#write(change, batch.lows.get(change.stockKey)?.low);
    for (const key of batch.lows.keys()) {
      if (!changes.some((change) => change.stockKey === key))
        this.problems.push(`${key} moved and is not written`);
    }
    for (const orderId of batch.orders) {
      const order = batch.set.order(STORE, orderId);
      if (order) this.#orders.set(orderKey(order), order);
    }
    this.#batch = undefined;
  }

  /**
   * Where not all stock need be read, deciding on what is read must come to the same, or be found out by a guard.
   * @param isDoubtful absent: enough is expected of no key
   */
  #decideOnLittle(
    { events, decisions }: Batch,
    changes: readonly StockChange[],
    isDoubtful?: (stockKey: string) => boolean,
  ): void {
    const set = new WorkingSet(this.#settings());
    for (const key of new Set(events.map(orderKey))) {
      const order = this.#orders.get(key);
      if (order) set.loadOrder(order);
    }
    const { toRead, unread } = set.keysOf(events, undefined, isDoubtful && { isDoubtful });
    if (!isDoubtful && unread.length === 0) return;
    for (const key of toRead) {
      const stock = this.#stock.get(key);
      if (stock) set.loadStock(key, { ...BLANK, free: stock.free, settlement: stock.settlement });
    }
    if (isDoubtful) set.expectEnoughBut(toRead);
    for (const key of unread) set.loadUnread(key);
    const again = events.map((event) => set.decide(event));
    const doGuardsHold = set.changes().every(({ stockKey, drawdown }) => {
      const { free } = this.#stock.get(stockKey) ?? BLANK;
      const isRead = !isDoubtful || toRead.includes(stockKey) || unread.includes(stockKey);
      return isRead || (free !== null && free >= drawdown.free);
    });
    if (!doGuardsHold || set.doubts.length > 0) return;
    const differ = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);
    if (differ(again, decisions)) this.problems.push('what is loaded for the events decides otherwise');
    if (differ(movesOf(set.changes()), movesOf(changes)))
      this.problems.push('what is loaded for the events moves otherwise');
  }

  /** What the transaction does to one key: the net change, if the guard allows it. */
  #write(change: StockChange, low: Figures | undefined): void {
    const { stockKey, drawdown, after } = change;
    const found = this.#stock.get(stockKey);
    const start = found ?? BLANK;
    const complain = (what: string): void => void this.problems.push(`${stockKey}: ${what}`);
    if (change.missing !== (found === undefined)) complain(`missing is ${change.missing}`);
    if (change.blank !== (start.free === null)) complain(`blank is ${change.blank}`);
    const next: Stock = { ...start };
    if (start.free !== null) next.free = start.free + change.free;
    else if (change.free !== 0 || drawdown.free !== 0) complain('takes from a blank number');
    for (const figure of ['held', 'sold', 'refunded'] as const) next[figure] += change[figure];
    for (const figure of FIGURES) {
      const had = start[figure] ?? 0;
      if (drawdown[figure] > had) complain(`guard asks for ${drawdown[figure]} ${figure} of ${had}`);
      if (low && drawdown[figure] !== had - low[figure]) complain(`guard of ${figure} is not exact`);
    }
    if (JSON.stringify(next) !== JSON.stringify(after)) complain('net change does not lead to the end');
    this.#stock.set(stockKey, next);
  }

  #change(stockKey: string, change: MerchantChange): MerchantDecision {
    const decision = changeStock(Object.freeze({ ...(this.#stock.get(stockKey) ?? BLANK) }), change);
    if (decision.kind === 'changed') {
      this.#stock.set(stockKey, decision.stock);
      this.#publish({ stockKey, ...decision.delta });
    }
    return decision;
  }

  /** Follows each balance delta by delta, also within one decision: its lowest point is what is guarded. */
  #noteLow(lows: Map<string, Course>, delta: StockDelta): void {
    let course = lows.get(delta.stockKey);
    if (!course) {
      const { free, held, sold, refunded } = this.#stock.get(delta.stockKey) ?? BLANK;
      const start = { free: free ?? 0, held, sold, refunded };
      lows.set(delta.stockKey, (course = { now: start, low: { ...start } }));
    }
    for (const figure of FIGURES) {
      course.now[figure] += delta[figure];
      course.low[figure] = Math.min(course.low[figure], course.now[figure]);
    }
  }

  #publish(delta: StockDelta): void {
    let sums = this.ledger.get(delta.stockKey);
    if (!sums) this.ledger.set(delta.stockKey, (sums = { free: 0, held: 0, sold: 0, refunded: 0 }));
    for (const figure of FIGURES) sums[figure] += delta[figure];
  }
}

/** What is written of each key, and under which guards; an unread key is there, and its `free` keeps. */
function movesOf(changes: readonly StockChange[]): unknown[] {
  return changes
    .map(({ stockKey, missing, free, held, sold, refunded, drawdown }) => [
      stockKey,
      missing,
      free,
      held,
      sold,
      refunded,
      drawdown,
    ])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

/** The core may not change what it was given, nor what it gave before. */
function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
}
