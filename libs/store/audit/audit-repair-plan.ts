/**
 * What is to be done about what an audit found, before anything is done. Orders and the merchant's changes are what
 * is believed: stock is put right to them, and an order's head to its facts. What cannot be put right so is named
 * with what people can do. See docs/decisions/0009-repair-of-what-differs.md.
 */

import type { mongo } from 'mongoose';
import { BLANK, type KeyClaim, type Stock } from '@holdfast/core';
import type { Difference, DifferenceKind } from './audit-findings.js';
import { ledgerGaps, type LedgerBelief, type Sums } from './audit-repair-ledger.js';
import { repairedOrder, type OrderRepair } from './audit-repair-orders.js';
import { totalOf, type KeyAccount } from './audit-stock.js';
import { auditIn, type AuditOptions, type AuditReport } from './audit.js';
import { believed, ORDER_REMEDY } from '../documents/damage.js';
import type { Database } from '../database/database.js';
import { inSnapshot } from '../database/snapshot.js';

export interface StockStep {
  kind: 'stock';
  stockKey: string;
  /** as it was found; none: it had no document */
  found: Stock | undefined;
  /** as it would be put right, had nothing moved meanwhile */
  becomes: Stock;
  /** found less what orders claim: stays the same whatever orders do meanwhile */
  drift: { held: number; sold: number; refunded: number };
  /** the merchant's last change of the key; when another comes first, the key is looked at anew */
  lastVersion: number;
  /** what the stock had, and the published ledger did not: readers of the topic are told the difference */
  unpublished: Sums;
}

export type RepairStep =
  | StockStep
  | ({ kind: 'order' } & OrderRepair)
  /** the hold is released as the timer does it, once payments are applied so far */
  | { kind: 'overdue'; orderKey: string; dueAt: string }
  /** everything that waits is published, and in its order */
  | { kind: 'unpublished'; documents: number };

export interface Unrepaired {
  kind: DifferenceKind;
  subject: string;
  message: string;
  /** what people can do */
  remedy: string;
}

export interface RepairPlan {
  audit: AuditReport;
  steps: RepairStep[];
  /** differences that no step puts right */
  left: Unrepaired[];
}

export interface PlanOptions extends Pick<
  AuditOptions,
  'unpublishedAfterMs' | 'overdueAfterMs' | 'onProgress'
> {
  /** what the published ledger says of the keys */
  ledger: LedgerBelief;
  /** most differences that are planned for at once; the next round finds the rest */
  most?: number;
}

const MOST = 10_000;
const OF_ORDERS = new Set<DifferenceKind>(['order-state', 'order-due', 'order-claim', 'order-version']);
const OF_STOCK = new Set<DifferenceKind>([
  'held',
  'sold',
  'refunded',
  'free',
  'stock-missing',
  'stock-version',
]);

const REMEDIES: Partial<Record<DifferenceKind, string>> = {
  'order-damaged': `${ORDER_REMEDY}; until then the stock of its store is left as it is`,
  'change-gap': "changes of the merchant are missing: bring them back from a backup of 'stockChanges'",
  'change-drift': "a kept change is not what was done: bring it back from a backup of 'stockChanges'",
  'claim-ahead': "changes of the merchant are missing: bring them back from a backup of 'stockChanges'",
  'fact-missing': ORDER_REMEDY,
  'fact-repeated': 'compare the order with its records in the topics, and remove the fact that is too many',
  'fact-orphan': `its order is gone: ${ORDER_REMEDY}`,
};

/** @throws TransientFault when the database is away */
export async function planRepair(database: Database, options: PlanOptions): Promise<RepairPlan> {
  return inSnapshot(database, (session) => new Planning(database, session, options).run());
}

class Planning {
  readonly #accounts = new Map<string, KeyAccount>();
  readonly #left: Unrepaired[] = [];

  constructor(
    private readonly database: Database,
    private readonly session: mongo.ClientSession,
    private readonly options: PlanOptions,
  ) {}

  async run(): Promise<RepairPlan> {
    const { most = MOST, ledger: _, ...options } = this.options;
    const audit = await auditIn(this.database, this.session, {
      ...options,
      maxListed: most,
      onKey: (stockKey, account) => {
        if (this.#accounts.size < most) this.#accounts.set(stockKey, account);
      },
    });
    const bySubject = (kinds: ReadonlySet<string>) => [
      ...new Set(audit.listed.filter(({ kind }) => kinds.has(kind)).map(({ subject }) => subject)),
    ];
    const orders = await this.#orderSteps(bySubject(OF_ORDERS));
    // Their stock is looked at again when they are right.
    const waiting = new Set(
      orders.flatMap(({ before }) => before.placed?.lines.map((line) => line.stockKey) ?? []),
    );
    const unread = new Set(bySubject(new Set(['order-damaged'])).map(storeOf));
    const keys = bySubject(OF_STOCK).filter(
      (key) => this.#accounts.has(key) && !waiting.has(key) && !unread.has(storeOf(key)),
    );
    const steps: RepairStep[] = [
      ...orders.map((repair) => ({ kind: 'order' as const, ...repair })),
      ...(await this.#stockSteps(keys)),
      ...(await this.#overdueSteps(bySubject(new Set(['hold-overdue'])))),
    ];
    const unpublished = audit.counts.unpublished ?? 0;
    if (unpublished > 0) steps.push({ kind: 'unpublished', documents: unpublished });
    for (const found of audit.listed) this.#leaveIfBeyond(found);
    return { audit, steps, left: this.#left };
  }

  async #orderSteps(ids: string[]): Promise<OrderRepair[]> {
    const repairs: OrderRepair[] = [];
    for (const id of ids) {
      const repair = await repairedOrder(this.database, id, this.session, (claim) => this.#waiting(claim));
      if (typeof repair !== 'string') repairs.push(repair);
      else this.#leave('order-state', id, repair, REMEDIES['fact-missing'] as string);
    }
    return repairs;
  }

  /** Refunded units that the stock counts and no claim explains: those of a claim that was lost. */
  #waiting({ stockKey }: Pick<KeyClaim, 'stockKey'>): { units: number; settlement: number } {
    const account = this.#accounts.get(stockKey);
    const units = account?.stock ? Math.max(0, believed(account.stock).refunded - account.refunded) : 0;
    return { units, settlement: account?.last?.settlement ?? 0 };
  }

  async #stockSteps(keys: string[]): Promise<StockStep[]> {
    const steps: StockStep[] = [];
    const repairable = new Map<string, KeyAccount>();
    for (const stockKey of keys) {
      const account = this.#accounts.get(stockKey) as KeyAccount;
      const becomes = rightStock(account);
      if ((becomes.free ?? 0) >= 0) {
        repairable.set(stockKey, account);
        continue;
      }
      const message = `${stockKey}: orders claim ${-(becomes.free ?? 0)} units more than the merchant has set`;
      const remedy = `set the number of ${stockKey} to what is there, or reject orders`;
      this.#leave('free', stockKey, message, remedy);
    }
    const { ledger } = this.options;
    const { gaps, changesLost } = await ledgerGaps(this.database, this.session, repairable, ledger);
    for (const [stockKey, account] of repairable) {
      if (changesLost.has(stockKey)) {
        const message = `${stockKey}: a change was published that is not kept`;
        this.#leave('stock-version', stockKey, message, REMEDIES['change-gap'] as string);
        continue;
      }
      const found = believed(account.stock ?? BLANK);
      const { held, sold, refunded } = account;
      steps.push({
        kind: 'stock',
        stockKey,
        found: account.stock,
        becomes: rightStock(account),
        drift: { held: found.held - held, sold: found.sold - sold, refunded: found.refunded - refunded },
        lastVersion: account.last?.version ?? 0,
        unpublished: gaps.get(stockKey) as Sums,
      });
    }
    return steps;
  }

  async #overdueSteps(ids: string[]): Promise<RepairStep[]> {
    const filter = { _id: { $in: ids }, due: { $exists: true } };
    const { session } = this;
    const docs = await this.database.orders.find(filter, { session, projection: { due: 1 } }).toArray();
    return docs.map(({ _id, due }) => ({
      kind: 'overdue',
      orderKey: _id,
      dueAt: (due as Date).toISOString(),
    }));
  }

  #leaveIfBeyond({ kind, subject, message }: Difference): void {
    const remedy = REMEDIES[kind];
    if (remedy !== undefined) this.#leave(kind, subject, message, remedy);
  }

  #leave(kind: DifferenceKind, subject: string, message: string, remedy: string): void {
    this.#left.push({ kind, subject, message, remedy });
  }
}

/** Ids of orders and stock keys begin with their store. */
function storeOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

/** What orders claim and the last change left of a key; `free` below 0 where orders claim more than there was. */
export function rightStock({ held, sold, refunded, last }: Omit<KeyAccount, 'stock'>): Stock {
  const total = last ? totalOf(last) : null;
  return {
    free: total === null ? null : total - held - sold - refunded,
    held,
    sold,
    refunded,
    settlement: last?.settlement ?? 0,
    version: (last?.version ?? 0) + 1,
  };
}
