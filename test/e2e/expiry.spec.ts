/** Expiry never outruns payments: with the consumers away, behind, or away for too long. */

import { setTimeout as delay } from 'node:timers/promises';
import { extendHolds } from '@holdfast/store';
import { line, startPipeline, type Pipeline, type WorkerProcess } from '../support/pipeline.js';

let shop: Pipeline;
let consumer: WorkerProcess;
let timer: WorkerProcess;
beforeAll(async () => {
  shop = await startPipeline({ workers: 0 });
  [timer, consumer] = await Promise.all([
    shop.startWorker({ HOLDFAST_ROLES: 'expire,relay' }),
    shop.startWorker({ HOLDFAST_ROLES: 'consume' }),
  ]);
});
afterAll(() => shop.finish());

/** Places orders, which are held until `fallDue`, however long the test takes until then. */
async function hold(storeId: string, orderIds: string[]): Promise<void> {
  await shop.ops('expiry', 'pause');
  await shop.store(storeId, { holdMs: 1_000 });
  await shop.product(storeId, 'mug');
  await shop.stock(storeId, { mug: orderIds.length });
  await shop.publish.placed(orderIds.map((orderId) => ({ storeId, orderId, lines: [line('mug')] })));
  await shop.drained();
}

/** Everything sent so far was in time: the store's holds fall due now. Lets the timer look some times. */
async function fallDue(storeId: string): Promise<void> {
  const until = Date.now() + 200;
  await extendHolds(shop.tools, { storeId, until, actor: 'test' });
  await shop.ops('expiry', 'resume');
  // Time itself is what the test is about: what is to be seen is that nothing happens.
  await delay(Math.max(0, until - Date.now()) + 1_000);
}

function expiredOf(storeId: string): string[] {
  return shop.outcomes().expired.flatMap((event) => (event.storeId === storeId ? event.orderId : []));
}

const ids = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, at) => `${name}-${at}`);

describe('expiry', () => {
  it('waits for payments and rejections that nobody has applied yet', async () => {
    const orders = ['paid', 'rejected', 'unpaid'];
    await hold('away', orders);
    await shop.stopWorker(consumer);
    await shop.publish.paid({ storeId: 'away', orderId: 'paid', paymentId: 'p' });
    await shop.publish.rejected({ storeId: 'away', orderId: 'rejected' });
    await fallDue('away');
    expect(expiredOf('away')).toEqual([]);
    expect(await shop.balance('away', 'mug')).toEqual([0, 3, 0, 0]);
    consumer = await shop.startWorker({ HOLDFAST_ROLES: 'consume' });
    await shop.until(() => expiredOf('away').length > 0, 'the unpaid one expires');
    await shop.drained();
    expect(expiredOf('away')).toEqual(['unpaid']);
    expect(orders.map((orderId) => shop.outcomes().story('away', orderId))).toEqual([
      ['Held', 'Sold'],
      ['Held', 'Released'],
      ['Held', 'Released'],
    ]);
    expect(await shop.balance('away', 'mug')).toEqual([2, 0, 1, 0]);
  });

  it('expires nothing that was paid in time, however slowly an outage’s backlog is worked off', async () => {
    const [paid, unpaid] = [ids(600, 'paid'), ids(60, 'unpaid')];
    await hold('backlog', [...paid, ...unpaid]);
    await shop.stopWorker(consumer);
    const payments = paid.map((orderId) => ({ storeId: 'backlog', orderId, paymentId: 'p' }));
    // At any partition, so that some are worked off long before others.
    await shop.publish.paid(payments, (_, at) => ({ partition: at % 6 }));
    await fallDue('backlog');
    expect(expiredOf('backlog')).toEqual([]);
    consumer = await shop.startWorker({
      HOLDFAST_ROLES: 'consume',
      HOLDFAST_BATCH_RECORDS: '5',
      HOLDFAST_CONCURRENT_LANES: '1',
    });
    await shop.until(() => expiredOf('backlog').length === unpaid.length, 'the unpaid ones expire', 60_000);
    await shop.drained();
    expect(expiredOf('backlog').filter((orderId) => orderId.startsWith('paid'))).toEqual([]);
    expect(await shop.balance('backlog', 'mug')).toEqual([60, 0, 600, 0]);
  });

  it('goes on with an alarm when a backlog does not move at all; the payment then has its goods back', async () => {
    await shop.stopWorker(timer);
    timer = await shop.startWorker({ HOLDFAST_ROLES: 'expire,relay', HOLDFAST_STALL_ALARM_MS: '2000' });
    await hold('stalled', ['paid', 'unpaid']);
    await shop.stopWorker(consumer);
    await shop.publish.paid({ storeId: 'stalled', orderId: 'paid', paymentId: 'p' });
    await fallDue('stalled');
    await timer.says(/PaymentReceived\/\d+: 1 records wait and none was applied/);
    await shop.until(() => expiredOf('stalled').length === 2, 'both expire');
    consumer = await shop.startWorker({ HOLDFAST_ROLES: 'consume' });
    await shop.drained();
    expect(shop.outcomes().story('stalled', 'paid')).toEqual(['Held', 'Released', 'Reinstated']);
    expect(await shop.balance('stalled', 'mug')).toEqual([1, 0, 1, 0]);
  });
});
