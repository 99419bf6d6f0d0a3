/** Payments: held becomes sold; late ones look at the stock again; what pays for nothing is asked back once. */

import { due, line, paid, placed, refunded, rejected } from './testing/events.js';
import { given, outcomeOf, set, thenOfExample, type Example } from './testing/given.js';

const two = placed([line('mug', 2)]);
const eleven = placed([line('mug', 11)]);
const other = placed([line('mug', 9)], { orderId: 'o2' });

const PAID: Example[] = [
  {
    title: 'held becomes sold, and nobody is written to',
    given: [two],
    when: paid(),
    then: { state: 'paid', outcomes: ['Sold'], told: undefined, version: 2, stock: { mug: '8 0 2 0' } },
  },
  {
    title: 'a payment before its order is remembered, and says nothing',
    when: paid(),
    then: { kind: 'fact', state: 'unseen', outcomes: [], version: 0, stock: { mug: '10 0 0 0' } },
  },
  {
    title: 'paid before placed: straight to sold',
    given: [paid()],
    when: two,
    then: { state: 'paid', outcomes: ['Sold'], told: undefined, version: 1, stock: { mug: '8 0 2 0' } },
  },
  {
    title: 'the same payment again changes nothing',
    given: [two, paid()],
    when: paid(),
    then: { kind: 'unchanged', state: 'paid', version: 2, stock: { mug: '8 0 2 0' } },
  },
  {
    title: 'the first payment of an order that a refund implied was paid says nothing',
    given: [two, refunded('r1', { lines: [line('mug', 1)] })],
    when: paid(),
    then: { kind: 'fact', state: 'paid', outcomes: [], version: 2, stock: { mug: '8 0 1 1' } },
  },
  {
    title: 'due, but paid before anybody looked: sold',
    given: [two, paid()],
    when: due(),
    then: { kind: 'unchanged', state: 'paid', stock: { mug: '8 0 2 0' } },
  },
];

const LATE: Example[] = [
  {
    title: 'after expiry, the stock is there: reinstated',
    given: [two, due()],
    when: paid(),
    then: {
      state: 'paid',
      outcomes: ['Reinstated'],
      told: 'order-reinstated',
      version: 3,
      stock: { mug: '8 0 2 0' },
    },
  },
  {
    title: 'after expiry, the stock is gone: asked back',
    given: [two, due(), other],
    when: paid(),
    then: {
      state: 'expired',
      outcomes: ['RefundRequired'],
      told: 'refund-on-its-way',
      stock: { mug: '1 9 0 0' },
    },
  },
  {
    title: 'after expiry, exactly what is wanted is left: reinstated',
    given: [two, due(), set('mug', 2)],
    when: paid(),
    then: { state: 'paid', outcomes: ['Reinstated'], stock: { mug: '0 0 2 0' } },
  },
  {
    title: 'after expiry, the key was made unlimited since: reinstated, nothing taken',
    given: [two, due(), set('mug', null)],
    when: paid(),
    then: { state: 'paid', outcomes: ['Reinstated'], stock: { mug: '- 0 2 0' } },
  },
  {
    title: 'after expiry, all of it refunded already: the stock is left alone, and nothing is asked back',
    given: [two, due(), refunded()],
    when: paid(),
    then: { kind: 'fact', state: 'expired', outcomes: [], told: undefined, stock: { mug: '10 0 0 0' } },
  },
  {
    title: 'after expiry, its own refund known already: the same',
    given: [two, due(), refunded('r1', { of: 'p1' })],
    when: paid(),
    then: { kind: 'fact', state: 'expired', outcomes: [], told: undefined, stock: { mug: '10 0 0 0' } },
  },
  {
    title: 'after expiry, part of it refunded already: reinstated for the rest',
    given: [two, due(), refunded('r1', { lines: [line('mug', 1)] })],
    when: paid(),
    then: { state: 'paid', outcomes: ['Reinstated', 'RefundRecorded'], stock: { mug: '8 0 1 1' } },
  },
  {
    title: 'after refusal, the merchant has more since: reinstated',
    given: [eleven, set('mug', 12)],
    when: paid(),
    then: {
      state: 'paid',
      outcomes: ['Reinstated'],
      told: 'order-reinstated',
      version: 2,
      stock: { mug: '1 0 11 0' },
    },
  },
  {
    title: 'after refusal, still short: asked back',
    given: [eleven],
    when: paid(),
    then: {
      state: 'refused',
      outcomes: ['RefundRequired'],
      told: 'refund-on-its-way',
      stock: { mug: '10 0 0 0' },
    },
  },
  {
    title: 'refused with the payment known: told once that it was refused, asked back in the same transition',
    given: [paid()],
    when: eleven,
    then: { state: 'refused', outcomes: ['Refused', 'RefundRequired'], told: 'order-refused', version: 1 },
  },
  {
    title: 'asked back once, it stays so though a second payment comes and stock is there',
    given: [eleven, paid(), set('mug', 12)],
    when: paid('p2'),
    then: {
      state: 'refused',
      outcomes: ['RefundRequired'],
      told: 'refund-on-its-way',
      stock: { mug: '12 0 0 0' },
    },
  },
  {
    title: 'expired and reinstated, a second payment is one too many',
    given: [two, due(), paid()],
    when: paid('p2'),
    then: {
      state: 'paid',
      outcomes: ['RefundRequired'],
      told: 'refund-on-its-way',
      stock: { mug: '8 0 2 0' },
    },
  },
  {
    title: 'after rejection: asked back',
    given: [two, rejected()],
    when: paid(),
    then: {
      state: 'rejected',
      outcomes: ['RefundRequired'],
      told: 'refund-on-its-way',
      stock: { mug: '10 0 0 0' },
    },
  },
];

const TWICE: Example[] = [
  {
    title: 'a second payment is asked back',
    given: [two, paid('p1')],
    when: paid('p2'),
    then: {
      state: 'paid',
      outcomes: ['RefundRequired'],
      told: 'refund-on-its-way',
      stock: { mug: '8 0 2 0' },
    },
  },
  {
    title: 'a second payment is not asked back when its refund is known',
    given: [two, paid('p1'), refunded('r1', { of: 'p2' })],
    when: paid('p2'),
    then: { kind: 'fact', state: 'paid', outcomes: [], stock: { mug: '8 0 2 0' } },
  },
  {
    title: 'two payments before the order: the first pays, the second is asked back',
    given: [paid('p1'), paid('p2')],
    when: two,
    then: { state: 'paid', outcomes: ['Sold', 'RefundRequired'], told: 'refund-on-its-way', version: 1 },
  },
  {
    title: 'a payment after the order was refunded is asked back',
    given: [two, paid('p1'), refunded()],
    when: paid('p2'),
    then: { state: 'refunded', outcomes: ['RefundRequired'], told: 'refund-on-its-way' },
  },
  {
    title: 'rejecting asks the paying payment back, and the other not again',
    given: [two, paid('p1'), paid('p2')],
    when: rejected(),
    then: { state: 'rejected', outcomes: ['Released', 'RefundRequired'], told: 'order-rejected' },
  },
];

describe('a payment', () => {
  it.each(PAID)('$title', (example) => expect(thenOfExample(example)).toMatchObject(example.then));
});

describe('a payment after expiry, refusal or rejection', () => {
  it.each(LATE)('$title', (example) => expect(thenOfExample(example)).toMatchObject(example.then));

  it.each([
    ['date-required', { store: { fulfillmentDates: true } }, line('mug')],
    ['variant-required', { products: { mug: { inventory: 'variant' as const } } }, line('mug')],
    [
      'unknown-variant',
      { products: { mug: { inventory: 'product' as const, variants: ['S'] } } },
      line('mug/L'),
    ],
  ])('never reinstates %s, though the settings are others now', (_, world, goods) => {
    const then = given(world, placed([goods])).when(
      { step: 'store', settings: { fulfillmentDates: false } },
      { step: 'product', productId: 'mug', settings: { inventory: 'product' } },
      paid(),
    );
    expect(then).toMatchObject({ state: 'refused', outcomes: ['RefundRequired'] });
    expect(outcomeOf(then, 'RefundRequired')).toEqual({
      outcome: 'RefundRequired',
      deltas: [],
      paymentId: 'p1',
      reason: 'refused',
    });
  });

  it('names the shortages of now, not those of then', () => {
    const then = given({}, eleven, set('mug', 4)).when(paid());
    expect(outcomeOf(then, 'RefundRequired').shortages).toEqual([{ productId: 'mug', wanted: 11, free: 4 }]);
  });

  it('names the shortages when the payment was there first', () => {
    const then = given({}, paid('p1'), paid('p2')).when(eleven);
    const asked = then.transition?.outcomes.filter((outcome) => outcome.outcome === 'RefundRequired');
    expect(asked).toEqual([
      expect.objectContaining({ paymentId: 'p1', shortages: [{ productId: 'mug', wanted: 11, free: 10 }] }),
      expect.objectContaining({ paymentId: 'p2' }),
    ]);
    expect(asked?.[1]).not.toHaveProperty('shortages');
  });

  it('moves all or nothing when it comes back to several keys', () => {
    const products = { mug: { inventory: 'product' as const }, card: { inventory: 'product' as const } };
    const order = placed([line('mug', 2), line('card', 2)]);
    const then = given({ products, stock: { mug: 2, card: 2 } }, order, due(), set('card', 1)).when(paid());
    expect(then.stock).toEqual({ mug: '2 0 0 0', card: '1 0 0 0' });
    expect(outcomeOf(then, 'RefundRequired').shortages).toEqual([{ productId: 'card', wanted: 2, free: 1 }]);
  });
});

describe('several payments', () => {
  it.each(TWICE)('$title', (example) => expect(thenOfExample(example)).toMatchObject(example.then));

  it('are each asked back once, whatever comes after', () => {
    const { run } = given({}, two, paid('p1'), paid('p2'), rejected(), paid('p3')).when(
      paid('p1'),
      paid('p2'),
      refunded('r1', { of: 'p1' }),
      refunded('r2'),
      paid('p4'),
    );
    const asked = run.shop.transitions.flatMap(({ outcomes }) =>
      outcomes.flatMap((outcome) => outcome.paymentId ?? []),
    );
    expect(asked.filter((id) => id.startsWith('p')).sort()).toEqual(['p1', 'p1', 'p2', 'p3', 'p4']);
    const required = run.shop.transitions.flatMap(({ outcomes }) =>
      outcomes.flatMap((outcome) =>
        outcome.outcome === 'RefundRequired' ? [[outcome.paymentId, outcome.reason]] : [],
      ),
    );
    expect(required).toEqual([
      ['p2', 'duplicate-payment'],
      ['p1', 'rejected'],
      ['p3', 'rejected'],
      ['p4', 'rejected'],
    ]);
  });

  it('are remembered up to 100, and the 101st is refused; a known one still changes nothing', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => paid(`p${at}`));
    expect(given({}, two, ...hundred.slice(0, 99)).when(paid('p99')).kind).toBe('fact');
    expect(given({}, two, ...hundred).when(paid('p100')).answer).toMatchObject({
      kind: 'refused',
      reason: 'too-many-facts',
    });
    expect(given({}, ...hundred).when(paid('p100')).kind).toBe('refused');
    expect(given({}, two, ...hundred).when(paid('p0')).kind).toBe('unchanged');
  });
});
