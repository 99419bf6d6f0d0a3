/** Records for the consumed topics: some as they should be, most of them not. The same seed makes the same ones. */

import { CONSUMED_TOPICS, type ConsumedTopic } from '@holdfast/contracts';
import type { Random } from '../../apps/demo/traffic/random.js';
import { oddString, randomBytes, spoiled, spoiledBytes } from './values.js';

export interface FuzzedRecord {
  topic: ConsumedTopic;
  key: Buffer | null;
  value: Buffer | null;
  headers: [string, Buffer][];
}

/** Few, so that events meet: the same order is placed, paid, rejected and refunded, twice and out of order. */
export const STORES = Array.from({ length: 8 }, (_, at) => `s${at}`);
export const PRODUCTS = ['mug', 'cake', 'shirt', 'uncounted'];
const VARIANTS = ['M', 'L', 'unknown'];
const DATES = ['2026-12-01', '2026-12-24', '2027-02-28'];

const KINDS = { right: 35, spoiled: 30, spoiledBytes: 20, random: 10, special: 5 } as const;

export function fuzzedRecord(random: Random, orders: number): FuzzedRecord {
  const topic = random.pick(CONSUMED_TOPICS);
  const message = rightMessage(topic, random, orders);
  return {
    topic,
    key: keyOf(random, message['storeId'] as string),
    value: valueOf(message, random),
    headers: random.chance(0.1) ? headersOf(random) : [],
  };
}

function valueOf(message: Record<string, unknown>, random: Random): Buffer | null {
  switch (random.weighted(KINDS)) {
    case 'right':
      return json(message);
    case 'spoiled': {
      let value: unknown = message;
      for (let times = random.whole(1, 3); times > 0; times--) value = spoiled(value, random);
      return json(value);
    }
    case 'spoiledBytes':
      return spoiledBytes(json(message), random);
    case 'random':
      return randomBytes(random, random.whole(0, 80));
    case 'special':
      return special(message, random);
  }
}

function special(message: Record<string, unknown>, random: Random): Buffer | null {
  switch (random.whole(0, 6)) {
    case 0:
      return null;
    case 1:
      return Buffer.alloc(0);
    case 2:
      return Buffer.from('['.repeat(random.whole(1, 5_000)));
    case 3:
      return Buffer.from(`{"a":`.repeat(random.whole(1, 500)));
    case 4:
      return json({ ...message, padding: 'x'.repeat(random.whole(1, 20_000)) });
    case 5:
      return Buffer.concat([Buffer.from('\ufeff'), json(message)]);
    default:
      return Buffer.from(JSON.stringify(message), 'utf16le');
  }
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value) ?? '');
}

function keyOf(random: Random, storeId: string): Buffer | null {
  if (random.chance(0.9)) return Buffer.from(storeId);
  return random.chance(0.3) ? null : randomBytes(random, random.whole(0, 20));
}

function headersOf(random: Random): [string, Buffer][] {
  return Array.from({ length: random.whole(1, 3) }, () => [
    random.pick(['ce_id', 'ce_specversion', 'dead-letter-error', 'traceparent', 'x']),
    random.chance(0.5) ? Buffer.from(oddString(random)) : randomBytes(random, random.whole(0, 30)),
  ]);
}

function rightMessage(topic: ConsumedTopic, random: Random, orders: number): Record<string, unknown> {
  const common = {
    eventId: `e-${random.whole(0, 1e9)}`,
    occurredAt: new Date().toISOString(),
    storeId: random.pick(STORES),
    orderId: `o-${random.whole(1, orders)}`,
  };
  const paymentId = `p-${random.whole(1, 3)}`;
  switch (topic) {
    case 'OrderPlaced':
      return { ...common, customerId: 'c-1', lines: lines(random) };
    case 'PaymentReceived':
      return { ...common, paymentId };
    case 'OrderRejected':
      return { ...common, ...(random.chance(0.5) && { reason: oddString(random) }) };
    case 'OrderRefunded':
      return {
        ...common,
        refundId: `r-${random.whole(1, 3)}`,
        ...(random.chance(0.5) && { paymentId }),
        ...(random.chance(0.5) && { lines: lines(random) }),
        ...(random.chance(0.5) && { restock: random.chance(0.5) }),
      };
  }
}

function lines(random: Random): object[] {
  return Array.from({ length: random.whole(1, 3) }, () => ({
    productId: random.pick(PRODUCTS),
    ...(random.chance(0.3) && { variantId: random.pick(VARIANTS) }),
    ...(random.chance(0.3) && { fulfillmentDate: random.pick(DATES) }),
    quantity: random.chance(0.9) ? random.whole(1, 4) : random.whole(1, 1_000_000),
  }));
}
