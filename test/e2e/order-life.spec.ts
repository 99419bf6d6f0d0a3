/** An order's life as the other services see it: what they send, in whatever order, and what comes back. */

import { setTimeout as delay } from 'node:timers/promises';
import { restockOrder } from '@holdfast/store';
import { line, startPipeline, type Pipeline } from '../support/pipeline.js';

let shop: Pipeline;
beforeAll(async () => {
  shop = await startPipeline();
});
afterAll(() => shop.finish());

/** A store of a test's own with mugs to sell. */
async function mugs(storeId: string, free: number | null, holdMs?: number): Promise<void> {
  if (holdMs !== undefined) await shop.store(storeId, { holdMs });
  await shop.product(storeId, 'mug');
  await shop.stock(storeId, { mug: free });
}

describe('an order', () => {
  it('holds its goods when placed, and sells them when paid', async () => {
    await mugs('plain', 5);
    await shop.publish.placed({
      storeId: 'plain',
      orderId: 'o',
      customerId: 'ann',
      lines: [line('mug', 1), line('mug', 1)],
    });
    await shop.until(({ story }) => story('plain', 'o').length === 1, 'the order is held');
    expect(await shop.balance('plain', 'mug')).toEqual([3, 2, 0, 0]);
    await shop.publish.paid({ storeId: 'plain', orderId: 'o', paymentId: 'p' });
    await shop.until(({ story }) => story('plain', 'o').length === 2, 'the order is sold');
    expect(shop.outcomes().story('plain', 'o')).toEqual(['Held', 'Sold']);
    expect(await shop.balance('plain', 'mug')).toEqual([3, 0, 2, 0]);
    expect(shop.outcomes().told('plain', 'o')).toEqual([]);
  });

  it('is sold at once when its payment came first', async () => {
    await mugs('paid-first', 5);
    await shop.publish.paid({ storeId: 'paid-first', orderId: 'o', paymentId: 'p' });
    await shop.drained();
    await shop.publish.placed({ storeId: 'paid-first', orderId: 'o', lines: [line('mug', 2)] });
    await shop.drained();
    expect(shop.outcomes().story('paid-first', 'o')).toEqual(['Sold']);
    expect(await shop.balance('paid-first', 'mug')).toEqual([3, 0, 2, 0]);
  });

  it('claims nothing when its rejection came first, and tells the customer when it is placed', async () => {
    await mugs('rejected-first', 5);
    await shop.publish.rejected({ storeId: 'rejected-first', orderId: 'o', reason: 'closed that day' });
    await shop.drained();
    expect(shop.outcomes().told('rejected-first', 'o')).toEqual([]);
    await shop.publish.placed({ storeId: 'rejected-first', orderId: 'o', lines: [line('mug', 2)] });
    await shop.drained();
    expect(shop.outcomes().story('rejected-first', 'o')).toEqual(['Released']);
    expect(shop.outcomes().told('rejected-first', 'o')).toEqual(['order-rejected']);
    expect(await shop.balance('rejected-first', 'mug')).toEqual([5, 0, 0, 0]);
  });

  it('is sold and partly refunded at once when payment and refund came first', async () => {
    await mugs('refunded-first', 5);
    await shop.publish.refunded({
      storeId: 'refunded-first',
      orderId: 'o',
      refundId: 'r',
      paymentId: 'p',
      lines: [line('mug', 1)],
    });
    await shop.drained();
    await shop.publish.paid({ storeId: 'refunded-first', orderId: 'o', paymentId: 'p' });
    await shop.drained();
    await shop.publish.placed({ storeId: 'refunded-first', orderId: 'o', lines: [line('mug', 3)] });
    await shop.drained();
    expect(shop.outcomes().story('refunded-first', 'o')).toEqual(['Sold', 'RefundRecorded']);
    expect(await shop.balance('refunded-first', 'mug')).toEqual([2, 0, 2, 1]);
  });

  it('takes a refund that names no payment for a payment, too', async () => {
    await mugs('refund-alone', 5);
    await shop.publish.placed({ storeId: 'refund-alone', orderId: 'o', lines: [line('mug', 3)] });
    await shop.drained();
    await shop.publish.refunded({ storeId: 'refund-alone', orderId: 'o', refundId: 'r' });
    await shop.drained();
    expect(shop.outcomes().story('refund-alone', 'o')).toEqual(['Held', 'Sold', 'RefundRecorded']);
    expect(await shop.balance('refund-alone', 'mug')).toEqual([2, 0, 0, 3]);
  });

  it('asks a second payment back once, however often it comes', async () => {
    await mugs('paid-twice', 5);
    await shop.publish.placed({ storeId: 'paid-twice', orderId: 'o', lines: [line('mug', 2)] });
    await shop.drained();
    for (const paymentId of ['p1', 'p2', 'p2', 'p1', 'p2']) {
      await shop.publish.paid({ storeId: 'paid-twice', orderId: 'o', paymentId });
    }
    await shop.drained();
    const { of, story, told } = shop.outcomes();
    expect(story('paid-twice', 'o')).toEqual(['Held', 'Sold', 'RefundRequired']);
    expect(of('paid-twice', 'o').at(-1)).toMatchObject({
      paymentId: 'p2',
      reason: 'duplicate-payment',
      deltas: [],
    });
    expect(told('paid-twice', 'o')).toEqual(['refund-on-its-way']);
    expect(await shop.balance('paid-twice', 'mug')).toEqual([3, 0, 2, 0]);
  });

  it('knows every event that comes again, late and all together', async () => {
    await mugs('again', 9);
    const placed = { eventId: 'e1', occurredAt: new Date().toISOString(), storeId: 'again', orderId: 'o' };
    const refund = { storeId: 'again', orderId: 'o', refundId: 'r', lines: [line('mug', 1)] };
    const life = async (): Promise<void> => {
      await shop.publish.placed({ ...placed, lines: [line('mug', 4)] });
      await shop.publish.paid({ storeId: 'again', orderId: 'o', paymentId: 'p' });
      await shop.publish.refunded(refund);
    };
    await life();
    await shop.drained();
    const before = [...shop.outcomes().story('again', 'o')];
    await life();
    await Promise.all([life(), life()]);
    await shop.drained();
    expect(shop.outcomes().story('again', 'o')).toEqual(before);
    expect(await shop.balance('again', 'mug')).toEqual([5, 0, 3, 1]);
    const copies = shop.outcomes().published.filter(({ text }) => text.includes('"again/o/')).length;
    expect(copies).toBe(before.length);
  });

  it('stays as it was placed first when another placement differs, and says so in the log', async () => {
    await mugs('conflict', 5);
    await shop.publish.placed({ storeId: 'conflict', orderId: 'o', lines: [line('mug', 2)] });
    await shop.drained();
    await shop.publish.placed({
      storeId: 'conflict',
      orderId: 'o',
      eventId: 'other',
      lines: [line('mug', 3)],
    });
    await shop.workers[0]?.says(/conflict\/o was placed again, differently, by event other/);
    await shop.drained();
    expect(shop.outcomes().story('conflict', 'o')).toEqual(['Held']);
    expect(await shop.balance('conflict', 'mug')).toEqual([3, 2, 0, 0]);
  });
});

describe('a refund', () => {
  it('moves units from sold to refunded, never more than were ordered', async () => {
    await mugs('partial', 9);
    const order = { storeId: 'partial', orderId: 'o' };
    await shop.publish.placed({ ...order, lines: [line('mug', 5)] });
    await shop.publish.paid({ ...order, paymentId: 'p' });
    await shop.drained();
    const balances: unknown[] = [];
    for (const refundId of ['r1', 'r2', 'r3']) {
      await shop.publish.refunded({ ...order, refundId, lines: [line('mug', 2)] });
      await shop.drained();
      balances.push(await shop.balance('partial', 'mug'));
    }
    expect(balances).toEqual([
      [4, 0, 3, 2],
      [4, 0, 1, 4],
      [4, 0, 0, 5],
    ]);
  });

  it('with restock puts its units back where they can be ordered', async () => {
    await mugs('restock', 5);
    const order = { storeId: 'restock', orderId: 'o' };
    await shop.publish.placed({ ...order, lines: [line('mug', 5)] });
    await shop.publish.paid({ ...order, paymentId: 'p' });
    await shop.publish.refunded({ ...order, refundId: 'r', lines: [line('mug', 2)], restock: true });
    await shop.drained();
    expect(await shop.balance('restock', 'mug')).toEqual([2, 0, 3, 0]);
    await shop.publish.placed({ storeId: 'restock', orderId: 'next', lines: [line('mug', 2)] });
    await shop.drained();
    expect(shop.outcomes().story('restock', 'next')).toEqual(['Held']);
  });

  it('of another payment than the paying one gives that back and moves no stock', async () => {
    await mugs('other-payment', 5);
    const order = { storeId: 'other-payment', orderId: 'o' };
    await shop.publish.placed({ ...order, lines: [line('mug', 2)] });
    await shop.publish.paid({ ...order, paymentId: 'p1' });
    await shop.drained();
    await shop.publish.refunded({ ...order, refundId: 'r', paymentId: 'p2' });
    await shop.drained();
    await shop.publish.paid({ ...order, paymentId: 'p2' });
    await shop.drained();
    expect(shop.outcomes().story('other-payment', 'o')).toEqual(['Held', 'Sold', 'RefundRecorded']);
    expect(await shop.balance('other-payment', 'mug')).toEqual([3, 0, 2, 0]);
  });

  it('names lines that the order does not have, and moves the others', async () => {
    await mugs('unmatched', 5);
    const order = { storeId: 'unmatched', orderId: 'o' };
    await shop.publish.placed({ ...order, lines: [line('mug', 2)] });
    await shop.publish.paid({ ...order, paymentId: 'p' });
    await shop.publish.refunded({
      ...order,
      refundId: 'r',
      lines: [line('mug', 1), line('mug/blue'), line('hat')],
    });
    await shop.drained();
    const recorded = shop
      .outcomes()
      .of('unmatched', 'o')
      .find(({ outcome }) => outcome === 'RefundRecorded');
    expect(recorded?.reason).toMatch(/^not in the order: .*mug.*blue.*hat/);
    expect(await shop.balance('unmatched', 'mug')).toEqual([3, 0, 1, 1]);
  });

  it('leaves it to the merchant to put units back, in part or whole, once', async () => {
    await mugs('merchant', 5);
    const order = { storeId: 'merchant', orderId: 'o' };
    await shop.publish.placed({ ...order, lines: [line('mug', 4)] });
    await shop.publish.paid({ ...order, paymentId: 'p' });
    await shop.publish.refunded({ ...order, refundId: 'r', lines: [line('mug', 3)] });
    await shop.drained();
    const putBack = (changeId: string, quantity?: number) =>
      restockOrder(shop.tools, {
        ...order,
        changeId,
        ...(quantity !== undefined && { lines: [{ productId: 'mug', quantity }] }),
      });
    expect(await putBack('c1', 1)).toMatchObject({ kind: 'restocked' });
    expect(await putBack('c1', 1)).toMatchObject({ kind: 'repeated' });
    expect(await shop.balance('merchant', 'mug')).toEqual([2, 0, 1, 2]);
    expect(await putBack('c2', 3)).toMatchObject({ kind: 'refused', reason: 'not-refunded' });
    expect(await putBack('c3')).toMatchObject({ kind: 'restocked' });
    expect(await putBack('c4')).toMatchObject({ kind: 'refused', reason: 'not-refunded' });
    expect(await shop.balance('merchant', 'mug')).toEqual([4, 0, 1, 0]);
    await shop.drained();
    expect(shop.outcomes().story('merchant', 'o').slice(-2)).toEqual(['Restocked', 'Restocked']);
  });
});

describe('a rejection', () => {
  it('gives back what is held or sold, asks payments back, and tells the customer once', async () => {
    await mugs('reject', 9);
    await shop.publish.placed([
      { storeId: 'reject', orderId: 'held', lines: [line('mug', 2)] },
      { storeId: 'reject', orderId: 'paid', lines: [line('mug', 3)] },
    ]);
    await shop.drained();
    await shop.publish.paid({ storeId: 'reject', orderId: 'paid', paymentId: 'p' });
    await shop.until(({ story }) => story('reject', 'paid').includes('Sold'), 'one is sold');
    for (const orderId of ['held', 'paid', 'held', 'paid']) {
      await shop.publish.rejected({ storeId: 'reject', orderId });
    }
    await shop.drained();
    const { story, told } = shop.outcomes();
    expect(story('reject', 'held')).toEqual(['Held', 'Released']);
    expect(story('reject', 'paid')).toEqual(['Held', 'Sold', 'Released', 'RefundRequired']);
    expect([told('reject', 'held'), told('reject', 'paid')]).toEqual([
      ['order-rejected'],
      ['order-rejected'],
    ]);
    expect(await shop.balance('reject', 'mug')).toEqual([9, 0, 0, 0]);
  });

  it('does not give back a second time what the merchant has settled', async () => {
    await mugs('settled', 5);
    const order = { storeId: 'settled', orderId: 'o' };
    await shop.publish.placed({ ...order, lines: [line('mug', 4)] });
    await shop.publish.paid({ ...order, paymentId: 'p' });
    await shop.publish.refunded({ ...order, refundId: 'r', lines: [line('mug', 3)] });
    await shop.drained();
    expect(await shop.balance('settled', 'mug')).toEqual([1, 0, 1, 3]);
    await shop.stock('settled', { mug: 10 });
    expect(await shop.balance('settled', 'mug')).toEqual([10, 0, 1, 0]);
    await shop.publish.rejected(order);
    await shop.drained();
    expect(await shop.balance('settled', 'mug')).toEqual([11, 0, 0, 0]);
  });
});

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
