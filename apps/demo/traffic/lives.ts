/**
 * How the life of an order goes on: drawn from the seed and the order's id alone, so that services which do not
 * talk to each other still tell the same story, and tell it again for the same seed.
 */

import type { StockOutcome } from '@holdfast/contracts';
import { parseStockKey, type Line } from '@holdfast/core';
import { Random } from './random.js';
import { recordOf, timeText, type Service, type TrafficRecord } from './record.js';
import { HOLD_MS } from './shops.js';

/** Kinds of lives, by how many of a hundred orders have them. */
const LIVES = {
  pays: 68,
  'never-pays': 13,
  'pays-after-the-hold': 3,
  'pays-twice': 1.5,
  rejected: 3,
  'rejected-after-payment': 1.5,
  refunded: 2.5,
  'partly-refunded': 2,
  'refunded-and-restocked': 2,
  // Of these the order itself comes last.
  'overtaken-by-payment': 2.5,
  'overtaken-by-rejection': 0.5,
  'overtaken-by-refund': 0.5,
} as const;
export type Life = keyof typeof LIVES;

/** Customers who pay although they were refused. */
const PAY_ANYWAY = 0.02;

export function lifeOf(seed: string, orderId: string): Life {
  return new Random(`${seed}/life/${orderId}`).weighted(LIVES);
}

export function isOvertaken(life: Life): boolean {
  return life.startsWith('overtaken');
}

export function paymentIdOf(orderId: string): string {
  return `pay-${orderId}`;
}

interface OrderName {
  storeId: string;
  orderId: string;
}

export function payment({ storeId, orderId }: OrderName, at: number, nth = 1): TrafficRecord {
  return recordOf('PaymentReceived', at, {
    eventId: `${orderId}-paid-${nth}`,
    occurredAt: timeText(at),
    storeId,
    orderId,
    paymentId: nth === 1 ? paymentIdOf(orderId) : `${paymentIdOf(orderId)}-${nth}`,
  });
}

export function rejection({ storeId, orderId }: OrderName, at: number): TrafficRecord {
  return recordOf('OrderRejected', at, {
    eventId: `${orderId}-rejected`,
    occurredAt: timeText(at),
    storeId,
    orderId,
    reason: 'We cannot deliver to this address.',
  });
}

export function refund(
  { storeId, orderId }: OrderName,
  at: number,
  what: { restock: boolean; lines?: Line[] },
): TrafficRecord {
  return recordOf('OrderRefunded', at, {
    eventId: `${orderId}-refunded`,
    occurredAt: timeText(at),
    storeId,
    orderId,
    refundId: `refund-${orderId}`,
    paymentId: paymentIdOf(orderId),
    ...what,
  });
}

/**
 * What a service sends because of an outcome that it reads on Kafka.
 * @param now epoch ms
 */
export function followUps(
  service: Service,
  outcome: StockOutcome,
  seed: string,
  now: number,
): TrafficRecord[] {
  const { storeId, orderId } = outcome;
  if (orderId === undefined) return [];
  const order: OrderName = { storeId, orderId };
  const life = lifeOf(seed, orderId);
  const random = new Random(`${seed}/${service}/${orderId}`);
  const inMs = (from: number, to: number): number => now + Math.round(random.between(from, to));
  if (service === 'payments' && outcome.outcome === 'Held') return payments(order, life, inMs);
  if (service === 'payments' && outcome.outcome === 'Refused') {
    return !isOvertaken(life) && random.chance(PAY_ANYWAY) ? [payment(order, inMs(300, 2_000))] : [];
  }
  if (service === 'back-office' && outcome.outcome === 'Held') {
    return life === 'rejected' ? [rejection(order, inMs(500, 2_500))] : [];
  }
  if (service === 'back-office' && outcome.outcome === 'Sold') return afterSale(order, life, outcome, inMs);
  return [];
}

type InMs = (from: number, to: number) => number;

function payments(order: OrderName, life: Life, inMs: InMs): TrafficRecord[] {
  if (isOvertaken(life) || life === 'never-pays' || life === 'rejected') return [];
  if (life === 'pays-after-the-hold') return [payment(order, inMs(HOLD_MS + 500, HOLD_MS + 2_000))];
  const first = payment(order, inMs(300, 3_000));
  return life === 'pays-twice' ? [first, payment(order, inMs(3_200, 4_500), 2)] : [first];
}

function afterSale(order: OrderName, life: Life, outcome: StockOutcome, inMs: InMs): TrafficRecord[] {
  switch (life) {
    case 'rejected-after-payment':
      return [rejection(order, inMs(500, 1_500))];
    case 'refunded':
      return [refund(order, inMs(800, 3_000), { restock: false })];
    case 'refunded-and-restocked':
      return [refund(order, inMs(800, 3_000), { restock: true })];
    case 'partly-refunded': {
      const lines = oneUnitOf(outcome);
      return [refund(order, inMs(800, 3_000), { restock: false, ...(lines && { lines }) })];
    }
    case 'pays':
    case 'never-pays':
    case 'pays-after-the-hold':
    case 'pays-twice':
    case 'rejected':
    case 'overtaken-by-payment':
    case 'overtaken-by-rejection':
    case 'overtaken-by-refund':
      return [];
  }
}

/** The stock keys of the demo's orders say what was ordered; goods that are not counted have none. */
function oneUnitOf({ deltas: [delta] }: StockOutcome): Line[] | undefined {
  if (!delta) return undefined;
  const { storeId: _, ...goods } = parseStockKey(delta.stockKey);
  return [{ ...goods, quantity: 1 }];
}
