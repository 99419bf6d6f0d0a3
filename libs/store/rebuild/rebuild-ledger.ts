/**
 * The stock keys as the ledger tells them: the merchant's changes of each, and between them the sums of what orders
 * moved. Changes are read first, all of them; orders' deltas may then come in any order. Pure.
 *
 * The ledger does not say whether a change set, adjusted, restored or corrected a key. It follows from what became of refunded
 * units; where none were waiting these do the same to everything but the count of settlements, and it is taken
 * for a set.
 */

import type { StockOutcome } from '@holdfast/contracts';
import { BLANK, type Stock } from '@holdfast/core';
import type { MerchantChangeDoc, StockChangeDoc, StockDoc } from '../documents/documents.js';
import { changesNothing } from '../merchant/merchant-changes-rows.js';

type Delta = StockOutcome['deltas'][number];

export interface LedgerChange {
  /** place in the ledger */
  seq: number;
  message: StockOutcome;
  delta: Delta;
  type: StockChangeDoc['type'];
  settlementBefore: number;
  settlementAfter: number;
}

interface Sums {
  free: number;
  held: number;
  sold: number;
  refunded: number;
}

interface KeyLedger {
  changes: LedgerChange[];
  /** what orders moved before the first change, between the first and the second … */
  moved: Sums[];
  /** refunded units that wait, as far as the changes are read */
  refunded: number;
}

const LISTED_CELLS = 20;

export class LedgerKeys {
  readonly #keys = new Map<string, KeyLedger>();
  /** outcomes that move refunded units, and changes, by id: a copy counts once */
  readonly #seen = new Set<string>();

  /** First, and in the order of the ledger: every message. */
  read(seq: number, message: StockOutcome): void {
    const isChange = message.outcome === 'StockChanged';
    const moving = isChange ? message.deltas : message.deltas.filter(({ refunded }) => refunded !== 0);
    if (moving.length === 0 || this.#seen.has(message.outcomeId)) return;
    this.#seen.add(message.outcomeId);
    for (const delta of moving) {
      const key = this.#key(delta.stockKey);
      if (isChange) this.#addChange(key, seq, message, delta);
      key.refunded += delta.refunded;
    }
  }

  /** Then, each once: what orders moved. */
  add(seq: number, delta: Delta): void {
    const key = this.#key(delta.stockKey);
    const sums = key.moved[changesBefore(key, seq)] as Sums;
    sums.free += delta.free;
    sums.held += delta.held;
    sums.sold += delta.sold;
    sums.refunded += delta.refunded;
  }

  settlementAt(stockKey: string, seq: number): number {
    const key = this.#keys.get(stockKey);
    if (!key) return 0;
    return key.changes[changesBefore(key, seq) - 1]?.settlementAfter ?? 0;
  }

  /** The settlement that a claim has after the changes between two places that took a settlement back. */
  raised(stockKey: string, settlement: number, from: number, to: number): number {
    const changes = this.#keys.get(stockKey)?.changes ?? [];
    let raised = settlement;
    changes.forEach((change, at) => {
      if (change.seq <= from || change.seq >= to || change.type !== 'restore') return;
      // Only the key's latest change can be taken back.
      if (changes[at - 1]?.settlementBefore === raised) raised = change.settlementAfter;
    });
    return raised;
  }

  *stock(): Generator<StockDoc> {
    for (const [stockKey, key] of this.#keys) {
      let stock: Stock = { ...BLANK };
      for (const { after } of balances(key)) stock = after;
      yield { _id: stockKey, ...stock };
    }
  }

  *changes(): Generator<StockChangeDoc> {
    for (const [stockKey, key] of this.#keys) {
      for (const { change, before, after } of balances(key)) {
        if (change) yield changeDoc(stockKey, change, before, after);
      }
    }
  }

  get size(): number {
    return this.#keys.size;
  }

  #addChange(key: KeyLedger, seq: number, message: StockOutcome, delta: Delta): void {
    const last = key.changes[key.changes.length - 1];
    const type = typeOf(key, delta);
    const settlementBefore = last?.settlementAfter ?? 0;
    const settlementAfter = settlementBefore + (type === 'set' ? 1 : 0);
    key.changes.push({ seq, message, delta, type, settlementBefore, settlementAfter });
    key.moved.push(nothing());
  }

  #key(stockKey: string): KeyLedger {
    let key = this.#keys.get(stockKey);
    if (!key) this.#keys.set(stockKey, (key = { changes: [], moved: [nothing()], refunded: 0 }));
    return key;
  }
}

function nothing(): Sums {
  return { free: 0, held: 0, sold: 0, refunded: 0 };
}

function typeOf({ changes, refunded }: KeyLedger, delta: Delta): StockChangeDoc['type'] {
  // What merchants do never moves these: a repair put them right.
  if (delta.held !== 0 || delta.sold !== 0) return 'correct';
  if (delta.refunded !== 0) return delta.refunded < 0 ? 'set' : 'restore';
  // A set would have taken the waiting units with it.
  if (refunded === 0) return 'set';
  const wasBlank = changes[changes.length - 1]?.delta.unlimited ?? true;
  return wasBlank || delta.unlimited === true ? 'restore' : 'adjust';
}

/** Changes of the key that come before this place. */
function changesBefore({ changes }: KeyLedger, seq: number): number {
  let count = changes.length;
  while (count > 0 && (changes[count - 1] as LedgerChange).seq > seq) count -= 1;
  return count;
}

/** The key's balances at each change, and at last what orders have moved since. */
function* balances({
  changes,
  moved,
}: KeyLedger): Generator<{ change?: LedgerChange; before: Stock; after: Stock }> {
  let now: Stock = { ...BLANK };
  // Of a blank key too: its changes count it as 0, so that the sum is right whenever it has a number.
  let free = 0;
  for (const [at, sums] of moved.entries()) {
    free += sums.free;
    const before: Stock = {
      ...now,
      free: now.free === null ? null : free,
      held: now.held + sums.held,
      sold: now.sold + sums.sold,
      refunded: now.refunded + sums.refunded,
    };
    const change = changes[at];
    if (!change) {
      yield { before: now, after: before };
      return;
    }
    const { delta, settlementAfter } = change;
    free += delta.free;
    now = {
      ...before,
      free: delta.unlimited === true ? null : free,
      // A repair moves these too; a merchant's change does not.
      held: before.held + delta.held,
      sold: before.sold + delta.sold,
      refunded: before.refunded + delta.refunded,
      settlement: settlementAfter,
      version: delta.keyVersion ?? before.version + 1,
    };
    yield { change, before, after: now };
  }
}

function changeDoc(stockKey: string, change: LedgerChange, before: Stock, after: Stock): StockChangeDoc {
  const { message, type, delta } = change;
  const { storeId, cause } = message;
  const doc: StockChangeDoc = {
    _id: storeId + '/' + cause.eventId + stockKey.slice(storeId.length),
    changeId: cause.eventId,
    stockKey,
    version: after.version,
    type,
    quantity: type === 'adjust' ? delta.free : after.free,
    before,
    after,
    actor: `${cause.topic} (from the ledger)`,
    at: new Date(message.occurredAt),
  };
  if (type === 'restore') doc.unsettled = delta.refunded;
  return doc;
}

/** The merchant's history: the changes of keys, as the changes that they were part of. */
export class MerchantHistory {
  readonly #changes = new Map<string, MerchantChangeDoc>();

  add({ stockKey, changeId, at, actor, before, after }: StockChangeDoc): void {
    const storeId = stockKey.slice(0, stockKey.indexOf('/'));
    const _id = `${storeId}/${changeId}`;
    let doc = this.#changes.get(_id);
    if (!doc) {
      const source = actor.startsWith('api') ? 'api' : 'ops';
      this.#changes.set(_id, (doc = { _id, storeId, changeId, at, actor, source, keys: 0, cells: [] }));
    }
    if (changesNothing({ before, after })) return;
    doc.keys += 1;
    if (doc.cells.length < LISTED_CELLS) doc.cells.push({ stockKey, before, after });
  }

  all(): MerchantChangeDoc[] {
    return [...this.#changes.values()];
  }
}
