/**
 * What the database can do when nothing is asked of it but the writes: orders inserted and stock taken in bulk,
 * durably and under a guard, but without a transaction, an outbox or a broker. A batch that is cut off leaves
 * orders without stock or stock without orders: this is a yardstick, and no way to build a shop.
 */

import type { mongo } from 'mongoose';
import type { OrderPlaced } from '@holdfast/contracts';
import { stockKeyOf } from './catalogue.js';
import { makeOrders } from './load.js';
import { withProcessorTime } from './measure.js';
import type { Measured, Part, RunOptions } from './parts.js';
import type { Scene, World } from './world.js';

const BATCH = 2_000;
const DURABLE = { w: 'majority', j: true } as const;

interface BareOrder {
  _id: string;
  storeId: string;
  orderId: string;
  customerId: string | null;
  state: 'held';
  occurredAt: Date;
  due: Date;
  lines: { productId: string; quantity: number; stockKey: string }[];
}

type Stock = mongo.Collection<{ _id: string; free: number; held: number }>;
type TakeStock = (stock: Stock, taken: Map<string, number>) => Promise<number>;

export const barePerKey: Part = {
  name: 'bare.perKey',
  means: 'orders inserted in bulk and one guarded update a stock key; no transaction, no outbox, no Kafka',
  rounds: { full: 3, quick: 1 },
  run: (world, options) => measure(world, options, 'bare.perKey', options.quick ? 20_000 : 60_000, perKey),
};

export const bareGrouped: Part = {
  name: 'bare.grouped',
  means: 'the same, keys that lose the same number of units sharing an update',
  rounds: { full: 3, quick: 1 },
  run: (world, options) => measure(world, options, 'bare.grouped', options.quick ? 40_000 : 120_000, grouped),
};

async function measure(
  world: World,
  options: RunOptions,
  name: string,
  orders: number,
  take: TakeStock,
): Promise<Measured> {
  const load = { workload: 'uniform', seed: options.seed, occurredAt: new Date() } as const;
  const warmUp = makeOrders({ ...load, orders: 3 * BATCH, tag: 'warm' });
  const measured = makeOrders({ ...load, orders, tag: 'order' });
  const scene = await world.openScene(name);
  try {
    await write(scene, warmUp, take);
    await world.settle();
    const pids = { ...world.stack.pids(), writer: process.pid };
    const { result: seconds, processor } = await withProcessorTime(pids, async () => {
      const started = performance.now();
      await write(scene, measured, take);
      return (performance.now() - started) / 1_000;
    });
    return { figures: { perSecond: orders / seconds }, details: { orders, seconds }, processor };
  } finally {
    await world.closeScene(scene);
  }
}

async function write(scene: Scene, orders: OrderPlaced[], take: TakeStock): Promise<void> {
  const { db } = scene.database;
  // Not the collection of orders, which has indexes that these writes are spared.
  const target = db.collection<BareOrder>('bareOrders');
  const stock: Stock = db.collection('stock');
  for (let from = 0; from < orders.length; from += BATCH) {
    const documents = orders.slice(from, from + BATCH).map(documentOf);
    const taken = new Map<string, number>();
    for (const { lines } of documents) {
      for (const { stockKey, quantity } of lines) taken.set(stockKey, (taken.get(stockKey) ?? 0) + quantity);
    }
    await target.insertMany(documents, { ordered: false, writeConcern: DURABLE });
    const matched = await take(stock, taken);
    if (matched !== taken.size) throw new Error(`${matched} of ${taken.size} guards held: not enough stock`);
  }
}

function documentOf(order: OrderPlaced): BareOrder {
  const { storeId, orderId } = order;
  const occurredAt = new Date(order.occurredAt);
  return {
    _id: `${storeId}/${orderId}`,
    storeId,
    orderId,
    customerId: order.customerId ?? null,
    state: 'held',
    occurredAt,
    due: new Date(occurredAt.getTime() + 30 * 60_000),
    lines: order.lines.map(({ productId, quantity }) => ({
      productId,
      quantity,
      stockKey: stockKeyOf(storeId, productId),
    })),
  };
}

const perKey: TakeStock = async (stock, taken) => {
  // Sorted: neighbours share a page, which is worth as much here as in a transaction.
  const operations = [...taken].sort(byKey).map(([key, units]) => ({
    updateOne: {
      filter: { _id: key, free: { $gte: units } },
      update: { $inc: { free: -units, held: units } },
    },
  }));
  const reply = await stock.bulkWrite(operations, { ordered: false, writeConcern: DURABLE });
  return reply.matchedCount;
};

const grouped: TakeStock = async (stock, taken) => {
  const groups = new Map<number, string[]>();
  for (const [key, units] of [...taken].sort(byKey)) {
    const group = groups.get(units);
    if (group) group.push(key);
    else groups.set(units, [key]);
  }
  const operations = [...groups].map(([units, keys]) => ({
    updateMany: {
      filter: { _id: { $in: keys }, free: { $gte: units } },
      update: { $inc: { free: -units, held: units } },
    },
  }));
  const reply = await stock.bulkWrite(operations, { ordered: false, writeConcern: DURABLE });
  return reply.matchedCount;
};

function byKey([a]: [string, number], [b]: [string, number]): number {
  return a < b ? -1 : 1;
}
