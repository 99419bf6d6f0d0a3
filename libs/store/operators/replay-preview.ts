/**
 * What events would change, without changing it: the database as of one moment, and over it in memory what each
 * batch decided, for the next one to decide on. The same reads and the same decisions as a batch that is applied.
 */

import type { mongo } from 'mongoose';
import {
  addDelta,
  BLANK,
  isZero,
  orderKey,
  stateOf,
  type Decision,
  type Order,
  type OrderEvent,
  type OrderState,
  type Stock,
  type StockDelta,
  type WorkingSet,
} from '@holdfast/core';
import type { BatchTools } from '../batch/batch.js';
import { loadBatch, type LoadedBatch } from '../batch/load-batch.js';
import type { StockDoc } from '../documents/documents.js';
import { tooOldRecords } from '../batch/too-old.js';

export interface PreviewedOrder {
  /** `store/order` */
  order: string;
  before: { state: OrderState; version: number };
  after: { state: OrderState; version: number };
  /** facts that it would learn */
  facts: number;
  outcomes: string[];
}

export interface PreviewedStock {
  stockKey: string;
  before: Stock;
  after: Stock;
}

interface Changed {
  order: Order;
  before: PreviewedOrder['before'];
  facts: number;
  outcomes: string[];
}

const READ_CHUNK = 1_000;

export class ReplayPreview {
  readonly #orders = new Map<string, Changed>();
  /** every key that a changed order names, as it stands after it */
  readonly #stock = new Map<string, Readonly<Stock>>();
  readonly #moved = new Map<string, StockDelta>();

  /** @param session a snapshot's: everything is read as of its moment */
  constructor(
    private readonly tools: BatchTools,
    private readonly session: mongo.ClientSession,
  ) {}

  /**
   * Decides the events one after the other.
   * @param recordedAt broker timestamp of the n-th event's record, epoch ms
   * @returns one decision each
   */
  async add(events: readonly OrderEvent[], recordedAt: (at: number) => number): Promise<Decision[]> {
    const dated = { events, recordedAt, now: Date.now() };
    const tooOld = await tooOldRecords(this.tools.database, dated, this.session);
    const decisions: Decision[] = [];
    while (decisions.length < events.length) {
      const rest = events.slice(decisions.length);
      const loaded = await loadBatch(this.tools, rest, this.session, { whole: true });
      const batch = rest.slice(0, loaded.events);
      this.#overlay(batch, loaded);
      for (const event of batch) {
        const isKnown = loaded.working.order(event.storeId, event.orderId) !== undefined;
        const refused = isKnown ? undefined : tooOld?.(decisions.length);
        decisions.push(refused ?? this.#decide(event, loaded));
      }
    }
    return decisions;
  }

  get changedOrders(): number {
    return this.#orders.size;
  }

  /** The first of them that changed. */
  orders(limit: number): PreviewedOrder[] {
    const listed: PreviewedOrder[] = [];
    for (const [order, { order: after, before, facts, outcomes }] of this.#orders) {
      if (listed.length >= limit) break;
      const state = stateOf(after);
      listed.push({ order, before, after: { state, version: after.version }, facts, outcomes });
    }
    return listed;
  }

  /** Every key whose balances would be others, in the order of their names. */
  async stock(): Promise<PreviewedStock[]> {
    const moved = [...this.#moved.values()].filter((delta) => !isZero(delta));
    const keys = moved.map(({ stockKey }) => stockKey).sort();
    const found = new Map<string, Stock>();
    for (let from = 0; from < keys.length; from += READ_CHUNK) {
      const ids = keys.slice(from, from + READ_CHUNK);
      const docs = this.tools.database.stock.find({ _id: { $in: ids } }, { session: this.session });
      for await (const doc of docs) found.set(doc._id, balancesOf(doc));
    }
    return keys.map((stockKey) => {
      const before = found.get(stockKey) ?? { ...BLANK };
      const after = { ...before };
      addDelta(after, this.#moved.get(stockKey) as StockDelta);
      return { stockKey, before, after };
    });
  }

  /** What earlier batches made of what this one looks at, in place of what the database has. */
  #overlay(batch: readonly OrderEvent[], { orders, working }: LoadedBatch): void {
    const keys = new Set<string>();
    for (const doc of orders.values()) addKeys(keys, doc.placed?.lines);
    for (const event of batch) {
      const changed = this.#orders.get(orderKey(event));
      if (changed) {
        working.loadOrder(changed.order);
        addKeys(keys, changed.order.placed?.lines);
      }
      if (event.type === 'placed') addKeys(keys, working.countings(event));
    }
    for (const key of keys) {
      const stock = this.#stock.get(key);
      if (stock) working.loadStock(key, { ...stock });
    }
  }

  #decide(event: OrderEvent, { orders, working }: LoadedBatch): Decision {
    const key = orderKey(event);
    const decision = working.decide(event);
    if (decision.kind !== 'fact') return decision;
    const doc = orders.get(key);
    const before = doc
      ? { state: doc.state, version: doc.version }
      : { state: 'unseen' as const, version: 0 };
    const changed = this.#orders.get(key) ?? { order: decision.order, before, facts: 0, outcomes: [] };
    changed.order = decision.order;
    changed.facts += 1;
    changed.outcomes.push(...(decision.transition?.outcomes ?? []).map(({ outcome }) => outcome));
    this.#orders.set(key, changed);
    this.#keepStock(decision, working);
    return decision;
  }

  #keepStock({ order, deltas }: Extract<Decision, { kind: 'fact' }>, working: WorkingSet): void {
    const keys = new Set<string>();
    addKeys(keys, order.placed?.lines);
    for (const key of keys) this.#stock.set(key, { ...working.stock(key) });
    for (const delta of deltas) {
      const sum = this.#moved.get(delta.stockKey);
      if (!sum) this.#moved.set(delta.stockKey, { ...delta });
      else {
        sum.free += delta.free;
        sum.held += delta.held;
        sum.sold += delta.sold;
        sum.refunded += delta.refunded;
      }
    }
  }
}

function addKeys(keys: Set<string>, lines: readonly object[] = []): void {
  for (const line of lines as readonly { stockKey?: string }[]) {
    if (line.stockKey !== undefined) keys.add(line.stockKey);
  }
}

function balancesOf({ free, held, sold, refunded, settlement, version }: StockDoc): Stock {
  return { free, held, sold, refunded, settlement, version };
}
