/**
 * What is known before the first order is sent: every order of the run, the events that overtake theirs, and the
 * malformed records in between. Payments, rejections and refunds of orders that were held follow from what
 * Holdfast publishes (lives.ts). The same scene gives the same plan, so each service makes it and sends its part.
 */

import type { ConsumedTopic } from '@holdfast/contracts';
import type { Line } from '@holdfast/core';
import { isOvertaken, lifeOf, payment, refund, rejection, type Life } from './lives.js';
import { malformedRecord } from './malformed.js';
import { Random } from './random.js';
import { recordOf, timeText, withCopy, type Service, type TrafficRecord } from './record.js';
import { BAKERY, demandFor, FLASH_SALE, PAPER, TART_VARIANTS } from './shops.js';

export interface Scene {
  seed: string;
  /** epoch ms */
  startedAt: number;
  /** how long orders are placed */
  seconds: number;
  /** on which the bakery is open */
  dates: readonly string[];
}

/** Parts of the run, as shares of its seconds. */
export const FLASH_OPENS = 0.2;
export const RUSH_ENDS = 0.4;
export const FLASH_CLOSES = 0.95;

const FLASH_ORDERS_PER_SECOND_OF_RUN = 110;
/** Of the flash sale's orders, so many come in the rush. */
const RUSH_SHARE = 0.75;
const MALFORMED_PER_SECOND = 0.3;
const LATE = 0.01;

export function flashOrders(seconds: number): number {
  return Math.round(FLASH_ORDERS_PER_SECOND_OF_RUN * seconds);
}

/** The service's part, in order of sending. */
export function planOf(service: Service, scene: Scene): TrafficRecord[] {
  const records = [...parts(scene)].filter((part) => part.service === service).map(({ record }) => record);
  const sent = [...records.flatMap((record) => withCopy(record, scene.seed)), ...spoilt(service, scene)];
  return sent.sort((a, b) => a.sendAt - b.sendAt);
}

interface Part {
  service: Service;
  record: TrafficRecord;
}

function* parts(scene: Scene): Generator<Part> {
  for (const stream of STREAMS) yield* ordersOf(stream, scene);
  const random = new Random(`${scene.seed}/flash-sale`);
  const count = flashOrders(scene.seconds);
  for (let n = 0; n < count; n++) {
    const share = random.chance(RUSH_SHARE)
      ? random.between(FLASH_OPENS, RUSH_ENDS)
      : random.between(RUSH_ENDS, FLASH_CLOSES);
    const lines = [{ productId: 'sneaker', quantity: random.chance(0.1) ? 2 : 1 }];
    const order = { storeId: FLASH_SALE, orderId: `drop-${n}`, lines };
    yield* orderParts('flash-sale', scene, order, scene.startedAt + share * scene.seconds * 1_000);
  }
}

interface Stream {
  storeId: string;
  /** order ids start with it */
  name: string;
  perSecond: number;
  lines: (random: Random, dates: Dates) => Line[];
}

interface Dates {
  all: readonly string[];
  /** how much is asked for each */
  demand: Readonly<Record<string, number>>;
}

const STREAMS: readonly Stream[] = [
  {
    storeId: BAKERY,
    name: 'cake',
    perSecond: 8,
    lines: (random, { demand }) => [
      { productId: 'birthday-cake', fulfillmentDate: random.weighted(demand), quantity: random.whole(1, 2) },
    ],
  },
  {
    storeId: BAKERY,
    name: 'tart',
    perSecond: 8,
    lines: (random, { demand }) => {
      const fulfillmentDate = random.weighted(demand);
      const variantId = random.pick(TART_VARIANTS);
      const tart: Line = {
        productId: 'fruit-tart',
        variantId,
        fulfillmentDate,
        quantity: random.whole(1, 2),
      };
      return random.chance(0.3) ? [tart, { productId: 'rye-loaf', fulfillmentDate, quantity: 1 }] : [tart];
    },
  },
  {
    storeId: BAKERY,
    name: 'loaf',
    perSecond: 84,
    lines: (random, { all }) => [
      { productId: 'rye-loaf', fulfillmentDate: random.pick(all), quantity: random.whole(1, 3) },
    ],
  },
  {
    storeId: PAPER,
    name: 'paper',
    perSecond: 50,
    lines: (random) => [
      { productId: 'notebook', quantity: random.whole(1, 5) },
      ...(random.chance(0.5) ? [{ productId: 'pen', quantity: random.whole(1, 10) }] : []),
      ...(random.chance(0.1) ? [{ productId: 'gift-card', quantity: 1 }] : []),
    ],
  },
];

function* ordersOf(stream: Stream, scene: Scene): Generator<Part> {
  const { storeId, name, perSecond } = stream;
  const random = new Random(`${scene.seed}/${name}`);
  const end = scene.startedAt + scene.seconds * 1_000;
  const dates: Dates = { all: scene.dates, demand: demandFor(scene.dates) };
  let at = scene.startedAt + random.pauseMs(perSecond);
  for (let n = 0; at < end; n++) {
    const order = { storeId, orderId: `${name}-${n}`, lines: stream.lines(random, dates) };
    yield* orderParts('checkout', scene, order, at);
    at += random.pauseMs(perSecond);
  }
}

interface PlannedOrder {
  storeId: string;
  orderId: string;
  lines: Line[];
}

/** The order, and what of its life is sent whether or not it is held. */
function* orderParts(service: Service, scene: Scene, order: PlannedOrder, at: number): Generator<Part> {
  const random = new Random(`${scene.seed}/order/${order.orderId}`);
  const life = lifeOf(scene.seed, order.orderId);
  const orderedAt = Math.round(at);
  const delayMs = isOvertaken(life)
    ? random.whole(900, 2_500)
    : random.chance(LATE)
      ? random.whole(1_000, 4_000)
      : 0;
  const placed = recordOf('OrderPlaced', orderedAt + delayMs, {
    eventId: `${order.orderId}-placed`,
    occurredAt: timeText(orderedAt),
    customerId: `customer-${random.whole(1, 2_000)}`,
    ...order,
  });
  yield { service, record: placed };
  yield* overtaking(life, order, orderedAt);
}

function* overtaking(life: Life, order: PlannedOrder, orderedAt: number): Generator<Part> {
  if (life === 'overtaken-by-rejection') {
    yield { service: 'back-office', record: rejection(order, orderedAt + 100) };
  }
  if (life === 'overtaken-by-refund') {
    yield { service: 'back-office', record: refund(order, orderedAt + 100, { restock: false }) };
  }
  if (life === 'overtaken-by-refund' || life === 'overtaken-by-payment') {
    yield { service: 'payments', record: payment(order, orderedAt + 300) };
  }
}

const TOPICS_OF: Readonly<Record<Service, readonly ConsumedTopic[]>> = {
  checkout: ['OrderPlaced'],
  'flash-sale': [],
  payments: ['PaymentReceived'],
  'back-office': ['OrderRejected', 'OrderRefunded'],
};

function* spoilt(service: Service, { seed, startedAt, seconds }: Scene): Generator<TrafficRecord> {
  for (const topic of TOPICS_OF[service]) {
    const random = new Random(`${seed}/malformed/${topic}`);
    let at = startedAt + random.pauseMs(MALFORMED_PER_SECOND);
    for (let n = 0; at < startedAt + seconds * 1_000; n++) {
      yield malformedRecord(topic, n, Math.round(at));
      at += random.pauseMs(MALFORMED_PER_SECOND);
    }
  }
}
