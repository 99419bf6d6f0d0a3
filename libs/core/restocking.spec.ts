/** The merchant decides about refunded goods: puts them back, or settles the key by saying what there is. */

import { restockable } from './index.js';
import { line, ORDER, paid, placed, refunded, rejected, restocked } from './testing/events.js';
import { adjust, given, outcomeOf, set, thenOfExample, type Example } from './testing/given.js';

const paidFive = [placed([line('mug', 5)]), paid('p1')];
const threeOut = [...paidFive, refunded('r1', { lines: [line('mug', 3)] })];
const variants = placed([line('mug/S', 3), line('mug/M', 3)]);

const RESTOCKED: Example[] = [
  {
    title: 'all that waits',
    given: threeOut,
    when: restocked(),
    then: { state: 'paid', outcomes: ['Restocked'], told: undefined, version: 4, stock: { mug: '8 0 2 0' } },
  },
  {
    title: 'a part',
    given: threeOut,
    when: restocked('b1', [line('mug', 2)]),
    then: { outcomes: ['Restocked'], stock: { mug: '7 0 2 1' } },
  },
  {
    title: 'the rest',
    given: [...threeOut, restocked('b1', [line('mug', 2)])],
    when: restocked('b2'),
    then: { outcomes: ['Restocked'], stock: { mug: '8 0 2 0' } },
  },
  {
    title: 'on a blank number: nothing to add to, but no longer refunded',
    given: [...paidFive, set('mug', null), refunded()],
    when: restocked(),
    then: { outcomes: ['Restocked'], stock: { mug: '- 0 0 0' } },
  },
  {
    title: 'the same again: nothing',
    given: [...threeOut, restocked('b1', [line('mug', 1)])],
    when: restocked('b1', [line('mug', 1)]),
    then: { kind: 'unchanged', version: 4, stock: { mug: '6 0 2 2' } },
  },
  {
    title: 'on two lines of the same goods',
    given: threeOut,
    when: restocked('b1', [line('mug', 1), line('mug', 2)]),
    then: { kind: 'fact', stock: { mug: '8 0 2 0' } },
  },
  {
    title: 'of one variant of a key they share',
    given: [variants, paid(), refunded()],
    when: restocked('b1', [line('mug/M', 3)]),
    then: { kind: 'fact', stock: { mug: '7 0 0 3' } },
  },
  {
    title: 'of a variant refunded after the other one was settled',
    given: [variants, paid(), refunded('r1', { lines: [line('mug/S', 3)] }), set('mug', 20), refunded('r2')],
    when: restocked('b1', [line('mug/M', 3)]),
    then: { kind: 'fact', stock: { mug: '23 0 0 0' } },
  },
  {
    title: 'then a refund with restock of the rest',
    given: [...threeOut, restocked()],
    when: refunded('r2', { restock: true, lines: [line('mug', 2)] }),
    then: { state: 'refunded', stock: { mug: '10 0 0 0' } },
  },
  {
    title: 'then rejected: nothing goes back twice',
    given: [...threeOut, restocked('b1', [line('mug', 2)])],
    when: rejected(),
    then: { state: 'rejected', stock: { mug: '10 0 0 0' } },
  },
];

const NOT_RESTOCKED: Omit<Example, 'then'>[] = [
  { title: 'more than was refunded', given: threeOut, when: restocked('b1', [line('mug', 4)]) },
  {
    title: 'more than was refunded, over two lines',
    given: threeOut,
    when: restocked('b1', [line('mug', 2), line('mug', 2)]),
  },
  {
    title: 'more of one variant than was refunded, over two lines, though their key counts enough',
    given: [variants, paid(), refunded()],
    when: restocked('b1', [line('mug/S', 2), line('mug/S', 2)]),
  },
  {
    title: 'more than is left of it',
    given: [...threeOut, restocked('b1', [line('mug', 2)])],
    when: restocked('b2', [line('mug', 2)]),
  },
  { title: 'other goods', given: threeOut, when: restocked('b1', [line('mug/S', 1)]) },
  {
    title: 'one line right and one line wrong',
    given: threeOut,
    when: restocked('b1', [line('mug'), line('card')]),
  },
  { title: 'no lines at all', given: threeOut, when: restocked('b1', []) },
  { title: 'nothing was refunded', given: paidFive, when: restocked() },
  {
    title: 'it came back with its refund',
    given: [...paidFive, refunded('r1', { restock: true })],
    when: restocked(),
  },
  { title: 'all of it was put back', given: [...threeOut, restocked('b1')], when: restocked('b2') },
  { title: 'settled since', given: [...threeOut, set('mug', 7)], when: restocked() },
  {
    title: 'settled since to the number it had',
    given: [...threeOut, set('mug', 5)],
    when: restocked(),
  },
  {
    title: 'settled since as unlimited',
    given: [...threeOut, set('mug', null)],
    when: restocked(),
  },
  { title: 'rejected, which put it back', given: [...threeOut, rejected()], when: restocked() },
  { title: 'not placed yet', given: [refunded()], when: restocked() },
  {
    title: 'more of both variants than their key still counts',
    given: [variants, paid(), refunded('r1', { lines: [line('mug/S', 3)] }), set('mug', 20), refunded('r2')],
    when: restocked('b1', [line('mug/S', 1), line('mug/M', 3)]),
  },
  {
    title: 'uncounted goods',
    given: [placed([line('mug'), line('card')]), paid(), refunded()],
    when: restocked('b1', [line('card')]),
  },
];

const SETTLED: Example[] = [
  {
    title: 'setting settles: refunded becomes 0',
    given: threeOut,
    when: set('mug', 9),
    then: { kind: 'changed', stock: { mug: '9 0 2 0' } },
  },
  {
    title: 'adjusting does not',
    given: threeOut,
    when: adjust('mug', 4),
    then: { kind: 'changed', stock: { mug: '9 0 2 3' } },
  },
  {
    title: 'after adjusting, what waits is put back',
    given: [...threeOut, adjust('mug', -5)],
    when: restocked(),
    then: { stock: { mug: '3 0 2 0' } },
  },
  {
    title: 'what is refunded after settling waits again, what was before does not',
    given: [...threeOut, set('mug', 9), refunded('r2', { lines: [line('mug', 2)] })],
    when: restocked(),
    then: { outcomes: ['Restocked'], stock: { mug: '11 0 0 0' } },
  },
  {
    title: 'rejected after settling: only what is not settled goes back',
    given: [...threeOut, set('mug', 9), refunded('r2', { lines: [line('mug', 1)] })],
    when: rejected(),
    then: { stock: { mug: '11 0 0 0' } },
  },
  {
    title: 'settled twice: the same',
    given: [...threeOut, set('mug', 9), set('mug', 9)],
    when: rejected(),
    then: { stock: { mug: '11 0 0 0' } },
  },
  {
    title: 'settled before it was refunded: goes back',
    given: [...paidFive, set('mug', 9), refunded()],
    when: restocked(),
    then: { stock: { mug: '14 0 0 0' } },
  },
  {
    title: 'settled between its sale and its rejection: what was sold goes back',
    given: [...paidFive, set('mug', 9)],
    when: rejected(),
    then: { stock: { mug: '14 0 0 0' } },
  },
  {
    title: 'a refund with restock of units that are settled puts nothing back',
    given: [...threeOut, set('mug', 9)],
    when: refunded('r2', { of: 'p1', restock: true, lines: [line('mug', 3)] }),
    then: { outcomes: ['RefundRecorded'], stock: { mug: '11 0 0 0' } },
  },
  {
    title: 'all settled, and a refund with restock of all of it once more: nothing',
    given: [...paidFive, refunded('r1'), set('mug', 9)],
    when: refunded('r2', { restock: true }),
    then: { outcomes: ['RefundRecorded'], stock: { mug: '9 0 0 0' } },
  },
  {
    title: 'all settled, all given back again by a refund that starts to count, and rejected: nothing',
    given: [
      placed([line('mug', 5)]),
      refunded('r1'),
      set('mug', 9),
      refunded('r2', { of: 'p1', restock: true }),
      paid('p1'),
    ],
    when: rejected(),
    then: { stock: { mug: '9 0 0 0' } },
  },
];

const BLANK: Example[] = [
  {
    title: 'adjusting is refused',
    world: { stock: { mug: null } },
    when: adjust('mug', 1),
    then: { kind: 'refused', stock: { mug: '- 0 0 0' } },
  },
  {
    title: 'adjusting a key nobody has set is refused',
    world: { stock: {} },
    when: adjust('mug', 1),
    then: { kind: 'refused' },
  },
  {
    title: 'adjusting below 0 is refused',
    when: adjust('mug', -11),
    then: { kind: 'refused', stock: { mug: '10 0 0 0' } },
  },
  {
    title: 'adjusting to 0 is not',
    when: adjust('mug', -10),
    then: { kind: 'changed', stock: { mug: '0 0 0 0' } },
  },
  {
    title: 'a later number is what can still be ordered, whatever is held and sold',
    world: { stock: { mug: null } },
    given: [placed([line('mug', 7)]), placed([line('mug', 4)], { orderId: 'o2' }), paid('p1', 'o2')],
    when: set('mug', 3),
    then: { kind: 'changed', stock: { mug: '3 7 4 0' } },
  },
  {
    title: 'a number made blank keeps what is held',
    given: [placed([line('mug', 7)])],
    when: set('mug', null),
    then: { kind: 'changed', stock: { mug: '- 7 0 0' } },
  },
  {
    title: 'paid while blank, held while a number',
    given: [placed([line('mug', 7)]), set('mug', null)],
    when: paid(),
    then: { outcomes: ['Sold'], stock: { mug: '- 0 7 0' } },
  },
];

describe('a restock puts back', () => {
  it.each(RESTOCKED)('$title', (example) => expect(thenOfExample(example)).toMatchObject(example.then));

  it('has its deltas in Restocked', () => {
    const then = given({}, ...threeOut).when(restocked());
    expect(outcomeOf(then, 'Restocked').deltas).toEqual([
      { stockKey: 's1/mug/-/-', free: 3, held: 0, sold: 0, refunded: -3 },
    ]);
  });

  it('says beforehand what waits, of a shared key no more than the key counts', () => {
    const settled = [variants, paid(), refunded('r1', { lines: [line('mug/S', 3)] }), set('mug', 20)];
    const { run } = given({}, ...settled).when(refunded('r2', { lines: [line('mug/M', 2)] }));
    const order = run.shop.order(ORDER);
    expect(order && restockable(order, run.shop)).toEqual([line('mug/S', 2)]);
  });
});

describe('a restock is refused, and nothing of it done:', () => {
  it.each(NOT_RESTOCKED)('$title', (example) => {
    expect(thenOfExample(example).answer).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/^(not-refunded|too-many)$/),
    });
  });
});

describe('the merchant settles a key', () => {
  it.each(SETTLED)('$title', (example) => expect(thenOfExample(example)).toMatchObject(example.then));
});

describe('blank, and numbers below', () => {
  it.each(BLANK)('$title', (example) => expect(thenOfExample(example)).toMatchObject(example.then));
});
