/**
 * The orders, stock and settings of one batch in memory. Events are decided one after the other, each on what
 * the ones before it left; at the end the set knows what to write, and how low each balance went on the way,
 * which is what the write must guard.
 */

import { decide, type View } from './decide.js';
import type { OrderEvent, PlacedEvent } from './event.js';
import { newOrder, stateOf, type Order } from './order.js';
import type { Decision } from './outcome.js';
import { countingOf, type Counting, type ProductSettings, type StoreSettings } from './settings.js';
import { addDelta, BLANK, type Stock, type StockDelta } from './stock.js';

/** The net change of one key over a batch. */
export interface StockChange {
  stockKey: string;
  /** no document yet: it is inserted, blank */
  missing: boolean;
  /** `free` is null: it is guarded as such and not incremented */
  blank: boolean;
  /** nothing was read of it: `free` stays as it is, whatever it is */
  unread: boolean;
  free: number;
  held: number;
  sold: number;
  refunded: number;
  /** the most that was taken of each balance at any moment of the batch; the guard of the write */
  drawdown: { free: number; held: number; sold: number; refunded: number };
  /** the balances before the batch and after it */
  before: Readonly<Stock>;
  after: Readonly<Stock>;
}

/** The keys that events may look at or move. */
export interface KeysOfEvents {
  toRead: string[];
  /** units can only go from held to sold there, which depends on no other balance */
  unread: string[];
}

/** What may be taken for enough. */
export interface Expectation {
  /** whether a stock key may well be short; absent: none is known that may */
  isDoubtful: ((stockKey: string) => boolean) | undefined;
}

interface Entry {
  missing: boolean;
  unread: boolean;
  before: Readonly<Stock>;
  now: Stock;
  touched: boolean;
  low: { free: number; held: number; sold: number; refunded: number };
}

export interface Settings {
  store(storeId: string): StoreSettings;
  product(storeId: string, productId: string): ProductSettings | undefined;
}

/** Of a key that was not read: more than can ever be taken, and far from where numbers are no longer exact. */
const ENOUGH: Readonly<Stock> = Object.freeze({ ...BLANK, free: 2 ** 52 });

export class WorkingSet implements View {
  readonly #orders = new Map<string, Order>();
  readonly #stock = new Map<string, Entry>();
  readonly #doubts: string[] = [];
  readonly #countings = new Map<PlacedEvent, readonly Counting[]>();
  /** of these alone it is known that they are not there unless they are loaded; absent: of all */
  #read: ReadonlySet<string> | undefined;

  constructor(private readonly settings: Settings) {}

  loadOrder(order: Order): void {
    this.#orders.set(orderKey(order), order);
  }

  loadStock(stockKey: string, stock: Readonly<Stock>): void {
    this.#stock.set(stockKey, entryOf(stock, false));
  }

  /** Nothing is known of any other key: there is enough, or the guard of its change will not hold. */
  expectEnoughBut(read: readonly string[]): void {
    this.#read = new Set(read);
  }

  /** The key is there, and that is all that is known of it. */
  loadUnread(stockKey: string): void {
    this.#stock.set(stockKey, { ...entryOf(BLANK, false), unread: true });
  }

  /**
   * What is to be loaded before the first of the events is decided; their orders are loaded.
   * @param orderKeys of each event
   * @param enough of keys against which only orders count that are placed here: all that matters is whether there is enough.
   *   Where one of an order's keys is doubtful all are read, since a refusal names all that are short. Absent: all are
   */
  keysOf(
    events: readonly OrderEvent[],
    orderKeys: readonly string[] = events.map(orderKey),
    enough?: Expectation,
  ): KeysOfEvents {
    const toRead = new Set<string>();
    const lookedInto = new Set<string>();
    const notOnlyPaid = new Set<string>();
    const expecting: PlacedEvent[] = [];
    for (let at = 0; at < events.length; at++) {
      const { type } = events[at] as OrderEvent;
      if (type !== 'placed' && type !== 'paid' && type !== 'rejected')
        lookedInto.add(orderKeys[at] as string);
    }
    for (let at = 0; at < events.length; at++) {
      const event = events[at] as OrderEvent;
      if (event.type === 'paid') continue;
      const key = orderKeys[at] as string;
      const order = this.#orders.get(key);
      if (order) notOnlyPaid.add(key);
      if (event.type !== 'placed' || order?.placed) continue;
      if (enough && !order && !lookedInto.has(key) && !this.#isDoubtful(event, enough)) expecting.push(event);
      else for (const stockKey of this.#stockKeysOf(event)) toRead.add(stockKey);
    }
    const unread = new Set<string>();
    for (const [key, order] of this.#orders) {
      const keys = isPlain(order) && !notOnlyPaid.has(key) ? unread : toRead;
      for (const { stockKey } of order.placed?.lines ?? []) if (stockKey !== undefined) keys.add(stockKey);
    }
    for (const stockKey of toRead) unread.delete(stockKey);
    if (unread.size > 0) {
      for (const event of expecting) for (const stockKey of this.#stockKeysOf(event)) unread.delete(stockKey);
    }
    return { toRead: [...toRead], unread: [...unread] };
  }

  order(storeId: string, orderId: string): Order | undefined {
    return this.#orders.get(orderKey({ storeId, orderId }));
  }

  store(storeId: string): StoreSettings {
    return this.settings.store(storeId);
  }

  countings(event: PlacedEvent): readonly Counting[] {
    const known = this.#countings.get(event);
    if (known) return known;
    const { storeId, lines } = event;
    const store = this.settings.store(storeId);
    return lines.map((line) =>
      countingOf(storeId, line, store, this.settings.product(storeId, line.productId)),
    );
  }

  stock(stockKey: string): Readonly<Stock> {
    return this.#entry(stockKey).now;
  }

  /** Decides one event and keeps what it changed. */
  decide(event: OrderEvent, key = orderKey(event)): Decision {
    const order = this.#orders.get(key) ?? newOrder(event.storeId, event.orderId);
    const decision = decide(order, event, this);
    if (decision.kind === 'fact') {
      this.#orders.set(key, decision.order);
      for (const delta of decision.deltas) this.#move(delta);
      if (event.type === 'placed' && decision.order.refused) this.#noteDoubts(decision.order);
    }
    return decision;
  }

  /**
   * Keys of refused orders, of which others are only expected to be enough: the refusal may not name all that are short, and
   * no guard would tell. What was decided counts only where there are none.
   */
  get doubts(): readonly string[] {
    return this.#doubts;
  }

  /** Every key that moved, also when it came back to where it was: its guard still has to hold. */
  changes(): StockChange[] {
    const changes: StockChange[] = [];
    for (const [stockKey, { missing, unread, before, now, touched, low }] of this.#stock) {
      if (!touched) continue;
      changes.push({
        stockKey,
        missing,
        blank: before.free === null && !unread,
        unread,
        free: (now.free ?? 0) - (before.free ?? 0),
        held: now.held - before.held,
        sold: now.sold - before.sold,
        refunded: now.refunded - before.refunded,
        drawdown: {
          free: (before.free ?? 0) - low.free,
          held: before.held - low.held,
          sold: before.sold - low.sold,
          refunded: before.refunded - low.refunded,
        },
        before,
        after: now,
      });
    }
    return changes;
  }

  #isDoubtful(event: PlacedEvent, { isDoubtful }: Expectation): boolean {
    return isDoubtful !== undefined && this.#stockKeysOf(event).some(isDoubtful);
  }

  /** Looked up once: the keys to read follow from it, and then the decision. */
  #stockKeysOf(event: PlacedEvent): string[] {
    const countings = this.countings(event);
    this.#countings.set(event, countings);
    return countings.flatMap((counting) => ('stockKey' in counting ? [counting.stockKey] : []));
  }

  #noteDoubts({ refused, placed }: Order): void {
    if (refused?.reason !== 'not-enough-stock') return;
    const keys = (placed?.lines ?? []).flatMap(({ stockKey }) => stockKey ?? []);
    const known = keys.filter((stockKey) => this.#entry(stockKey).before !== ENOUGH);
    if (known.length < keys.length) this.#doubts.push(...known);
  }

  #move(delta: StockDelta): void {
    const entry = this.#entry(delta.stockKey);
    const { now, low } = entry;
    if (entry.unread && (delta.refunded !== 0 || delta.held + delta.sold !== 0)) {
      throw new Error(`${delta.stockKey} was to go from held to sold, and was not read for more`);
    }
    addDelta(now, delta);
    entry.touched = true;
    if ((now.free ?? 0) < low.free) low.free = now.free ?? 0;
    if (now.held < low.held) low.held = now.held;
    if (now.sold < low.sold) low.sold = now.sold;
    if (now.refunded < low.refunded) low.refunded = now.refunded;
  }

  #entry(stockKey: string): Entry {
    let entry = this.#stock.get(stockKey);
    if (!entry) {
      const isExpected = this.#read && !this.#read.has(stockKey);
      entry = isExpected ? entryOf(ENOUGH, false) : entryOf({ ...BLANK }, true);
      this.#stock.set(stockKey, entry);
    }
    return entry;
  }
}

function entryOf(stock: Readonly<Stock>, missing: boolean): Entry {
  const { free, held, sold, refunded } = stock;
  return {
    missing,
    unread: false,
    before: stock,
    now: { ...stock },
    touched: false,
    low: { free: free ?? 0, held, sold, refunded },
  };
}

/** Whether payments alone can do no more to it than make held units sold. */
function isPlain(order: Order): boolean {
  if (order.refunds.length > 0) return false;
  const state = stateOf(order);
  return state === 'held' || state === 'paid';
}

/** `store/order`: the id of an order everywhere, ids holding no `/`. */
export function orderKey(order: { storeId: string; orderId: string }): string {
  return order.storeId + '/' + order.orderId;
}
