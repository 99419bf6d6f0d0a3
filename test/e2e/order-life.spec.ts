/** An order's life as the other services see it: what they send, in whatever order, and what comes back. */

import { mugsOf } from '../support/pipeline-mugs.js';
import { line, startPipeline, type Pipeline } from '../support/pipeline.js';

let shop: Pipeline;
beforeAll(async () => {
  shop = await startPipeline();
});
afterAll(() => shop.finish());

const mugs = mugsOf(() => shop);

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
