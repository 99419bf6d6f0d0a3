/** Orders that are refused or never paid, and those that are paid too late. */

import { setTimeout as delay } from 'node:timers/promises';
import { mugsOf } from '../support/pipeline-mugs.js';
import { line, startPipeline, type Pipeline } from '../support/pipeline.js';

let shop: Pipeline;
beforeAll(async () => {
  shop = await startPipeline();
});
afterAll(() => shop.finish());

const mugs = mugsOf(() => shop);

describe('a refusal', () => {
  it('moves nothing, and names every key that is short', async () => {
    await mugs('short', 3);
    await shop.product('short', 'hat');
    await shop.stock('short', { hat: 0 });
    const lines = [line('mug', 2), line('hat', 1), line('mug', 2), line('untold', 9)];
    await shop.publish.placed({ storeId: 'short', orderId: 'o', customerId: 'ann', lines });
    await shop.drained();
    expect(shop.outcomes().of('short', 'o')).toMatchObject([
      {
        outcome: 'Refused',
        reason: 'not-enough-stock',
        deltas: [],
        shortages: [
          { productId: 'mug', wanted: 4, free: 3 },
          { productId: 'hat', wanted: 1, free: 0 },
        ],
      },
    ]);
    expect(shop.outcomes().told('short', 'o')).toEqual(['order-refused']);
    expect(await shop.balance('short', 'mug')).toEqual([3, 0, 0, 0]);
    await shop.publish.rejected({ storeId: 'short', orderId: 'o' });
    await shop.drained();
    expect(shop.outcomes().story('short', 'o')).toEqual(['Refused', 'Released']);
    expect(shop.outcomes().told('short', 'o')).toEqual(['order-refused']);
  });

  it('gives the first reason that fits, and only a short order can be paid for later', async () => {
    await shop.store('reasons', { fulfillmentDates: true });
    await shop.product('reasons', 'mug');
    await shop.product('reasons', 'shirt', 'variant', ['M', 'L']);
    await shop.stock('reasons', { 'mug/-/2031-05-01': 0 });
    const orders: [string, string[]][] = [
      ['date-required', ['mug/-/2031-05-01', 'shirt/-/2031-05-01', 'shirt/M', 'shirt/XL/2031-05-01']],
      ['variant-required', ['mug/-/2031-05-01', 'shirt/XL/2031-05-01', 'shirt/-/2031-05-01']],
      ['unknown-variant', ['mug/-/2031-05-01', 'shirt/XL/2031-05-01']],
      ['not-enough-stock', ['mug/-/2031-05-01', 'shirt/M/2031-05-01']],
    ];
    await shop.publish.placed(
      orders.map(([orderId, keys]) => ({ storeId: 'reasons', orderId, lines: keys.map((key) => line(key)) })),
    );
    await shop.drained();
    const reasons = orders.map(([orderId]) =>
      shop
        .outcomes()
        .of('reasons', orderId)
        .map(({ reason }) => reason),
    );
    expect(reasons).toEqual(orders.map(([orderId]) => [orderId]));
    await shop.stock('reasons', { 'mug/-/2031-05-01': 9 });
    await shop.publish.paid(orders.map(([orderId]) => ({ storeId: 'reasons', orderId, paymentId: 'p' })));
    await shop.drained();
    expect(orders.map(([orderId]) => shop.outcomes().story('reasons', orderId).at(-1))).toEqual([
      'RefundRequired',
      'RefundRequired',
      'RefundRequired',
      'Reinstated',
    ]);
  });

  it('is undone by a payment when the goods are there by then, and else has it given back', async () => {
    await mugs('after-refusal', 1);
    const order = (orderId: string) => ({ storeId: 'after-refusal', orderId });
    await shop.publish.placed(['lucky', 'late'].map((id) => ({ ...order(id), lines: [line('mug', 2)] })));
    await shop.drained();
    await shop.stock('after-refusal', { mug: 3 });
    await shop.publish.paid(['lucky', 'late'].map((id) => ({ ...order(id), paymentId: `p-${id}` })));
    await shop.drained();
    const { of, story, told } = shop.outcomes();
    expect(story('after-refusal', 'lucky')).toEqual(['Refused', 'Reinstated']);
    expect(told('after-refusal', 'lucky')).toEqual(['order-refused', 'order-reinstated']);
    expect(of('after-refusal', 'late').at(-1)).toMatchObject({
      outcome: 'RefundRequired',
      paymentId: 'p-late',
      shortages: [{ productId: 'mug', wanted: 2, free: 1 }],
    });
    expect(told('after-refusal', 'late')).toEqual(['order-refused', 'refund-on-its-way']);
    expect(await shop.balance('after-refusal', 'mug')).toEqual([1, 0, 2, 0]);
  });
});

describe('an unpaid order', () => {
  const HOLD_MS = 1_500;

  it('expires: the goods are free again, services and customer are told', async () => {
    await mugs('unpaid', 5, HOLD_MS);
    await shop.publish.placed({
      storeId: 'unpaid',
      orderId: 'o',
      customerId: 'ann',
      lines: [line('mug', 2)],
    });
    await shop.until(({ expired }) => expired.some(({ storeId }) => storeId === 'unpaid'), 'it expires');
    await shop.drained();
    const { of, expired, told } = shop.outcomes();
    const [held, released] = of('unpaid', 'o');
    expect(held).toMatchObject({ outcome: 'Held' });
    expect(released).toMatchObject({ outcome: 'Released', reason: 'expired', cause: { topic: 'timer' } });
    expect(expired.find(({ storeId }) => storeId === 'unpaid')).toMatchObject({
      orderId: 'o',
      customerId: 'ann',
      expiresAt: held?.expiresAt,
      lines: [{ productId: 'mug', quantity: 2 }],
    });
    expect(Date.parse(released?.occurredAt ?? '')).toBeGreaterThanOrEqual(Date.parse(held?.expiresAt ?? ''));
    expect(told('unpaid', 'o')).toEqual(['order-expired']);
    expect(await shop.balance('unpaid', 'mug')).toEqual([5, 0, 0, 0]);
  });

  it('is due by the earlier of what the shop and the broker say', async () => {
    await mugs('clocks', 9);
    const at = (offsetMs: number): string => new Date(Date.now() + offsetMs).toISOString();
    await shop.publish.placed([
      { storeId: 'clocks', orderId: 'old', occurredAt: at(-3_600_000), lines: [line('mug')] },
      { storeId: 'clocks', orderId: 'ahead', occurredAt: at(3_600_000), lines: [line('mug')] },
    ]);
    await shop.until(
      ({ story }) => story('clocks', 'old').includes('Released'),
      'the old one expires at once',
    );
    const dueInMs = Date.parse(shop.outcomes().of('clocks', 'ahead')[0]?.expiresAt ?? '') - Date.now();
    expect(dueInMs).toBeGreaterThan(25 * 60_000);
    expect(dueInMs).toBeLessThan(31 * 60_000);
  });

  it('is sold all the same when the payment comes late and the goods are there; else it is given back', async () => {
    await mugs('late', 3, HOLD_MS);
    const order = (orderId: string) => ({ storeId: 'late', orderId });
    await shop.publish.placed({ ...order('lucky'), lines: [line('mug', 3)] });
    await shop.until(({ told }) => told('late', 'lucky').length > 0, 'the first one expires');
    await shop.publish.placed({ ...order('unlucky'), lines: [line('mug', 2)] });
    await shop.until(({ told }) => told('late', 'unlucky').length > 0, 'the second one expires');
    await shop.publish.paid([
      { ...order('lucky'), paymentId: 'p1' },
      { ...order('unlucky'), paymentId: 'p2' },
    ]);
    await shop.drained();
    const { of, story, told } = shop.outcomes();
    expect(story('late', 'lucky')).toEqual(['Held', 'Released', 'Reinstated']);
    expect(told('late', 'lucky')).toEqual(['order-expired', 'order-reinstated']);
    expect(of('late', 'unlucky').at(-1)).toMatchObject({
      outcome: 'RefundRequired',
      reason: 'expired',
      paymentId: 'p2',
      shortages: [{ productId: 'mug', wanted: 2, free: 0 }],
    });
    expect(told('late', 'unlucky')).toEqual(['order-expired', 'refund-on-its-way']);
    expect(await shop.balance('late', 'mug')).toEqual([0, 0, 3, 0]);
  });

  it('of goods that are not counted lives and expires like any other', async () => {
    await shop.store('uncounted', { holdMs: HOLD_MS });
    await shop.product('uncounted', 'off', 'off');
    const lines = [line('off', 7), line('never-told-of', 8)];
    await shop.publish.placed({ storeId: 'uncounted', orderId: 'o', lines });
    await shop.until(({ told }) => told('uncounted', 'o').length > 0, 'it expires');
    expect(
      shop
        .outcomes()
        .of('uncounted', 'o')
        .flatMap(({ deltas }) => deltas),
    ).toEqual([]);
    expect(await shop.database.stock.countDocuments({ _id: /^uncounted\// })).toBe(0);
  });

  it('is kept while operators have paused expiry, and longer when they extend holds', async () => {
    await shop.ops('expiry', 'pause', '--reason', 'the payment provider is away');
    await mugs('paused', 9, HOLD_MS);
    await shop.publish.placed(
      ['kept', 'paid', 'extended'].map((orderId) => ({ storeId: 'paused', orderId, lines: [line('mug')] })),
    );
    await shop.until(({ of }) => of('paused', 'extended').length === 1, 'they are held');
    const dueAt = Date.parse(shop.outcomes().of('paused', 'extended')[0]?.expiresAt ?? '');
    await delay(Math.max(0, dueAt + 500 - Date.now())); // what is to be seen is that nothing happens then
    expect(await shop.balance('paused', 'mug')).toEqual([6, 3, 0, 0]);
    await shop.publish.paid({ storeId: 'paused', orderId: 'paid', paymentId: 'p' });
    const extended = await shop.ops(
      'holds',
      'extend',
      '--store',
      'paused',
      '--order',
      'extended',
      '--for',
      '1h',
    );
    expect(extended).toMatchObject({ extended: 1, untouched: [] });
    await shop.drained();
    await shop.ops('expiry', 'resume');
    await shop.until(({ told }) => told('paused', 'kept').length > 0, 'what was due expires');
    await shop.drained();
    expect(await shop.balance('paused', 'mug')).toEqual([7, 1, 1, 0]);
    expect(shop.outcomes().story('paused', 'paid')).toEqual(['Held', 'Sold']);
    expect(shop.outcomes().story('paused', 'extended')).toEqual(['Held']);
  });
});
