/** What a merchant counts and changes while orders come in: by variant, by date, unlimited, toggled, oversold. */

import { line, startPipeline, type Pipeline } from '../support/pipeline.js';
import { randomOf } from '../support/pipeline-random.js';

let shop: Pipeline;
beforeAll(async () => {
  // Two, so that records of one store that are keyed at random meet from different processes.
  shop = await startPipeline({ workers: 2 });
});
afterAll(() => shop.finish());

const FRIDAY = '2031-05-02';
const SATURDAY = '2031-05-03';

async function place(storeId: string, orderId: string, lines: Record<string, number>): Promise<void> {
  const all = Object.entries(lines).map(([key, quantity]) => line(key, quantity));
  await shop.publish.placed({ storeId, orderId, lines: all });
}

function stories(storeId: string, orderIds: string[]): string[] {
  return orderIds.map((orderId) => shop.outcomes().story(storeId, orderId).join(' '));
}

describe('stock', () => {
  it('is counted by variant where the product says so, and over all variants where it does not', async () => {
    await shop.product('variants', 'shirt', 'variant', ['M', 'L']);
    await shop.product('variants', 'mug', 'product', ['red', 'blue']);
    await shop.stock('variants', { 'shirt/M': 2, 'shirt/L': 1, mug: 3 });
    await place('variants', 'o1', { 'shirt/M': 2, 'shirt/L': 1, 'mug/red': 2 });
    await place('variants', 'o2', { 'shirt/M': 1 });
    await place('variants', 'o3', { 'mug/blue': 2 });
    await place('variants', 'o4', { 'mug/blue': 1 });
    await shop.drained();
    expect(stories('variants', ['o1', 'o2', 'o3', 'o4'])).toEqual(['Held', 'Refused', 'Refused', 'Held']);
    expect(await shop.balance('variants', 'shirt/M')).toEqual([0, 2, 0, 0]);
    expect(await shop.balance('variants', 'mug')).toEqual([0, 3, 0, 0]);
  });

  it('is counted by date on a shop with dates, several dates set at once', async () => {
    await shop.store('dates', { fulfillmentDates: true, timeZone: 'Asia/Seoul' });
    await shop.product('dates', 'cake');
    await shop.product('dates', 'tart', 'variant');
    await shop.stock('dates', {
      [`cake/-/${FRIDAY}`]: 2,
      [`cake/-/${SATURDAY}`]: 2,
      [`tart/plum/${FRIDAY}`]: 1,
    });
    await place('dates', 'o1', { [`cake/-/${FRIDAY}`]: 2, [`tart/plum/${FRIDAY}`]: 1 });
    await place('dates', 'o2', { [`cake/-/${FRIDAY}`]: 1, [`cake/-/${SATURDAY}`]: 1 });
    await place('dates', 'o3', { [`cake/-/${SATURDAY}`]: 2, [`tart/plum/${SATURDAY}`]: 50 });
    await shop.drained();
    expect(stories('dates', ['o1', 'o2', 'o3'])).toEqual(['Held', 'Refused', 'Held']);
    expect(shop.outcomes().of('dates', 'o2')[0]?.shortages).toEqual([
      { productId: 'cake', fulfillmentDate: FRIDAY, wanted: 1, free: 0 },
    ]);
    // A key that nobody has set is blank: unlimited, counted from its first order.
    expect(await shop.balance('dates', `tart/plum/${SATURDAY}`)).toEqual([null, 50, 0, 0]);
  });

  it('is counted while unlimited, so that a number set later starts from the truth', async () => {
    await shop.product('blank', 'mug');
    await shop.stock('blank', { mug: null });
    for (const orderId of ['o1', 'o2', 'o3']) await place('blank', orderId, { mug: 100 });
    await shop.drained();
    await shop.publish.paid({ storeId: 'blank', orderId: 'o1', paymentId: 'p' });
    await shop.drained();
    expect(await shop.balance('blank', 'mug')).toEqual([null, 200, 100, 0]);
    await shop.stock('blank', { mug: 5 });
    await place('blank', 'o4', { mug: 6 });
    await shop.publish.rejected({ storeId: 'blank', orderId: 'o2' });
    await shop.drained();
    expect(await shop.balance('blank', 'mug')).toEqual([105, 100, 100, 0]);
    await shop.stock('blank', { mug: null });
    await place('blank', 'o5', { mug: 1_000_000 });
    await shop.publish.rejected({ storeId: 'blank', orderId: 'o1' });
    await shop.drained();
    expect(stories('blank', ['o1', 'o2', 'o3', 'o4', 'o5'])).toEqual([
      'Held Sold Released RefundRequired',
      'Held Released',
      'Held',
      'Refused',
      'Held',
    ]);
    expect(await shop.balance('blank', 'mug')).toEqual([null, 1_000_100, 0, 0]);
    const published = shop
      .outcomes()
      .outcomes.filter(({ storeId, outcome }) => storeId === 'blank' && outcome === 'StockChanged');
    expect(published.map(({ deltas }) => [deltas[0]?.unlimited, deltas[0]?.free])).toEqual([
      [true, 0],
      [false, 5],
      [true, -105],
    ]);
  });

  it('keeps the keys of living orders when settings are toggled, and counts new orders anew', async () => {
    await shop.product('toggled', 'mug');
    await shop.stock('toggled', { mug: 5 });
    await place('toggled', 'plain', { 'mug/red': 2 });
    await shop.drained();

    const byVariant = await shop.product('toggled', 'mug', 'variant');
    expect(byVariant.warnings).not.toEqual([]);
    await shop.stock('toggled', { 'mug/red': 1 });
    await place('toggled', 'variant', { 'mug/red': 1 });
    await place('toggled', 'too-many', { 'mug/red': 1 });
    await shop.drained();

    const dated = await shop.store('toggled', { fulfillmentDates: true });
    expect(dated.warnings).not.toEqual([]);
    await place('toggled', 'undated', { 'mug/red': 1 });
    await place('toggled', 'dated', { [`mug/red/${FRIDAY}`]: 3 });
    await shop.drained();

    await shop.product('toggled', 'mug', 'off');
    await place('toggled', 'uncounted', { mug: 1_000 });
    await shop.publish.paid({ storeId: 'toggled', orderId: 'plain', paymentId: 'p' });
    await shop.publish.rejected({ storeId: 'toggled', orderId: 'variant' });
    await shop.publish.refunded({ storeId: 'toggled', orderId: 'dated', refundId: 'r', restock: true });
    await shop.drained();

    const orders = ['plain', 'variant', 'too-many', 'undated', 'dated', 'uncounted'];
    expect(stories('toggled', orders)).toEqual([
      'Held Sold',
      'Held Released',
      'Refused',
      'Refused',
      'Held Sold RefundRecorded',
      'Held',
    ]);
    expect(await shop.balance('toggled', 'mug')).toEqual([3, 0, 2, 0]);
    expect(await shop.balance('toggled', 'mug/red')).toEqual([1, 0, 0, 0]);
    expect(await shop.balance('toggled', `mug/red/${FRIDAY}`)).toEqual([null, 0, 0, 0]);

    await shop.store('toggled', { fulfillmentDates: false });
    await shop.product('toggled', 'mug', 'product');
    await place('toggled', 'back', { mug: 3 });
    await shop.drained();
    expect(stories('toggled', ['back'])).toEqual(['Held']);
    expect(await shop.balance('toggled', 'mug')).toEqual([0, 3, 2, 0]);
  });

  it('stays right while the merchant changes it in the middle of the stream', async () => {
    const [ROUNDS, ORDERS, CHANGES] = [10, 60, 10];
    const { random, seed } = randomOf('mid-stream');
    const products = ['p1', 'p2', 'p3', 'p4'];
    const product = (): string => products[random(products.length)] as string;
    for (const name of products) await shop.product('busy', name);
    await shop.stock('busy', Object.fromEntries(products.map((name) => [name, 100])));
    let changes = 0;
    let orders = 0;
    let failed = false;
    const stream = async (): Promise<void> => {
      for (let round = 0; (round < ROUNDS || changes < CHANGES) && !failed; round++) {
        const some = Array.from({ length: ORDERS }, () => ({
          storeId: 'busy',
          orderId: `o${(orders += 1)}`,
          lines: [line(product(), 1 + random(3)), line(product())],
        }));
        // At random partitions: the store's orders are decided in both processes at the same time.
        await shop.publish.placed(some, () => ({ partition: random(6) }));
        await shop.publish.paid(some.flatMap((order) => (random(2) ? { ...order, paymentId: 'p' } : [])));
        await shop.publish.rejected(some.filter(() => random(5) === 0));
      }
    };
    const merchant = async (): Promise<void> => {
      for (; changes < CHANGES; changes++) {
        const [name, free] = [product(), random(200)];
        const change = random(2) ? { type: 'adjust' as const, by: 1 + random(20) } : free;
        await shop.stock('busy', { [name]: change });
      }
    };
    // A merchant who fails must not leave the stream running into the next test.
    const changed = merchant().finally(() => (failed = changes < CHANGES));
    await Promise.all([stream(), changed]);
    await shop.drained();
    const decided = new Set(
      shop.outcomes().outcomes.flatMap(({ storeId, orderId }) => (storeId === 'busy' && orderId) || []),
    );
    expect({ seed, decided: decided.size }).toEqual({ seed, decided: orders });
  });
});

describe('a stock document that was changed by hand', () => {
  it('keeps its lane alone, which says why; a stop does not wait for it, and after the repair it goes on', async () => {
    await shop.product('by-hand', 'mug');
    await shop.stock('by-hand', { mug: 5 });
    await shop.publish.placed({ storeId: 'by-hand', orderId: 'o', lines: [line('mug')] }, { partition: 0 });
    await shop.until(({ of }) => of('by-hand', 'o').length === 1, 'the order is held');
    await shop.database.stock.updateOne({ _id: 'by-hand/mug/-/-' }, { $set: { held: 0 } });
    await shop.publish.paid({ storeId: 'by-hand', orderId: 'o', paymentId: 'p' }, { partition: 0 });
    const why = /lane 0 waits: the stock of by-hand\/mug\/-\/- has held 0/;
    const workers = [...shop.alive];
    const owner = await Promise.race(workers.map((worker) => worker.says(why).then(() => worker)));
    await shop.publish.placed(
      [1, 2, 3, 4, 5].map((lane) => ({ storeId: 'elsewhere', orderId: `o${lane}`, lines: [line('mug')] })),
      (_, at) => ({ partition: at + 1 }),
    );
    await shop.until(
      ({ of }) => [1, 2, 3, 4, 5].every((lane) => of('elsewhere', `o${lane}`).length > 0),
      'other lanes go on',
    );
    await shop.stopWorker(owner);
    await Promise.all(workers.map((worker) => worker.says(why)));
    await shop.ops('audit', '--repair', '--yes', '--reason', 'changed by hand');
    await shop.until(({ story }) => story('by-hand', 'o').includes('Sold'), 'the payment is applied');
    expect(await shop.balance('by-hand', 'mug')).toEqual([4, 0, 1, 0]);
    for (const { log } of workers) expect(log.filter((said) => why.test(said))).toHaveLength(1);
  });
});

describe('a flash sale', () => {
  it('sells 500 units to exactly 500 of 5,000 orders at random partitions', async () => {
    const { random, seed } = randomOf('flash sale');
    await shop.product('flash', 'mug');
    await shop.stock('flash', { mug: 500 });
    const orders = Array.from({ length: 5_000 }, (_, at) => ({
      storeId: 'flash',
      orderId: `o${at}`,
      lines: [line('mug')],
    }));
    await shop.publish.placed(orders, () => ({ partition: random(6) }));
    await shop.drained();
    const count = (name: string): number =>
      orders.filter(({ orderId }) => shop.outcomes().story('flash', orderId).join() === name).length;
    expect({ seed, held: count('Held'), refused: count('Refused') }).toEqual({
      seed,
      held: 500,
      refused: 4_500,
    });
    expect(await shop.balance('flash', 'mug')).toEqual([0, 500, 0, 0]);
    expect(shop.outcomes().notifications.filter(({ storeId }) => storeId === 'flash')).toHaveLength(4_500);
  });
});
