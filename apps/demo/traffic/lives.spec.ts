import type { StockOutcome } from '@holdfast/contracts';
import { followUps, lifeOf, type Life } from './lives.js';
import type { TrafficRecord } from './record.js';
import { HOLD_MS } from './shops.js';

const SEED = 'spec';
const NOW = Date.UTC(2026, 2, 14, 9);

function orderWith(life: Life): string {
  for (let n = 0; n < 10_000; n++) if (lifeOf(SEED, `tart-${n}`) === life) return `tart-${n}`;
  throw new Error(`no order in 10,000 lives like ${life}`);
}

function outcome(name: StockOutcome['outcome'], orderId: string): StockOutcome {
  return {
    outcomeId: `sole-bakery/${orderId}/1/${name}`,
    outcome: name,
    storeId: 'sole-bakery',
    orderId,
    version: 1,
    occurredAt: new Date(NOW).toISOString(),
    cause: { topic: 'OrderPlaced', eventId: `${orderId}-placed` },
    deltas: [
      { stockKey: 'sole-bakery/fruit-tart/apple/2026-03-20', free: -2, held: 2, sold: 0, refunded: 0 },
    ],
  };
}

function after(life: Life, name: StockOutcome['outcome']): TrafficRecord[] {
  const said = outcome(name, orderWith(life));
  return [...followUps('payments', said, SEED, NOW), ...followUps('back-office', said, SEED, NOW)];
}

describe('what follows from an outcome', () => {
  it('is a payment within the hold, for most orders that are held', () => {
    const [payment, ...others] = after('pays', 'Held');
    expect(others).toEqual([]);
    expect(payment?.topic).toBe('PaymentReceived');
    expect(payment?.sendAt).toBeGreaterThan(NOW);
    expect(payment?.sendAt).toBeLessThan(NOW + HOLD_MS);
  });

  it('is the same whenever it is asked for', () => {
    expect(after('pays', 'Held')).toEqual(after('pays', 'Held'));
  });

  it('is nothing for those who leave, and too late for those who dither', () => {
    expect(after('never-pays', 'Held')).toEqual([]);
    expect(after('pays-after-the-hold', 'Held')[0]?.sendAt).toBeGreaterThan(NOW + HOLD_MS);
  });

  it('is two different payments for those who pay twice', () => {
    const ids = after('pays-twice', 'Held').map(({ value }) => JSON.parse(String(value)).paymentId as string);
    expect(new Set(ids).size).toBe(2);
  });

  it('is a rejection by the merchant, before or after the payment', () => {
    expect(after('rejected', 'Held').map(({ topic }) => topic)).toEqual(['OrderRejected']);
    expect(after('rejected-after-payment', 'Sold').map(({ topic }) => topic)).toEqual(['OrderRejected']);
  });

  it('is a refund of one unit that names product, variant and date', () => {
    const [refund] = after('partly-refunded', 'Sold');
    expect(JSON.parse(String(refund?.value))).toMatchObject({
      lines: [{ productId: 'fruit-tart', variantId: 'apple', fulfillmentDate: '2026-03-20', quantity: 1 }],
      restock: false,
    });
    expect(after('refunded-and-restocked', 'Sold')[0]?.value).toContain('"restock":true');
  });

  it('is nothing from the services that only send orders', () => {
    const said = outcome('Held', orderWith('pays'));
    expect(followUps('checkout', said, SEED, NOW)).toEqual([]);
  });
});
