/** A worker on a machine whose clock runs ahead. */

import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { line, startPipeline } from '../support/pipeline.js';

describe('a worker whose clock is ten minutes ahead', () => {
  it('lets no hold expire early, and each when it is due', async () => {
    const shop = await startPipeline({ workers: 0 });
    await shop.startWorker({ NODE_OPTIONS: `--require ${resolve('test/support/clock-ahead.cjs')}` });
    await shop.store('later', { holdMs: 300_000 });
    await shop.store('soon', { holdMs: 1_500 });
    for (const storeId of ['later', 'soon']) {
      await shop.product(storeId, 'mug');
      await shop.stock(storeId, { mug: 5 });
    }
    const orders = ['later', 'soon'].map((storeId) => ({ storeId, orderId: 'o-1', lines: [line('mug')] }));
    await shop.publish.placed(orders);
    await shop.until(({ story }) => story('soon', 'o-1').length > 1, 'the hold that is due expires');
    const [released] = shop.outcomes().of('soon', 'o-1').slice(1);
    expect(released).toMatchObject({ outcome: 'Released', reason: 'expired' });
    // By the database's clock, which here is this process's.
    expect(Math.abs(Date.parse(released?.occurredAt ?? '') - Date.now())).toBeLessThan(60_000);
    // Time itself is what the test is about: what is to be seen is that nothing happens.
    await delay(1_000);
    expect(shop.outcomes().story('later', 'o-1')).toEqual(['Held']);
    await shop.publish.paid({ storeId: 'later', orderId: 'o-1', paymentId: 'p-1' });
    await shop.finish();
  });
});
