/** A database of a test's own on the real replica set, and what a shop's life needs to be played on it. */

import { randomUUID } from 'node:crypto';

import type { Inventory, MerchantChange, OrderEvent } from '@holdfast/core';
import {
  applyBatch,
  changeStockOf,
  connect,
  prepare,
  Sessions,
  setProduct,
  SettingsCache,
  StoreGate,
  unpacked,
  type BatchTools,
  type ChangeRow,
  type OutboxDoc,
  type OutboxMessage,
  type StockChangeReport,
} from '../index.js';
import { testStack } from '../../../test/support/stack.js';

export interface TestDatabase extends BatchTools {
  uri: string;
  name: string;
  /** Applies the events as one batch and fails when not all of them were. */
  apply(events: OrderEvent[], now?: number): Promise<void>;
  product(storeId: string, productId: string, inventory?: Inventory, variants?: string[]): Promise<void>;
  /** Sets or adjusts keys, `product/variant/date` as in a stock key. */
  stock(storeId: string, changes: Record<string, MerchantChange | number | null>): Promise<StockChangeReport>;
  /** Leaves collections and indexes and takes everything out of them. */
  clear(): Promise<void>;
  drop(): Promise<void>;
}

export async function openTestDatabase(): Promise<TestDatabase> {
  const uri = testStack().mongoUri;
  const name = `test-${randomUUID()}`;
  const database = await connect({ uri, database: name });
  await prepare(database);
  const sessions = new Sessions(database, 4);
  const test: TestDatabase = {
    database,
    sessions,
    settings: new SettingsCache(database),
    gate: new StoreGate(),
    uri,
    name,
    async apply(events, now = Date.now()) {
      const { decisions } = await applyBatch(test, { events, now });
      if (decisions.length !== events.length)
        throw new Error(`${decisions.length} of ${events.length} applied`);
    },
    async product(storeId, productId, inventory = 'product', variants) {
      await setProduct(database, storeId, productId, { inventory, ...(variants && { variants }) });
    },
    stock(storeId, changes) {
      const rows = Object.entries(changes).map(([key, change]) => rowOf(key, change));
      return changeStockOf(test, { storeId, changeId: randomUUID(), actor: 'test', rows });
    },
    async clear() {
      for (const { name: collection } of await database.db.listCollections().toArray()) {
        await database.db.collection(collection).deleteMany({});
      }
      // Versions of settings start anew, and would be taken for those it knows.
      test.settings = new SettingsCache(database);
    },
    async drop() {
      await database.db.dropDatabase();
      await sessions.close();
      await database.close();
    },
  };
  return test;
}

/** `mug`, `shirt/M`, `cake/-/2026-02-14` */
export function rowOf(key: string, change: MerchantChange | number | null): ChangeRow {
  const [productId = '', variantId = '-', date = '-'] = key.split('/');
  const row: ChangeRow = {
    productId,
    change: typeof change === 'object' && change !== null ? change : { type: 'set', quantity: change },
  };
  if (variantId !== '-') row.variantId = variantId;
  if (date !== '-') row.date = date;
  return row;
}

/** The messages of outbox documents as text, in order. */
export function messagesOf(docs: readonly OutboxDoc[]): OutboxMessage[] {
  return docs.flatMap((doc) =>
    unpacked(doc).map(({ topic, key, id, value }) => ({
      topic,
      key,
      id: id.toString(),
      value: value.toString(),
    })),
  );
}
