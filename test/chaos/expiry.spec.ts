/** Many holds fall due at once, and the process that lets them expire is killed in the midst of it. */

import { line } from '../support/pipeline.js';
import { Chance, printSeed, say } from './chance.js';
import { playScene } from './scene.js';

beforeAll(printSeed);

const ORDERS = 1_500;
const HOLD_MS = 6_000;
const PAID_SHARE = 0.25;

describe('an expiry run', () => {
  it('goes on with another worker when its own dies, and lets each hold expire once', async () => {
    const env = { HOLDFAST_EXPIRY_BATCH: '40' };
    await playScene('expiry run', { workers: 2, env, load: { ordersPerSecond: 15 } }, async (stage) => {
      const { shop, crew, members } = stage;
      const chance = Chance.of('expiry run: payments');
      await shop.store('due', { holdMs: HOLD_MS });
      await shop.product('due', 'mug');
      await shop.stock('due', { mug: ORDERS });
      const orderIds = Array.from({ length: ORDERS }, (_, at) => `due-${at}`);
      const paid = new Set(orderIds.filter(() => chance.happens(PAID_SHARE)));
      const orders = orderIds.map((orderId) => ({ storeId: 'due', orderId, lines: [line('mug')] }));
      await shop.publish.placed(orders);
      await shop.publish.paid(
        [...paid].map((orderId) => ({ storeId: 'due', orderId, paymentId: `pay-${orderId}` })),
      );
      for (const orderId of orderIds)
        stage.load.adopt('due', orderId, paid.has(orderId) ? [`pay-${orderId}`] : []);
      const expiredOf = (): number =>
        shop.outcomes().expired.filter(({ storeId }) => storeId === 'due').length;
      await shop.until(() => expiredOf() > 0, 'the run has begun', 60_000);
      const holder = await crew.holderOf('expire');
      const victim = members.find(({ name }) => name === holder);
      await victim?.process.kill('SIGKILL');
      const before = expiredOf();
      const diedAt = Date.now();
      await shop.until(() => expiredOf() > before, 'the run goes on', 60_000);
      say(
        `killed when ${before} of ${ORDERS - paid.size} holds had expired; went on after ${Date.now() - diedAt} ms`,
      );
      await crew.start(victim?.name);
      await shop.until(() => expiredOf() >= ORDERS - paid.size, 'every unpaid hold has expired', 60_000);
      expect(expiredOf()).toBe(ORDERS - paid.size);
      expect(await shop.balance('due', 'mug')).toEqual([ORDERS - paid.size, 0, paid.size, 0]);
    });
  }, 180_000);
});
