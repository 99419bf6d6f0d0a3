/**
 * Whether everything adds up, as of one moment: every order against its facts, every stock key against the
 * orders and the merchant's changes, nothing overdue, nothing unpublished. Reads in a snapshot session, not in
 * a transaction, so that it holds nothing up; the pipeline goes on meanwhile. What it keeps in memory are the stock
 * keys with their sums; orders pass through.
 */

import type { mongo } from 'mongoose';
import type { OrderState } from '@holdfast/core';
import { Findings, type Difference, type DifferenceKind } from './audit-findings.js';
import { auditOrder, type AuditedFactDoc, type AuditedOrder, type AuditedOrderDoc } from './audit-order.js';
import { StockAudit, type AuditedChange, type KeyAccount, type StockTotals } from './audit-stock.js';
import { DamagedFault, viewed } from '../documents/damage.js';
import type { Database } from '../database/database.js';
import type { PrunedUnitsDoc } from '../documents/audit-documents.js';
import type { OrderDoc, OrderFactDoc, StockDoc } from '../documents/documents.js';
import { factIds } from '../documents/order-documents.js';
import { endOfPrefix } from '../documents/key-ranges.js';
import { inSnapshot } from '../database/snapshot.js';
import { findByIds } from '../wire/commands.js';
import { scan, type Scan } from '../wire/scan.js';

export interface AuditOptions {
  /** outbox documents older than this count as unpublished, ms; 60 s unless given */
  unpublishedAfterMs?: number;
  /** holds due longer ago than this count as overdue while expiry is not paused, ms; 60 s unless given */
  overdueAfterMs?: number;
  /** differences listed; all are counted. 1,000 unless given */
  maxListed?: number;
  onProgress?: (progress: AuditProgress) => void;
  /** only this store; what waits to be published is of all stores and then left out */
  storeId?: string;
  /** awaited after every slice of the reading, so that whoever asks may let others go first */
  pace?: () => Promise<void>;
  /** orders of one slice; 1,000 unless given */
  slice?: number;
  /** is given each stock key that differs, with what was read of it */
  onKey?: (stockKey: string, account: KeyAccount) => void;
}

export interface AuditProgress {
  stage: 'stock' | 'changes' | 'orders' | 'outbox' | 'facts';
  done: number;
  /** estimated */
  total: number;
}

export interface AuditReport {
  /** nothing differs */
  clean: boolean;
  /** when it began, ISO 8601; the moment that it describes */
  at: string;
  durationMs: number;
  checked: {
    orders: number;
    facts: number;
    stockKeys: number;
    stockChanges: number;
    outbox: number;
    /** sold by orders that have been removed since, and still counted */
    prunedUnits: number;
  };
  states: Partial<Record<OrderState, number>>;
  totals: StockTotals;
  /** operators have paused expiry: no hold counts as overdue */
  expiryPaused: boolean;
  /** every difference, counted */
  differences: number;
  counts: Partial<Record<DifferenceKind, number>>;
  /** the first of them */
  listed: Difference[];
}

/** Orders whose facts are read together. */
const CHUNK = 1_000;
const BATCH = { batchSize: 2_000 };

/** @throws TransientFault when the database is away, or no longer has that moment */
export async function audit(database: Database, options: AuditOptions = {}): Promise<AuditReport> {
  return inSnapshot(database, (session) => auditIn(database, session, options));
}

/** The same in a snapshot session that is open, which then stands at the moment of the audit. */
export function auditIn(
  database: Database,
  session: mongo.ClientSession,
  options: AuditOptions,
): Promise<AuditReport> {
  return new Audit(database, session, options).run();
}

class Audit {
  readonly #startedAt = Date.now();
  readonly #findings: Findings;
  readonly #stock: StockAudit;
  readonly #states: Partial<Record<OrderState, number>> = {};
  readonly #checked = { orders: 0, facts: 0, stockKeys: 0, stockChanges: 0, outbox: 0, prunedUnits: 0 };
  #expiryPaused = false;

  constructor(
    private readonly database: Database,
    private readonly session: mongo.ClientSession,
    private readonly options: AuditOptions,
  ) {
    this.#findings = new Findings(options.maxListed ?? 1_000);
    this.#stock = new StockAudit(this.#findings);
  }

  async run(): Promise<AuditReport> {
    const { database, session } = this;
    const expiryPaused = await database.switches.findOne({ _id: 'expiry-paused' }, { session });
    this.#expiryPaused = expiryPaused?.on === true;
    await this.#readStock();
    await this.#readChanges();
    await this.#readPruned();
    await this.#readOrders();
    if (this.options.storeId === undefined) await this.#readOutbox();
    await this.#findOrphans();
    const totals = this.#stock.finish(this.options.onKey);
    const { total, counts, listed } = this.#findings;
    return {
      clean: total === 0,
      at: new Date(this.#startedAt).toISOString(),
      durationMs: Date.now() - this.#startedAt,
      checked: this.#checked,
      states: this.#states,
      totals,
      expiryPaused: this.#expiryPaused,
      differences: total,
      counts,
      listed,
    };
  }

  async #readStock(): Promise<void> {
    const total = await this.database.stock.estimatedDocumentCount();
    for await (const docs of this.#scan<StockDoc>({ collection: 'stock', filter: this.#range('_id') })) {
      for (const doc of docs) this.#stock.addStock(doc);
      this.#checked.stockKeys += docs.length;
      await this.#tell('stock', this.#checked.stockKeys, total);
    }
  }

  async #readChanges(): Promise<void> {
    const total = await this.database.stockChanges.estimatedDocumentCount();
    const found = this.#scan<AuditedChange>({
      collection: 'stockChanges',
      filter: this.#range('stockKey'),
      projection: { actor: 0, reason: 0, at: 0, changeId: 0 },
      sort: { stockKey: 1, version: 1 },
    });
    for await (const docs of found) {
      for (const doc of docs) this.#stock.addChange(doc);
      this.#checked.stockChanges += docs.length;
      await this.#tell('changes', this.#checked.stockChanges, total);
    }
  }

  async #readOrders(): Promise<void> {
    const total = await this.database.orders.estimatedDocumentCount();
    const found = this.#scan<AuditedOrderDoc>({
      collection: 'orders',
      filter: this.#range('_id'),
      projection: { seq: 0, storeId: 0, 'placed.cause': 0, 'placed.at': 0, 'placed.customerId': 0 },
    });
    for await (const [docs, facts] of ahead(found, (docs) => this.#factsOf(docs))) {
      for (const doc of docs) this.#auditOrder(doc, facts);
      await this.#tell('orders', this.#checked.orders, total);
    }
  }

  async #factsOf(docs: readonly AuditedOrderDoc[]): Promise<Map<string, AuditedFactDoc>> {
    const ids = docs.flatMap((doc) => factIds(doc as OrderDoc)).sort();
    const projection = { at: 0, cause: 0, outcomes: 0 };
    const facts = await findByIds<AuditedFactDoc>(
      this.database.db,
      'orderFacts',
      ids,
      this.session,
      projection,
    );
    return new Map(facts.map((fact) => [fact._id, fact]));
  }

  /** What orders had of the keys that have been removed since. */
  async #readPruned(): Promise<void> {
    const found = this.#scan<PrunedUnitsDoc>({ collection: 'prunedUnits', filter: this.#range('_id') });
    for await (const docs of found) {
      for (const { _id, sold } of docs) {
        this.#stock.addPruned(_id, sold);
        this.#checked.prunedUnits += sold;
      }
      await this.#pace();
    }
  }

  /** Ids and stock keys begin with the store. */
  #range(field: string): mongo.Document {
    const { storeId } = this.options;
    if (storeId === undefined) return {};
    return { [field]: { $gte: storeId + '/', $lt: endOfPrefix(storeId + '/') } };
  }

  #scan<T>(what: Omit<Scan, 'batchSize'>): AsyncGenerator<T[]> {
    return scan<T>(this.database.db, { ...what, batchSize: this.options.slice ?? CHUNK }, this.session);
  }

  #auditOrder(doc: AuditedOrderDoc, facts: Map<string, AuditedFactDoc>): void {
    this.#checked.orders += 1;
    const audited = this.#audited(doc, facts);
    if (!audited) return;
    const { state, claims, facts: found } = audited;
    this.#checked.facts += found;
    this.#states[state] = (this.#states[state] ?? 0) + 1;
    this.#stock.addClaims(doc._id, claims);
    const dueBefore = this.#startedAt - (this.options.overdueAfterMs ?? 60_000);
    if (doc.due instanceof Date && doc.due.getTime() < dueBefore && state === 'held' && !this.#expiryPaused) {
      const seconds = Math.round((this.#startedAt - doc.due.getTime()) / 1_000);
      this.#findings.add('hold-overdue', doc._id, `${doc._id}: its hold fell due ${seconds} s ago`);
    }
  }

  /** @returns undefined when the order cannot be read */
  #audited(doc: AuditedOrderDoc, facts: Map<string, AuditedFactDoc>): AuditedOrder | undefined {
    try {
      return viewed(doc._id, () => auditOrder(doc, (id) => facts.get(id), this.#findings));
    } catch (error) {
      if (!(error instanceof DamagedFault)) throw error;
      this.#findings.add('order-damaged', doc._id, error.message);
      return undefined;
    }
  }

  async #readOutbox(): Promise<void> {
    const { database, session } = this;
    const oldest = new Date(this.#startedAt - (this.options.unpublishedAfterMs ?? 60_000));
    const pipeline = [
      {
        $project: {
          at: 1,
          messages: '$count',
          letters: { $size: { $ifNull: ['$letters', []] } },
        },
      },
    ];
    const found = database.outbox.aggregate<{ _id: string; at: Date; messages: number; letters: number }>(
      pipeline,
      { session, ...BATCH },
    );
    for await (const { _id, at, messages, letters } of found) {
      this.#checked.outbox += 1;
      if (at >= oldest) continue;
      const seconds = Math.round((this.#startedAt - at.getTime()) / 1_000);
      const what = `${messages} messages and ${letters} dead letters`;
      this.#findings.add('unpublished', _id, `${_id}: ${what} are unpublished for ${seconds} s`);
    }
    await this.#tell('outbox', this.#checked.outbox, this.#checked.outbox);
  }

  /** Facts are looked up by their orders; only when there are more than that are the others looked for. */
  async #findOrphans(): Promise<void> {
    const { database, session } = this;
    const range = this.#range('_id') as mongo.Filter<OrderFactDoc>;
    const total = await database.orderFacts.countDocuments(range, { session });
    if (total === this.#checked.facts) return;
    let done = 0;
    const found = this.#scan<{ _id: string }>({
      collection: 'orderFacts',
      filter: range,
      projection: { _id: 1 },
    });
    for await (const docs of found) {
      const orderIds = [...new Set(docs.map(({ _id }) => orderIdOf(_id)))];
      const orders = await database.orders
        .find({ _id: { $in: orderIds.sort() } }, { session, projection: { entries: 1, 'placed.entry': 1 } })
        .toArray();
      const known = new Set(orders.flatMap(factIds));
      for (const { _id } of docs) {
        if (!known.has(_id)) this.#findings.add('fact-orphan', _id, `${_id}: no order has this fact`);
      }
      await this.#tell('facts', (done += docs.length), total);
    }
  }

  async #tell(stage: AuditProgress['stage'], done: number, total: number): Promise<void> {
    this.options.onProgress?.({ stage, done, total: Math.max(done, total) });
    await this.#pace();
  }

  async #pace(): Promise<void> {
    await this.options.pace?.();
  }
}

function orderIdOf(factId: string): string {
  return factId.slice(0, factId.lastIndexOf('/'));
}

/** Looks up what belongs to the next item while this one is worked on. */
async function* ahead<T, U>(
  source: AsyncIterable<T>,
  lookUp: (item: T) => Promise<U>,
): AsyncGenerator<[T, U]> {
  let before: [T, Promise<U>] | undefined;
  for await (const item of source) {
    const found = lookUp(item);
    // Awaited a turn later; until then a failure must not count as unhandled.
    found.catch(() => undefined);
    if (before) yield [before[0], await before[1]];
    before = [item, found];
  }
  if (before) yield [before[0], await before[1]];
}
