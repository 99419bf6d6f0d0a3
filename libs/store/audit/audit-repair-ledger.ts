/**
 * What the published ledger says of a few keys, as of the moment of an audit. The topic itself goes on: what was
 * published of an order beyond the version that it has in the snapshot, or of a key beyond its version, is left out,
 * and what waited in the outbox of that moment is counted in.
 */

import type { mongo } from 'mongoose';
import type { StockOutcome } from '@holdfast/contracts';
import type { KeyAccount } from './audit-stock.js';
import { believed } from '../documents/damage.js';
import type { Database } from '../database/database.js';
import type { OutboxDoc } from '../documents/documents.js';
import { unpacked } from '../outbox/outbox-messages.js';

export interface Sums {
  free: number;
  held: number;
  sold: number;
  refunded: number;
}

export type LedgerBelief =
  /** read: every StockOutcome that was published of these stores, copies and all */
  | { read: (stores: ReadonlySet<string>, onMessage: (message: StockOutcome) => void) => Promise<void> }
  /** it agrees with the stock as it was found: the bug, or the hand, that moved the stock has published it */
  | 'stock'
  /** it agrees with the orders: nobody was told of what moved the stock */
  | 'orders';

const NOTHING: Sums = { free: 0, held: 0, sold: 0, refunded: 0 };
const BALANCES = ['free', 'held', 'sold', 'refunded'] as const;

export interface LedgerGaps {
  /** per key: the stock as found, less what is published; blank counts as 0 */
  gaps: Map<string, Sums>;
  /** keys of which a change was published that is not kept: what it left must not be undone */
  changesLost: Set<string>;
}

export async function ledgerGaps(
  database: Database,
  session: mongo.ClientSession,
  accounts: ReadonlyMap<string, KeyAccount>,
  belief: LedgerBelief,
): Promise<LedgerGaps> {
  const published =
    typeof belief === 'object' && accounts.size > 0
      ? await publishedSums(database, session, accounts, belief.read)
      : undefined;
  const gaps = new Map<string, Sums>();
  const changesLost = new Set<string>();
  for (const [stockKey, account] of accounts) {
    const stock = account.stock && believed(account.stock);
    const found = stock ? { ...stock, free: stock.free ?? 0 } : NOTHING;
    const own = published?.get(stockKey);
    if (own && own.keyVersion > (account.last?.version ?? 0)) changesLost.add(stockKey);
    if (belief === 'stock') gaps.set(stockKey, NOTHING);
    else gaps.set(stockKey, less(found, own ?? (published ? NOTHING : rightSums(account))));
  }
  return { gaps, changesLost };
}

function rightSums({ held, sold, refunded, last }: KeyAccount): Sums {
  const total = last && last.free !== null ? last.free + last.held + last.sold + last.refunded : undefined;
  return { free: total === undefined ? 0 : total - held - sold - refunded, held, sold, refunded };
}

function less(a: Sums, b: Sums): Sums {
  return {
    free: a.free - b.free,
    held: a.held - b.held,
    sold: a.sold - b.sold,
    refunded: a.refunded - b.refunded,
  };
}

interface Published extends Sums {
  /** the highest */
  keyVersion: number;
}

/** What one message moved of the keys in question. */
interface Move {
  /** `store/order`; none: a merchant's change */
  orderKey: string | undefined;
  version: number;
  delta: StockOutcome['deltas'][number];
}

async function publishedSums(
  database: Database,
  session: mongo.ClientSession,
  accounts: ReadonlyMap<string, KeyAccount>,
  read: Extract<LedgerBelief, object>['read'],
): Promise<Map<string, Published>> {
  const seen = new Set<string>();
  const moves: Move[] = [];
  const note = ({ outcomeId, storeId, orderId, version, deltas }: StockOutcome): void => {
    const own = deltas.filter(({ stockKey }) => accounts.has(stockKey));
    if (own.length === 0 || seen.has(outcomeId)) return;
    seen.add(outcomeId);
    const orderKey = orderId === undefined ? undefined : `${storeId}/${orderId}`;
    for (const delta of own) moves.push({ orderKey, version, delta });
  };
  for await (const doc of database.outbox.find({}, { session, sort: { _id: 1 } })) {
    for (const message of outcomesOf(doc)) note(message);
  }
  const stores = new Set([...accounts.keys()].map((key) => key.slice(0, key.indexOf('/'))));
  await read(stores, note);
  return summed(moves, accounts, await versionsOf(database, session, moves));
}

function outcomesOf(doc: OutboxDoc): StockOutcome[] {
  return unpacked(doc).flatMap(({ topic, value }) =>
    topic === 'StockOutcome' ? [JSON.parse(value.toString()) as StockOutcome] : [],
  );
}

const LOOKED_UP_AT_ONCE = 5_000;

/** How far each order was at the moment of the snapshot. */
async function versionsOf(
  database: Database,
  session: mongo.ClientSession,
  moves: readonly Move[],
): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  const ids = [...new Set(moves.flatMap(({ orderKey }) => orderKey ?? []))].sort();
  for (let from = 0; from < ids.length; from += LOOKED_UP_AT_ONCE) {
    const some = { _id: { $in: ids.slice(from, from + LOOKED_UP_AT_ONCE) } };
    const found = database.orders.find(some, { session, projection: { version: 1 } });
    for await (const { _id, version } of found) versions.set(_id, version);
  }
  return versions;
}

function summed(
  moves: readonly Move[],
  accounts: ReadonlyMap<string, KeyAccount>,
  versions: ReadonlyMap<string, number>,
): Map<string, Published> {
  const sums = new Map<string, Published>();
  for (const { orderKey, version, delta } of moves) {
    const account = accounts.get(delta.stockKey) as KeyAccount;
    const keyVersion = Math.max(
      account.last?.version ?? 0,
      account.stock ? believed(account.stock).version : 0,
    );
    // An order that is gone has published what it has published.
    const later =
      orderKey === undefined
        ? (delta.keyVersion ?? 0) > keyVersion
        : isLater(version, versions.get(orderKey));
    if (later) continue;
    const sum = sums.get(delta.stockKey) ?? { ...NOTHING, keyVersion: 0 };
    for (const balance of BALANCES) sum[balance] += delta[balance];
    sum.keyVersion = Math.max(sum.keyVersion, delta.keyVersion ?? 0);
    sums.set(delta.stockKey, sum);
  }
  return sums;
}

function isLater(version: number, then: number | undefined): boolean {
  return then !== undefined && version > then;
}
