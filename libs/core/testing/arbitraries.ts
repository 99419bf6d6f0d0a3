/**
 * Random lives of a small shop: few orders, few products and small numbers, so that they meet often.
 * Everything a step needs is in it, so that a shrunk run reads as a story.
 */

import fc from 'fast-check';

import { stockKey, type Inventory, type Line, type OrderEvent } from '../index.js';
import {
  DUE_AT,
  due,
  extended,
  MINUTE_MS,
  paid,
  placed,
  PLACED_AT,
  refunded,
  rejected,
  restocked,
  STORE,
} from './events.js';
import type { Step } from './shop.js';

const ORDERS = ['o1', 'o2', 'o3'];
const PRODUCTS = ['mug', 'shirt', 'card'];
const DATES = ['2026-02-13', '2026-02-14'];
/** `L` is not among the variants that a product lists, when it lists them */
const VARIANTS = ['S', 'M', 'L'];
const LISTED = ['S', 'M'];

const orderId = fc.constantFrom(...ORDERS);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const line: fc.Arbitrary<Line> = fc
  .record({
    productId: fc.constantFrom(...PRODUCTS),
    variantId: fc.option(fc.constantFrom(...VARIANTS), { nil: undefined, freq: 20 }),
    fulfillmentDate: fc.option(fc.constantFrom(...DATES), { nil: undefined, freq: 20 }),
    quantity: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ productId, variantId, fulfillmentDate, quantity }) => ({
    productId,
    ...(variantId !== undefined && { variantId }),
    ...(fulfillmentDate !== undefined && { fulfillmentDate }),
    quantity,
  }));

const lines = fc.array(line, { minLength: 1, maxLength: 4 });

/** Refunds mostly name what is in the order, and sometimes too much of it or something else. */
function someOf(own: Line[] | undefined): fc.Arbitrary<Line[] | undefined> {
  if (!own) return maybe(lines);
  const part = fc
    .tuple(fc.constantFrom(...own), fc.integer({ min: 1, max: 3 }))
    .map(([goods, quantity]) => ({ ...goods, quantity }));
  return maybe(
    fc.oneof(
      { weight: 9, arbitrary: fc.array(part, { minLength: 1, maxLength: 3 }) },
      { weight: 1, arbitrary: lines },
    ),
  );
}

interface Wishes {
  orderId: string;
  lines: Line[];
}

/** Each order's goods are drawn first, so that refunds and restocks can name them. */
const wishes: fc.Arbitrary<Wishes[]> = fc.tuple(
  ...ORDERS.map((id) => fc.record({ orderId: fc.constant(id), lines })),
);

function factOf(wish: Wishes): fc.Arbitrary<OrderEvent> {
  const { orderId: id } = wish;
  const payment = fc.constantFrom('p1', 'p2', 'p3');
  const refund = fc
    .record({
      refundId: fc.constantFrom('r1', 'r2', 'r3'),
      of: maybe(payment),
      lines: someOf(wish.lines),
      restock: fc.boolean(),
    })
    .map(({ refundId, of, lines: goods, restock }) =>
      refunded(refundId, { orderId: id, restock, ...(of && { of }), ...(goods && { lines: goods }) }),
    );
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(placed(wish.lines, { orderId: id })) },
    { weight: 5, arbitrary: payment.map((paymentId) => paid(paymentId, id)) },
    { weight: 1, arbitrary: fc.constant(rejected('changed my mind', id)) },
    { weight: 5, arbitrary: refund },
  );
}

const inventory = fc.constantFrom<Inventory>(
  'off',
  'product',
  'product',
  'product',
  'variant',
  'variant',
  'variant',
);

function productStep(ids: readonly string[]): fc.Arbitrary<Step> {
  const listed = fc.integer({ min: 0, max: 4 }).map((number) => number === 4);
  return fc
    .record({ productId: fc.constantFrom(...ids), inventory, listed })
    .map(({ productId, inventory: kind, listed: isListed }) => ({
      step: 'product',
      productId,
      settings: { inventory: kind, ...(isListed && { variants: LISTED }) },
    }));
}

const storeStep: fc.Arbitrary<Step> = fc
  .record({ fulfillmentDates: fc.boolean(), holdMs: fc.constantFrom(10 * MINUTE_MS, 30 * MINUTE_MS) })
  .map((settings) => ({ step: 'store', settings }));

const opening: fc.Arbitrary<Step[]> = fc.tuple(storeStep, ...PRODUCTS.map((id) => productStep([id])));

/** Every key that the goods may count against, whatever the settings become. */
function keysOf(goods: Line[]): string[] {
  return goods.flatMap(({ productId, variantId, fulfillmentDate }) => [
    stockKey(STORE, productId),
    stockKey(STORE, productId, variantId),
    stockKey(STORE, productId, undefined, fulfillmentDate),
    stockKey(STORE, productId, variantId, fulfillmentDate),
  ]);
}

function merchantStep(keys: string[]): fc.Arbitrary<Step> {
  const set = fc.integer({ min: 0, max: 9 }).map((quantity) => ({ type: 'set' as const, quantity }));
  const blank = fc.constant({ type: 'set' as const, quantity: null });
  const adjust = fc.integer({ min: -3, max: 3 }).map((by) => ({ type: 'adjust' as const, by }));
  const change = fc.oneof(
    { weight: 5, arbitrary: set },
    { weight: 1, arbitrary: blank },
    { weight: 2, arbitrary: adjust },
  );
  return fc.record({ step: fc.constant('merchant' as const), stockKey: fc.constantFrom(...keys), change });
}

const ownEvent: fc.Arbitrary<OrderEvent> = fc.oneof(
  fc
    .tuple(fc.integer({ min: -30, max: 30 }), orderId)
    .map(([minutes, id]) => due(DUE_AT + minutes * MINUTE_MS, id)),
  fc
    .tuple(fc.integer({ min: -15, max: 15 }), orderId)
    .map(([minutes, id]) => extended(DUE_AT + minutes * MINUTE_MS, id)),
);

const eventStep = (arbitrary: fc.Arbitrary<OrderEvent>): fc.Arbitrary<Step> =>
  arbitrary.map((event) => ({ step: 'event', event }));

const commit = fc.constant<Step>({ step: 'commit' });

/** The whole life of a shop with scarce stock: everything that can happen, in any order. */
export const scarceLife: fc.Arbitrary<Step[]> = wishes.chain((all) => {
  const restock = fc
    .tuple(fc.constantFrom(...all), fc.constantFrom('b1', 'b2', 'b3'))
    .chain(([wish, id]) => someOf(wish.lines).map((goods) => restocked(id, goods, wish.orderId)));
  const placedLater = fc
    .tuple(fc.constantFrom(...all), fc.integer({ min: -1, max: 1 }))
    .map(([wish, late]) =>
      placed(wish.lines, { orderId: wish.orderId, recordedAt: PLACED_AT + late * MINUTE_MS }),
    );
  const merchant = merchantStep(keysOf(all.flatMap((wish) => wish.lines)));
  const step = fc.oneof(
    { weight: 20, arbitrary: eventStep(fc.oneof(...all.map(factOf))) },
    { weight: 4, arbitrary: eventStep(placedLater) },
    { weight: 5, arbitrary: eventStep(restock) },
    { weight: 4, arbitrary: eventStep(ownEvent) },
    { weight: 7, arbitrary: merchant },
    { weight: 1, arbitrary: fc.oneof(productStep(PRODUCTS), storeStep) },
    { weight: 4, arbitrary: commit },
  );
  return fc
    .tuple(opening, fc.array(merchant, { maxLength: 6 }), fc.array(step, { maxLength: 45, size: 'max' }))
    .map(([settings, numbers, life]) => [...settings, ...numbers, ...life]);
});

/** Few refused, many refunded: two orders of one product, whose variants share its key, and a merchant who counts. */
export const refundedLife: fc.Arbitrary<Step[]> = fc
  .array(fc.tuple(fc.constantFrom(...LISTED), fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 3 })
  .chain((drawn) => {
    const lines = drawn.map(([variantId, quantity]) => ({ productId: 'mug', variantId, quantity }));
    const some = fc
      .tuple(fc.constantFrom(...lines), fc.integer({ min: 1, max: 3 }))
      .map(([goods, quantity]) => ({ ...goods, quantity }));
    const part = fc.array(some, { minLength: 1, maxLength: 2 });
    const id = fc.constantFrom('o1', 'o1', 'o1', 'o2');
    const number = fc.integer({ min: 1, max: 9 });
    const refund = fc
      .tuple(number, part, fc.integer({ min: 0, max: 9 }), id)
      .map(([at, goods, dice, orderId]) =>
        refunded(`r${at}`, {
          orderId,
          restock: dice > 7,
          ...(dice > 0 && { lines: goods }),
          ...(dice % 4 === 3 && { of: dice > 5 ? 'p1' : 'p2' }),
        }),
      );
    const restock = fc
      .tuple(number, fc.option(part, { nil: undefined, freq: 4 }), id)
      .map(([at, goods, orderId]) => restocked(`b${at}`, goods, orderId));
    const rare = fc
      .tuple(fc.constantFrom(rejected, paid), id)
      .map(([event, orderId]) => event('p2', orderId));
    const step = fc.oneof(
      { weight: 8, arbitrary: eventStep(refund) },
      { weight: 6, arbitrary: eventStep(restock) },
      { weight: 1, arbitrary: eventStep(rare) },
      { weight: 4, arbitrary: merchantStep([stockKey(STORE, 'mug')]) },
      { weight: 2, arbitrary: commit },
    );
    const start: Step[] = ['o1', 'o2'].flatMap((orderId) => [
      { step: 'event', event: placed(lines, { orderId }) },
      { step: 'event', event: paid('p1', orderId) },
    ]);
    const counted: Step = { step: 'product', productId: 'mug', settings: { inventory: 'product' } };
    return fc.array(step, { maxLength: 30, size: 'max' }).map((life) => [counted, ...start, ...life]);
  });

export interface AmpleLife {
  settings: Step[];
  /** as they arrive, repetitions and ends of batches among them */
  arrived: Step[];
}

/** Facts from outside alone, in any order, some again and again, with stock for all of them. */
export const ampleLife: fc.Arbitrary<AmpleLife> = wishes.chain((all) => {
  const fact = fc.oneof(...all.map(factOf));
  const plenty = keysOf(all.flatMap((wish) => wish.lines)).map((key) => {
    const step: Step = { step: 'merchant', stockKey: key, change: { type: 'set', quantity: 1000 } };
    return fc.option(fc.constant(step), { nil: undefined });
  });
  const arrived = fc.array(
    fc.oneof({ weight: 5, arbitrary: eventStep(fact) }, { weight: 1, arbitrary: commit }),
    {
      maxLength: 45,
      size: 'max',
    },
  );
  return fc.tuple(opening, fc.tuple(...plenty), arrived).map(([settings, set, steps]) => ({
    settings: [...settings, ...set.filter((step) => step !== undefined)],
    arrived: steps,
  }));
});
