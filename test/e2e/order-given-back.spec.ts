/** Orders that are refunded or rejected: what goes back to the stock, and what to the customer. */

import { restockOrder } from '@holdfast/store';
import { mugsOf } from '../support/pipeline-mugs.js';
import { line, startPipeline, type Pipeline } from '../support/pipeline.js';

let shop: Pipeline;
beforeAll(async () => {
  shop = await startPipeline();
});
afterAll(() => shop.finish());

const mugs = mugsOf(() => shop);

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
        actor: 'test',
        ...(quantity !== undefined && { lines: [{ productId: 'mug', quantity }] }),
      });
    expect(await putBack('c1', 1)).toMatchObject({ kind: 'restocked' });
    expect(await putBack('c1', 1)).toMatchObject({ kind: 'repeated' });
    expect(await shop.balance('merchant', 'mug')).toEqual([2, 0, 1, 2]);
    expect(await putBack('c2', 3)).toMatchObject({ kind: 'refused', reason: 'too-many' });
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
