/** Refunds: they put nothing back unless they say so, and count only for the paying payment. */

import { due, line, paid, placed, refunded, rejected } from './testing/events.js';
import { given, outcomeOf, thenOfExample, type Example, type World } from './testing/given.js';

const five = placed([line('mug', 5)]);
const paidFive = [five, paid('p1')];

const FULL: Example[] = [
  {
    title: 'of the whole order: refunded, and not back in stock',
    given: paidFive,
    when: refunded(),
    then: {
      state: 'refunded',
      outcomes: ['RefundRecorded'],
      told: undefined,
      version: 3,
      stock: { mug: '5 0 0 5' },
    },
  },
  {
    title: 'with restock: back in stock at once',
    given: paidFive,
    when: refunded('r1', { restock: true }),
    then: { state: 'refunded', outcomes: ['RefundRecorded'], stock: { mug: '10 0 0 0' } },
  },
  {
    title: 'without a payment known: it implies one',
    given: [five],
    when: refunded(),
    then: { state: 'refunded', outcomes: ['Sold', 'RefundRecorded'], version: 2, stock: { mug: '5 0 0 5' } },
  },
  {
    title: 'before the order: remembered',
    when: refunded(),
    then: { kind: 'fact', state: 'unseen', version: 0, outcomes: [] },
  },
  {
    title: 'before the order, which then is sold and refunded in one transition',
    given: [refunded()],
    when: five,
    then: { state: 'refunded', outcomes: ['Sold', 'RefundRecorded'], version: 1, stock: { mug: '5 0 0 5' } },
  },
  {
    title: 'the same again: nothing',
    given: [...paidFive, refunded('r1')],
    when: refunded('r1'),
    then: { kind: 'unchanged', version: 3 },
  },
  {
    title: 'the same id with other words: nothing',
    given: [...paidFive, refunded('r1')],
    when: refunded('r1', { restock: true }),
    then: { kind: 'unchanged', stock: { mug: '5 0 0 5' } },
  },
  {
    title: 'a second one of all: recorded, and moves nothing',
    given: [...paidFive, refunded('r1')],
    when: refunded('r2'),
    then: { state: 'refunded', outcomes: ['RefundRecorded'], version: 4, stock: { mug: '5 0 0 5' } },
  },
  {
    title: 'a second one of all with restock: puts back what the first did not',
    given: [...paidFive, refunded('r1')],
    when: refunded('r2', { restock: true }),
    then: { state: 'refunded', outcomes: ['RefundRecorded'], stock: { mug: '10 0 0 0' } },
  },
];

const PART: Example[] = [
  {
    title: 'two of five',
    given: paidFive,
    when: refunded('r1', { lines: [line('mug', 2)] }),
    then: { state: 'paid', outcomes: ['RefundRecorded'], stock: { mug: '5 0 3 2' } },
  },
  {
    title: 'two of five with restock',
    given: paidFive,
    when: refunded('r1', { restock: true, lines: [line('mug', 2)] }),
    then: { state: 'paid', outcomes: ['RefundRecorded'], stock: { mug: '7 0 3 0' } },
  },
  {
    title: 'twice two of five, once with restock: two of four are put back',
    given: [...paidFive, refunded('r1', { lines: [line('mug', 2)] })],
    when: refunded('r2', { restock: true, lines: [line('mug', 2)] }),
    then: { state: 'paid', stock: { mug: '7 0 1 2' } },
  },
  {
    title: 'the last of five: refunded',
    given: [...paidFive, refunded('r1', { lines: [line('mug', 4)] })],
    when: refunded('r2', { lines: [line('mug', 1)] }),
    then: { state: 'refunded', stock: { mug: '5 0 0 5' } },
  },
  {
    title: 'more than there is: as much as there is',
    given: paidFive,
    when: refunded('r1', { restock: true, lines: [line('mug', 9)] }),
    then: { state: 'refunded', stock: { mug: '10 0 0 0' } },
  },
  {
    title: 'the same goods on two lines are one: of both together',
    given: [placed([line('mug', 2), line('mug', 3)]), paid()],
    when: refunded('r1', { lines: [line('mug', 4)] }),
    then: { state: 'paid', stock: { mug: '5 0 1 4' } },
  },
  {
    title: 'the same goods on two lines of the refund add up',
    given: paidFive,
    when: refunded('r1', { lines: [line('mug', 1), line('mug', 2)] }),
    then: { state: 'paid', stock: { mug: '5 0 2 3' } },
  },
  {
    title: 'of one of two variants that share a key: no more than that variant has',
    given: [placed([line('mug/S', 2), line('mug/M', 3)]), paid()],
    when: refunded('r1', { lines: [line('mug/S', 4)] }),
    then: { state: 'paid', stock: { mug: '5 0 3 2' } },
  },
  {
    title: 'of one variant, too much of it put back: nothing of the other that shares its key',
    given: [
      placed([line('mug/S', 2), line('mug/M', 3)]),
      paid(),
      refunded('r1', { restock: true, lines: [line('mug/S', 9)] }),
    ],
    when: refunded('r2', { lines: [line('mug/M', 3)] }),
    then: { state: 'refunded', stock: { mug: '7 0 0 3' } },
  },
  {
    title: 'of uncounted goods: moves nothing, and does not refund the rest',
    given: [placed([line('mug', 5), line('card', 1)]), paid()],
    when: refunded('r1', { lines: [line('card', 1)] }),
    then: { state: 'paid', outcomes: ['RefundRecorded'], stock: { mug: '5 0 5 0' } },
  },
  {
    title: 'of all that is counted: paid until the uncounted line is refunded too',
    given: [placed([line('mug', 5), line('card', 1)]), paid()],
    when: refunded('r1', { lines: [line('mug', 5)] }),
    then: { state: 'paid', stock: { mug: '5 0 0 5' } },
  },
];

const NAMED: Example[] = [
  {
    title: 'the paying payment: counts',
    given: paidFive,
    when: refunded('r1', { of: 'p1' }),
    then: { state: 'refunded', outcomes: ['RefundRecorded'], stock: { mug: '5 0 0 5' } },
  },
  {
    title: 'another payment: gives that back and moves nothing',
    given: [...paidFive, paid('p2')],
    when: refunded('r1', { of: 'p2', restock: true }),
    then: {
      state: 'paid',
      outcomes: ['RefundRecorded'],
      told: undefined,
      version: 4,
      stock: { mug: '5 0 5 0' },
    },
  },
  {
    title: 'a payment not known, of a held order: moves nothing, and implies no payment',
    given: [five],
    when: refunded('r1', { of: 'p1' }),
    then: { state: 'held', outcomes: ['RefundRecorded'], stock: { mug: '5 5 0 0' } },
  },
  {
    title: 'a payment that then comes and pays: sold and refunded at once',
    given: [five, refunded('r1', { of: 'p1' })],
    when: paid('p1'),
    then: { state: 'refunded', outcomes: ['Sold', 'RefundRecorded'], version: 3, stock: { mug: '5 0 0 5' } },
  },
  {
    title: 'a payment that then comes second: never counts, and is not asked back',
    given: [five, refunded('r1', { of: 'p2' }), paid('p1')],
    when: paid('p2'),
    then: { kind: 'fact', state: 'paid', outcomes: [], stock: { mug: '5 0 5 0' } },
  },
  {
    title: 'a payment that comes to an order already implied paid: its refund starts to count',
    given: [
      five,
      refunded('r1', { lines: [line('mug', 1)] }),
      refunded('r2', { of: 'p1', lines: [line('mug', 2)] }),
    ],
    when: paid('p1'),
    then: { state: 'paid', outcomes: ['RefundRecorded'], version: 4, stock: { mug: '5 0 2 3' } },
  },
  {
    title: 'a payment that comes to an order of uncounted goods: refunded in a transition of its own',
    world: { products: {} },
    given: [
      placed([line('mug', 2)]),
      refunded('r1', { lines: [line('mug')] }),
      refunded('r2', { of: 'p1', lines: [line('mug')] }),
    ],
    when: paid('p1'),
    then: { state: 'refunded', outcomes: ['RefundRecorded'], version: 4 },
  },
];

const AFTER_THE_END: Example[] = [
  {
    title: 'rejected',
    given: [five, rejected()],
    when: refunded(),
    then: { state: 'rejected', outcomes: ['RefundRecorded'] },
  },
  {
    title: 'expired',
    given: [five, due()],
    when: refunded(),
    then: { state: 'expired', outcomes: ['RefundRecorded'] },
  },
  {
    title: 'refused',
    given: [placed([line('mug', 11)])],
    when: refunded('r1', { restock: true }),
    then: { state: 'refused', outcomes: ['RefundRecorded'] },
  },
];

describe('a refund', () => {
  it.each(FULL)('$title', (example) => expect(thenOfExample(example)).toMatchObject(example.then));

  it('has all its deltas in RefundRecorded, and the sale in Sold', () => {
    const then = given({}, refunded('r1', { lines: [line('mug', 2)] })).when(five);
    const stockKey = 's1/mug/-/-';
    expect(outcomeOf(then, 'Sold').deltas).toEqual([{ stockKey, free: -5, held: 0, sold: 5, refunded: 0 }]);
    expect(outcomeOf(then, 'RefundRecorded').deltas).toEqual([
      { stockKey, free: 0, held: 0, sold: -2, refunded: 2 },
    ]);
  });

  it('is remembered up to 100, and the 101st is refused; a known one still changes nothing', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => refunded(`r${at}`, { lines: [line('mug')] }));
    expect(given({}, ...paidFive, ...hundred.slice(0, 99)).when(refunded('r99')).kind).toBe('fact');
    const full = given({}, ...paidFive, ...hundred);
    expect(full.when(refunded('r100')).answer).toMatchObject({ kind: 'refused', reason: 'too-many-facts' });
    expect(full.when(refunded('r0')).kind).toBe('unchanged');
  });
});

describe('a refund of a part', () => {
  it.each(PART)('$title', (example) => expect(thenOfExample(example)).toMatchObject(example.then));

  it.each([
    ['another variant', line('shirt/L/2026-02-14')],
    ['no variant', line('shirt/-/2026-02-14')],
    ['another date', line('shirt/M/2026-02-15')],
    ['no date', line('shirt/M')],
    ['another product', line('mug/M/2026-02-14')],
  ])('names what is not in the order: %s', (_, goods) => {
    const world: World = { products: { shirt: { inventory: 'product' } } };
    const order = placed([line('shirt/M/2026-02-14', 2)]);
    const then = given(world, order, paid()).when(
      refunded('r1', { lines: [goods, line('shirt/M/2026-02-14', 1)] }),
    );
    const { productId, variantId = '-', fulfillmentDate = '-' } = goods;
    expect(outcomeOf(then, 'RefundRecorded').reason).toContain(
      `${productId}/${variantId}/${fulfillmentDate}`,
    );
    expect(then.stock).toEqual({ shirt: '- 0 1 1' });
  });

  it('gives no reason when all of it is in the order', () => {
    const then = given({}, ...paidFive).when(refunded('r1', { of: 'p1', lines: [line('mug')] }));
    expect(outcomeOf(then, 'RefundRecorded')).not.toHaveProperty('reason');
    expect(outcomeOf(then, 'RefundRecorded').paymentId).toBe('p1');
  });
});

describe('a refund that names', () => {
  it.each(NAMED)('$title', (example) => expect(thenOfExample(example)).toMatchObject(example.then));
});

describe('a refund of an order that was', () => {
  it.each(AFTER_THE_END)('$title: recorded, and moves nothing', (example) => {
    expect(thenOfExample(example)).toMatchObject({ ...example.then, stock: { mug: '10 0 0 0' } });
  });
});
