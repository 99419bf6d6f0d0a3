/**
 * A database as a year of shops leaves it, made quickly: the orders are decided by the same function as ever and
 * encoded as a batch is, but written without transactions, guards or outbox. Stores come in turn, as they do in
 * life, so that the orders of one store lie far apart on disk.
 */

import type { OrderEvent, PlacedEvent } from '@holdfast/core';
import { BLANK, orderKey, WorkingSet } from '@holdfast/core';
import { prepare, startSession, type Database } from '@holdfast/store';
import { BatchPlan } from '../../../libs/store/batch/batch-plan.js';
import { insertAll, insertionOf } from '../../../libs/store/wire/commands.js';
import { catalogue, PLENTY, PRODUCTS_PER_STORE, productIdOf, storeIdOf, STORES } from '../catalogue.js';
import { below, seeded, type Random } from '../random.js';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** Orders decided and written together. */
const CHUNK = 4_000;
const WRITTEN_AT_ONCE = 10_000;

/** Of 100 orders: 60 are paid, and 8 of those refunded in some way; the rest as it happens in shops. */
const PAID = 60;
const REFUNDED = 8;
const REJECTED = 10;
const EXPIRED = 26;

export interface SeedOptions {
  orders: number;
  seed: number;
  /** epoch ms; the last order was placed just before */
  now: number;
  onProgress?: (orders: number) => void;
}

export async function seedDatabase(database: Database, options: SeedOptions): Promise<void> {
  const { orders, now, onProgress } = options;
  await prepare(database);
  const shops = await makeShops(database, new Date(now - 366 * DAY_MS));
  const random = seeded(options.seed);
  const session = startSession(database);
  try {
    for (let from = 0; from < orders; from += CHUNK) {
      const to = Math.min(from + CHUNK, orders);
      const placedAtOf = (number: number): number =>
        now - MINUTE_MS - Math.floor(((orders - number) / orders) * 365 * DAY_MS);
      const decidedAt = placedAtOf(to);
      const chunk: Chunk = {
        working: new WorkingSet(shops.settings),
        plan: new BatchPlan(decidedAt, () => undefined),
        loaded: new Set(),
      };
      for (let number = from; number < to; number++) {
        for (const event of lifeOf(number, placedAtOf(number), now, random)) play(event, chunk, shops.stock);
      }
      const { inserts, facts } = chunk.plan.writes(decidedAt * 1_000);
      for (const { stockKey, after } of chunk.working.changes()) shops.stock.set(stockKey, after);
      await insertAll(database.db, 'orders', insertionOf(inserts), session);
      await insertAll(database.db, 'orderFacts', insertionOf(facts), session);
      onProgress?.(to);
    }
  } finally {
    await session.endSession();
  }
  const stock = [...shops.stock].map(([_id, balances]) => ({ _id, ...balances }));
  for (let from = 0; from < stock.length; from += WRITTEN_AT_ONCE) {
    await database.stock.insertMany(stock.slice(from, from + WRITTEN_AT_ONCE), { ordered: false });
  }
}

type Stock = ReturnType<WorkingSet['changes']>[number]['after'];

interface Shops {
  stock: Map<string, Stock>;
  settings: ConstructorParameters<typeof WorkingSet>[0];
}

async function makeShops(database: Database, at: Date): Promise<Shops> {
  const made = catalogue(at);
  await database.stores.insertMany(made.stores);
  await database.products.insertMany(made.products);
  for (let from = 0; from < made.changes.length; from += WRITTEN_AT_ONCE) {
    await database.stockChanges.insertMany(made.changes.slice(from, from + WRITTEN_AT_ONCE));
  }
  const set = { ...BLANK, free: PLENTY, settlement: 1, version: 1 };
  const counted = { inventory: 'product' } as const;
  const store = { timeZone: 'UTC', fulfillmentDates: false, holdMs: 30 * MINUTE_MS };
  return {
    stock: new Map(made.stock.map(({ _id }) => [_id, set])),
    settings: { store: () => store, product: () => counted },
  };
}

interface Chunk {
  working: WorkingSet;
  plan: BatchPlan;
  /** keys that the working set knows already */
  loaded: Set<string>;
}

function play(event: OrderEvent, { working, plan, loaded }: Chunk, stock: Map<string, Stock>): void {
  if (event.type === 'placed') {
    for (const counting of working.countings(event)) {
      if (!('stockKey' in counting) || loaded.has(counting.stockKey)) continue;
      loaded.add(counting.stockKey);
      working.loadStock(counting.stockKey, { ...(stock.get(counting.stockKey) as Stock) });
    }
  }
  const decision = working.decide(event);
  if (decision.kind !== 'fact') throw new Error(`${orderKey(event)}: ${event.type} was ${decision.kind}`);
  plan.add(event, decision);
}

/** What happens to one order, in order. */
function lifeOf(number: number, placedAt: number, now: number, random: Random): OrderEvent[] {
  const storeId = storeIdOf(below(random, STORES));
  const orderId = `order-${String(number).padStart(8, '0')}`;
  const event = (topic: string) => ({
    storeId,
    orderId,
    cause: { topic, eventId: `evt-${topic}-${number}`, partition: number % 6, offset: number },
  });
  const first = below(random, PRODUCTS_PER_STORE);
  const second = (first + 1 + below(random, PRODUCTS_PER_STORE - 1)) % PRODUCTS_PER_STORE;
  const lines = [first, second].map((product) => ({
    productId: productIdOf(product),
    quantity: 1 + below(random, 3),
  }));
  const placed: PlacedEvent = {
    ...event('OrderPlaced'),
    type: 'placed',
    occurredAt: placedAt,
    recordedAt: placedAt,
    customerId: `customer-${below(random, 200_000)}`,
    lines,
  };
  const fate = below(random, 100);
  if (fate < PAID) {
    const paid: OrderEvent = { ...event('PaymentReceived'), type: 'paid', paymentId: `pay-${number}` };
    if (fate >= REFUNDED) return [placed, paid];
    const whole = fate % 2 === 0;
    const refunded: OrderEvent = {
      ...event('OrderRefunded'),
      type: 'refunded',
      refundId: `refund-${number}`,
      restock: fate % 4 === 1,
      ...(!whole && { lines: [lines[0] as (typeof lines)[0]] }),
    };
    return [placed, paid, refunded];
  }
  if (fate < PAID + REJECTED) {
    return [placed, { ...event('OrderRejected'), type: 'rejected', reason: 'sold in the shop' }];
  }
  const isOver = placedAt < now - 60 * MINUTE_MS;
  if (fate >= PAID + REJECTED + EXPIRED || !isOver) {
    // Kept open by an operator where its time would be over: nothing is overdue.
    const open: OrderEvent = { ...event('ops'), type: 'extended', dueAt: now + DAY_MS };
    return [placed, open];
  }
  return [placed, { ...event('timer'), type: 'due', watermark: now }];
}
