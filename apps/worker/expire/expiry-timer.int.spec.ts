import { WATERMARK_TOPICS } from '@holdfast/contracts';
import { audit, orderView } from '@holdfast/store';
import type { OrderEvent } from '@holdfast/core';
import { openTestDatabase, type TestDatabase } from '../../../libs/store/testing/test-database.js';
import { ExpiryTimer } from './expiry-timer.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.drop());

const MINUTE = 60_000;

function placed(orderId: string, dueAt: number, productId = 'mug'): OrderEvent {
  return {
    type: 'placed',
    storeId: 'bakery',
    orderId,
    occurredAt: dueAt - 30 * MINUTE,
    recordedAt: dueAt - 30 * MINUTE,
    lines: [{ productId, quantity: 1 }],
    cause: { topic: 'OrderPlaced', eventId: `placed-${orderId}` },
  };
}

/** On a machine whose clock is wrong by so much, with every payment applied. */
function timerOf(wrongByMs: number): ExpiryTimer {
  return new ExpiryTimer({
    tools: test,
    log: { log: () => undefined, error: () => undefined } as never,
    stopwatch: () => Date.now() + wrongByMs,
    batchSize: 100,
    stallAlarmMs: 15 * MINUTE,
    endOffsets: () => Promise.resolve(new Map(WATERMARK_TOPICS.map((topic) => [topic, [0, 0]]))),
    onOutbox: () => undefined,
  });
}

async function stateOf(orderId: string): Promise<string | undefined> {
  return (await orderView(test.database, 'bakery', orderId))?.state;
}

describe.each([
  ['10 minutes ahead', 10 * MINUTE],
  ['10 minutes behind', -10 * MINUTE],
])('a timer whose own clock is %s', (_, wrongByMs) => {
  it('lets holds expire when they are due, not before and not later', async () => {
    const real = Date.now();
    await test.clear();
    await test.product('bakery', 'mug');
    await test.stock('bakery', { mug: 5 });
    await test.apply([placed('due', real - 1_000), placed('soon', real + 5 * MINUTE)]);
    // As all clocks of that machine.
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => real + wrongByMs);
    try {
      const timer = timerOf(wrongByMs);
      expect(await timer.turn()).toBe(0);
      expect(await timer.turn()).toBeGreaterThan(0);
    } finally {
      clock.mockRestore();
    }
    expect(await stateOf('due')).toBe('expired');
    expect(await stateOf('soon')).toBe('held');
    const fact = await test.database.orderFacts.findOne({ fact: 'expired' });
    expect(Math.abs((fact?.at.getTime() ?? 0) - Date.now())).toBeLessThan(MINUTE);
    expect(await audit(test.database)).toMatchObject({ clean: true });
  });
});

describe('a due hold whose stock was changed by hand', () => {
  it('keeps no other from expiring, and is said', async () => {
    for (const product of ['bowl', 'cup']) await test.product('bakery', product);
    const due = Date.now() - MINUTE;
    const orders = Array.from({ length: 7 }, (_, at) => `bowl-${at}`);
    await test.apply([...orders.map((id) => placed(id, due, 'bowl')), placed('damaged', due, 'cup')]);
    const key = { _id: 'bakery/cup/-/-' };
    await test.database.stock.updateOne(key, { $set: { held: 0 } });
    await expect(timerOf(0).turn()).rejects.toThrow(/the stock of bakery\/cup\/-\/- has held 0/);
    expect(await Promise.all(orders.map(stateOf))).toEqual(orders.map(() => 'expired'));
    expect(await stateOf('damaged')).toBe('held');
    await test.database.stock.updateOne(key, { $set: { held: 1 } });
    await timerOf(0).turn();
    expect(await stateOf('damaged')).toBe('expired');
    expect(await audit(test.database)).toMatchObject({ clean: true });
  });
});
