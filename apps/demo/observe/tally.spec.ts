import type { StockOutcome } from '@holdfast/contracts';
import { Tally } from './tally.js';

function placed(orderId: string, timestamp = 1_000) {
  const value = Buffer.from(JSON.stringify({ eventId: `${orderId}-placed`, storeId: 's', orderId }));
  return { topic: 'OrderPlaced', timestamp, value, isMalformed: false } as const;
}

function decided(orderId: string, name: StockOutcome['outcome'] = 'Held', version = 1): StockOutcome {
  return {
    outcomeId: `s/${orderId}/${version}/${name}`,
    outcome: name,
    storeId: 's',
    orderId,
    version,
    occurredAt: '2026-03-14T09:00:00.000Z',
    cause: { topic: 'OrderPlaced', eventId: `${orderId}-placed` },
    deltas: [],
  };
}

describe('the tally', () => {
  it('counts an order that was placed and decided', () => {
    const tally = new Tally();
    tally.addSent(placed('a'));
    tally.addOutcome(decided('a'), 1_040);
    expect(tally.counts()).toMatchObject({ orders: 1, decided: 1, outcomes: { Held: 1 } });
    expect(tally.wrongDecisions()).toEqual([]);
    expect(tally.latenciesMs).toEqual([40]);
  });

  it('measures also when the outcome is read before the order', () => {
    const tally = new Tally();
    tally.addOutcome(decided('a'), 1_040);
    tally.addSent(placed('a'));
    expect(tally.latenciesMs).toEqual([40]);
  });

  it('takes what comes twice for what it is', () => {
    const tally = new Tally();
    for (let copy = 0; copy < 2; copy++) {
      tally.addSent(placed('a'));
      tally.addOutcome(decided('a'), 1_040);
      tally.addDeadLetter({ topic: 'OrderPlaced', partition: '0', offset: '7' });
    }
    expect(tally.counts()).toMatchObject({
      orders: 1,
      sentTwice: 1,
      outcomes: { Held: 1 },
      deadLetters: 1,
      publishedTwice: 2,
    });
    expect(tally.wrongDecisions()).toEqual([]);
  });

  it('takes several outcomes of one decision for one', () => {
    const tally = new Tally();
    tally.addSent(placed('a'));
    tally.addOutcome(decided('a', 'Refused'), 1_040);
    tally.addOutcome({ ...decided('a', 'RefundRequired'), outcomeId: 's/a/1/RefundRequired/p' }, 1_041);
    expect(tally.wrongDecisions()).toEqual([]);
  });

  it('finds orders that were not decided, twice, or out of nowhere', () => {
    const tally = new Tally();
    tally.addSent(placed('forgotten'));
    tally.addSent(placed('twice'));
    tally.addOutcome(decided('twice', 'Held', 1), 0);
    tally.addOutcome(decided('twice', 'Held', 2), 0);
    tally.addOutcome(decided('unknown'), 0);
    expect(tally.wrongDecisions()).toEqual([
      { order: 's/forgotten', decisions: 0, placed: true },
      { order: 's/twice', decisions: 2, placed: true },
      { order: 's/unknown', decisions: 1, placed: false },
    ]);
  });

  it('does not count what was decided for other reasons as a decision of the order', () => {
    const tally = new Tally();
    tally.addSent(placed('a'));
    tally.addOutcome(decided('a'), 1_040);
    const sold = { ...decided('a', 'Sold', 2), cause: { topic: 'PaymentReceived', eventId: 'p' } };
    tally.addOutcome(sold, 1_500);
    const released = { ...decided('a', 'Released', 3), reason: 'expired' };
    tally.addOutcome({ ...released, cause: { topic: 'timer', eventId: 't' } }, 1_600);
    expect(tally.wrongDecisions()).toEqual([]);
    expect(tally.counts().outcomes).toEqual({ Held: 1, Sold: 1, 'Released, expired': 1 });
  });

  it('compares malformed records and dead letters by topic', () => {
    const tally = new Tally();
    tally.addSent({ topic: 'OrderRefunded', timestamp: 1, value: null, isMalformed: true });
    tally.addDeadLetter({ topic: 'OrderPlaced', partition: '0', offset: '1' });
    expect(tally.malformedAndDead()).toEqual([
      { topic: 'OrderPlaced', malformed: 0, deadLetters: 1 },
      { topic: 'PaymentReceived', malformed: 0, deadLetters: 0 },
      { topic: 'OrderRejected', malformed: 0, deadLetters: 0 },
      { topic: 'OrderRefunded', malformed: 1, deadLetters: 0 },
    ]);
  });
});
