import { line, paid, placed, STORE } from '../../../libs/core/testing/events.js';
import { openTestDatabase, type TestDatabase } from '../../../libs/store/testing/test-database.js';
import { reconciliation } from '@holdfast/store';
import { Reconciler, type ReconcilerOptions } from './reconciler.js';

let shop: TestDatabase;
const lines: string[] = [];

beforeAll(async () => {
  shop = await openTestDatabase();
});
beforeEach(async () => {
  lines.length = 0;
  for (const store of ['a', 'a-1', 'b', STORE]) {
    await shop.product(store, 'mug');
    await shop.stock(store, { mug: 50 });
    const now = Date.now();
    const order = placed([line('mug', 2)], { occurredAt: now, recordedAt: now });
    await shop.apply([
      { ...order, storeId: store },
      { ...paid(), storeId: store },
    ]);
  }
});
afterEach(() => shop.clear());
afterAll(() => shop.drop());

function reconciler(more: Partial<ReconcilerOptions> = {}): Reconciler {
  return new Reconciler({
    database: shop.database,
    log: { log: () => undefined, warn: () => undefined, error: (line: string) => void lines.push(line) },
    everyMs: 3_600_000,
    slice: 10,
    pauseMs: 0,
    stallAlarmMs: 900_000,
    isActive: () => true,
    firstAfterMs: 0,
    ...more,
  });
}

/** Turn by turn to the end of a pass. */
async function pass(of: Reconciler): Promise<void> {
  let turns = 0;
  while ((await of.turn()) === 0) if ((turns += 1) > 20) throw new Error('no end of the pass');
}

const last = async () => (await reconciliation(shop.database))?.last;

describe('the reconciliation in the background', () => {
  it('looks at every store once, and keeps that everything adds up', async () => {
    const passes: number[] = [];
    await pass(reconciler({ observer: { onPass: ({ stores }) => passes.push(stores) } }));
    expect(await last()).toMatchObject({ stores: 4, orders: 4, stockKeys: 4, differences: 0, skipped: [] });
    expect({ lines, passes }).toEqual({ lines: [], passes: [4] });
  });

  it('says loudly what differs, and keeps it', async () => {
    await shop.database.stock.updateOne({ _id: 'a-1/mug/-/-' }, { $inc: { sold: 1 } });
    await shop.database.outbox.updateOne({}, { $set: { at: new Date(0) } });
    const found: string[] = [];
    const observer = {
      onStore: (storeId: string, { differences }: { differences: number }) => {
        if (differences > 0) found.push(storeId);
      },
    };
    await pass(reconciler({ observer }));
    expect(await last()).toMatchObject({
      differences: 2,
      counts: { sold: 1, unpublished: 1 },
      listed: [{ kind: 'sold', subject: 'a-1/mug/-/-' }, { kind: 'unpublished' }],
    });
    expect(found).toEqual(['a-1']);
    expect(lines.join('\n')).toContain('does not add up: sold: a-1/mug/-/-: sold is 3, and should be 2');
    expect(lines.join('\n')).toContain('ops audit --repair');
  });

  it('finds nothing wrong in a store where orders go on', async () => {
    let stop = false;
    const orders = (async () => {
      for (let at = 0; !stop; at++) {
        const now = Date.now();
        const orderId = `n${at}`;
        await shop.apply([
          placed([line('mug')], { orderId, occurredAt: now, recordedAt: now }),
          ...(at > 0 ? [paid('p', `n${at - 1}`)] : []),
        ]);
      }
    })();
    for (let times = 0; times < 5; times++) await pass(reconciler({ everyMs: 1 }));
    stop = true;
    await orders;
    expect(lines).toEqual([]);
  });

  it('goes on where another process has stopped, and waits until the next pass is due', async () => {
    const database = shop.database;
    const first = reconciler();
    await first.turn();
    await database.reconciliation.updateOne(
      { _id: 'audit' },
      { $set: { 'pass.storeId': 'a', 'pass.stores': 1 } },
    );
    const second = reconciler();
    await pass(second);
    expect((await last())?.stores).toBe(4 - 1);
    expect(await second.turn()).toBeGreaterThan(1_000);
    expect(await reconciler().turn()).toBeGreaterThan(1_000);
  });

  it('gives a store up in the middle when another process becomes active', async () => {
    let active = true;
    const one = reconciler({ isActive: () => active });
    active = false;
    expect(await one.turn()).toBe(0);
    expect(await last()).toBeUndefined();
    active = true;
    await pass(one);
    expect(await last()).toMatchObject({ stores: 4, differences: 0 });
  });
});
