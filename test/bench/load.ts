/** What the shops' customers do: events made ahead of the measurement, the same for every system and seed. */

import type { ConsumedTopic, OrderPlaced } from '@holdfast/contracts';
import { PRODUCTS_PER_STORE, productIdOf, STORES, storeIdOf } from './catalogue.js';
import { below, seeded, shuffled, zipf, type Random } from './random.js';

/**
 * - uniform: store and two products at random;
 * - zipf: products by Zipf's law (s = 1) over all stores' products, the second line within the first one's store;
 * - hot: both lines of every order take the same product of the same store;
 * - hotRandomKeys: the same, with record keys that spread it over all partitions;
 * - mixed: as uniform; 60 % are paid and a twelfth of those refunded, 10 % rejected, and 30 % left to expire.
 */
export const WORKLOADS = ['uniform', 'zipf', 'hot', 'hotRandomKeys', 'mixed'] as const;
export type Workload = (typeof WORKLOADS)[number];

export const MIXED_SHARES = { paid: 0.6, refunded: 0.05, rejected: 0.1 } as const;

export interface LoadOptions {
  workload: Workload;
  orders: number;
  /** part of every order id: two loads of one database must not meet */
  tag: string;
  seed: number;
  /** of every order */
  occurredAt: Date;
}

export interface LoadRecord {
  topic: ConsumedTopic;
  key: string;
  value: string;
}

export interface Load {
  /** in the order in which they are sent */
  records: LoadRecord[];
  orders: number;
  /** orders that nobody pays or rejects */
  unanswered: number;
}

export function makeLoad(options: LoadOptions): Load {
  const random = seeded(options.seed);
  const basket = basketsOf(options.workload, random);
  const records: LoadRecord[] = [];
  let unanswered = 0;
  for (let number = 0; number < options.orders; number++) {
    const order = placed(options, number, basket);
    const key = options.workload === 'hotRandomKeys' ? `key-${below(random, 1_000_000)}` : order.storeId;
    records.push({ topic: 'OrderPlaced', key, value: JSON.stringify(order) });
    const answers = options.workload === 'mixed' ? answersTo(order, random()) : [];
    records.push(...answers);
    if (answers.length === 0) unanswered += 1;
  }
  return { records, orders: options.orders, unanswered };
}

/** The orders alone, as values. */
export function makeOrders(options: LoadOptions): OrderPlaced[] {
  const basket = basketsOf(options.workload, seeded(options.seed));
  return Array.from({ length: options.orders }, (_, number) => placed(options, number, basket));
}

interface Basket {
  store: number;
  products: [number, number];
}

function placed(
  options: LoadOptions,
  number: number,
  basket: () => Basket & { random: Random },
): OrderPlaced {
  const { store, products, random } = basket();
  const orderId = `${options.tag}-${String(number).padStart(7, '0')}`;
  return {
    eventId: `placed-${orderId}`,
    occurredAt: options.occurredAt.toISOString(),
    storeId: storeIdOf(store),
    orderId,
    customerId: `customer-${below(random, 1_000_000)}`,
    lines: products.map((product) => ({ productId: productIdOf(product), quantity: 1 + below(random, 3) })),
  };
}

function basketsOf(workload: Workload, random: Random): () => Basket & { random: Random } {
  if (workload === 'hot' || workload === 'hotRandomKeys') {
    return () => ({ store: 7, products: [7, 7], random });
  }
  if (workload !== 'zipf') {
    return () => ({
      store: below(random, STORES),
      products: pair(() => below(random, PRODUCTS_PER_STORE)),
      random,
    });
  }
  // Which product has which rank is the same for every seed of a load: the shops do not change.
  const places = shuffled(seeded(1), STORES * PRODUCTS_PER_STORE);
  const overall = zipf(random, places.length, 1);
  const ranksOfStore: number[][] = Array.from({ length: STORES }, () => []);
  for (const place of places) (ranksOfStore[Math.floor(place / PRODUCTS_PER_STORE)] as number[]).push(place);
  const within = zipf(random, PRODUCTS_PER_STORE, 1);
  return () => {
    const first = places[overall()] as number;
    const store = Math.floor(first / PRODUCTS_PER_STORE);
    let second = first;
    while (second === first) second = ranksOfStore[store]?.[within()] ?? first;
    return { store, products: [first % PRODUCTS_PER_STORE, second % PRODUCTS_PER_STORE], random };
  };
}

function pair(draw: () => number): [number, number] {
  const first = draw();
  let second = first;
  while (second === first) second = draw();
  return [first, second];
}

/** @param share where this order falls, from 0 below 1 */
function answersTo(order: OrderPlaced, share: number): LoadRecord[] {
  const { storeId, orderId, occurredAt } = order;
  const answer = (topic: ConsumedTopic, kind: string, fields: Record<string, unknown>): LoadRecord => ({
    topic,
    key: storeId,
    value: JSON.stringify({ eventId: `${kind}-${orderId}`, occurredAt, storeId, orderId, ...fields }),
  });
  const { paid, refunded, rejected } = MIXED_SHARES;
  if (share < paid) {
    const payment = answer('PaymentReceived', 'paid', { paymentId: `payment-${orderId}` });
    if (share >= refunded) return [payment];
    return [payment, answer('OrderRefunded', 'refunded', { refundId: `refund-${orderId}` })];
  }
  if (share < paid + rejected) return [answer('OrderRejected', 'rejected', { reason: 'out of flour' })];
  return [];
}
