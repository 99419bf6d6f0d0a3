/**
 * The primary is killed with -9 while a merchant sets, adjusts, takes back, rejects and puts back: every request is
 * answered in time, done or with a 503 (or 409, while the first is still under way) that says when to send it again;
 * and sent again with its `Idempotency-Key`, it is done once.
 */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createApiKey } from '@holdfast/store';
import { say } from '../chaos/chance.js';
import { ApiProcess } from '../support/pipeline-api-process.js';
import { line, startPipeline, type Pipeline } from '../support/pipeline.js';
import { primaryOf, startOwnCluster, whole, type OwnCluster } from './own-cluster.js';

const STORE = 's';
/** A server is looked for, or waited for, this often at most in one request; and some time for a busy machine. */
const ANSWERED_WITHIN_MS = 30_000;
/** From the first time that a request is sent to the last. */
const DONE_WITHIN_MS = 60_000;
const KILLS = 2;
const ORDERS = 400;

let own: OwnCluster;
beforeAll(async () => {
  own = await startOwnCluster();
}, 180_000);
afterAll(() => own?.stop(), 60_000);

class Merchant {
  longestMs = 0;
  /** what was said instead of doing it, counted */
  readonly refusals = new Map<string, number>();

  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  /** Sent until it is done. @throws when it is refused for good, or takes too long */
  async write(path: string, body: object): Promise<void> {
    const idempotencyKey = randomUUID();
    const give = performance.now() + DONE_WITHIN_MS;
    for (;;) {
      const from = performance.now();
      const response = await fetch(`${this.url}/v1/stores/${STORE}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.key}`,
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
        },
        body: JSON.stringify(body),
      });
      const answer = (await response.json()) as { code?: string; refused?: number };
      this.longestMs = Math.max(this.longestMs, performance.now() - from);
      if (response.ok && !answer.refused) return;
      const what = `${response.status} ${answer.code}`;
      this.refusals.set(what, (this.refusals.get(what) ?? 0) + 1);
      const again = Number(response.headers.get('retry-after') ?? NaN);
      const isAgain = response.status === 503 || answer.code === 'idempotency-in-progress';
      if (!isAgain || !(again > 0) || performance.now() > give) {
        throw new Error(`${path}: ${what}, retry after ${again}: ${JSON.stringify(answer)}`);
      }
      await delay(again * 1_000);
    }
  }
}

/** Units that were refunded, and orders that wait for payment. */
async function stocked(shop: Pipeline): Promise<void> {
  await shop.store(STORE, {});
  for (const product of ['mug', 'pen', 'cup', 'bowl', 'jar']) await shop.product(STORE, product);
  await shop.stock(STORE, { mug: 0, pen: 0, cup: 50, bowl: ORDERS, jar: 2 * ORDERS });
  const each = (name: string) => Array.from({ length: ORDERS }, (_, at) => `${name}-${at}`);
  const placed = (name: string, product: string, quantity: number) =>
    each(name).map((orderId) => ({ storeId: STORE, orderId, lines: [line(product, quantity)] }));
  await shop.publish.placed([...placed('held', 'bowl', 1), ...placed('back', 'jar', 2)]);
  const paid = each('back').map((orderId) => ({ storeId: STORE, orderId }));
  await shop.publish.paid(paid.map((order) => ({ ...order, paymentId: `p-${order.orderId}` })));
  await shop.publish.refunded(paid.map((order) => ({ ...order, refundId: `r-${order.orderId}` })));
  await shop.drained();
}

it('a merchant’s requests are each done once while primaries are killed', async () => {
  const shop = await startPipeline({ servers: own.servers });
  await whole(own.cluster);
  await stocked(shop);
  const api = await ApiProcess.start(shop);
  const { key } = await createApiKey(shop.database, { scope: 'merchant', storeId: STORE, name: 'merchant' });
  const merchant = new Merchant(api.url, key);
  const change = (cell: object, changeId?: string) =>
    merchant.write('/stock/changes', { cells: [cell], ...(changeId && { changeId }) });

  const writers: Record<string, (turn: number) => Promise<void>> = {
    adjust: () => change({ productId: 'mug', adjust: 1 }),
    set: (turn) => change({ productId: 'pen', quantity: turn }),
    undo: async (turn) => {
      await change({ productId: 'cup', adjust: 10 }, `cup-${turn}`);
      await merchant.write(`/stock/changes/cup-${turn}/undo`, {});
    },
    reject: (turn) => merchant.write(`/orders/held-${turn}/reject`, {}),
    restock: (turn) =>
      merchant.write(`/orders/back-${turn}/restock`, { lines: [{ productId: 'jar', quantity: 1 }] }),
  };
  const turns = new Map(Object.keys(writers).map((name) => [name, 0]));
  const turnOf = (name: string): number => turns.get(name) as number;
  let isOver = false;
  const running = Promise.all(
    Object.entries(writers).map(async ([name, write]) => {
      // At a merchant's pace: there are only so many orders.
      for (; !isOver; await delay(100)) {
        await write(turnOf(name));
        turns.set(name, turnOf(name) + 1);
      }
    }),
  );
  const allMove = async (): Promise<void> => {
    const before = new Map(turns);
    while ([...before].some(([name, turn]) => turnOf(name) < turn + 3)) {
      await Promise.race([running, delay(50)]);
    }
  };
  try {
    await allMove();
    for (let kill = 1; kill <= KILLS; kill++) {
      const member = own.cluster.mongoNodes[await primaryOf(own.cluster)];
      await member?.kill();
      await allMove();
      await member?.start();
      await whole(own.cluster);
      await allMove();
    }
    isOver = true;
    await running;
  } catch (error) {
    say(api.log.slice(-30).join('\n'));
    await api.stop();
    throw error;
  }
  say(
    `${JSON.stringify(Object.fromEntries(turns))}: the longest answer took ${Math.round(merchant.longestMs)} ms; `,
  );
  say(`not done at once: ${JSON.stringify(Object.fromEntries(merchant.refusals))}`);
  expect(merchant.longestMs).toBeLessThan(ANSWERED_WITHIN_MS);

  await shop.drained();
  expect({
    mug: await shop.balance(STORE, 'mug'),
    pen: await shop.balance(STORE, 'pen'),
    cup: await shop.balance(STORE, 'cup'),
    bowl: await shop.balance(STORE, 'bowl'),
    jar: await shop.balance(STORE, 'jar'),
  }).toEqual({
    mug: [turnOf('adjust'), 0, 0, 0],
    pen: [turnOf('set') - 1, 0, 0, 0],
    cup: [50, 0, 0, 0],
    bowl: [turnOf('reject'), ORDERS - turnOf('reject'), 0, 0],
    jar: [turnOf('restock'), 0, 0, 2 * ORDERS - turnOf('restock')],
  });
  await api.stop();
  await shop.finish();
}, 300_000);
