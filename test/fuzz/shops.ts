/** Shops that input can mean something to: counted by product, by variant, by date, and not at all. */

import { randomUUID } from 'node:crypto';
import {
  changeStockOf,
  Sessions,
  setProduct,
  setStore,
  SettingsCache,
  StoreGate,
  type Database,
} from '@holdfast/store';
import { STORES } from './records.js';

export async function openShops(database: Database): Promise<void> {
  const sessions = new Sessions(database, 1);
  const tools = { database, sessions, settings: new SettingsCache(database), gate: new StoreGate() };
  for (const [at, storeId] of STORES.entries()) {
    const byDate = at % 2 === 1;
    await setStore(database, storeId, { timeZone: 'Europe/Berlin', fulfillmentDates: byDate });
    await setProduct(database, storeId, 'mug', { inventory: 'product' });
    await setProduct(database, storeId, 'cake', { inventory: 'product' });
    await setProduct(database, storeId, 'shirt', { inventory: 'variant', variants: ['M', 'L'] });
    const date = byDate ? { date: '2026-12-24' } : {};
    const set = { type: 'set', quantity: 1_000 } as const;
    await changeStockOf(tools, {
      storeId,
      changeId: randomUUID(),
      actor: 'fuzz',
      rows: [
        { productId: 'mug', ...date, change: set },
        { productId: 'shirt', variantId: 'M', ...date, change: set },
      ],
    });
  }
  await sessions.close();
}
