/** What ends an order without its goods: the hold falls due, or the merchant rejects it. */

import {
  DUE_AT,
  due,
  extended,
  line,
  MINUTE_MS,
  ORDER,
  paid,
  placed,
  refunded,
  rejected,
} from './testing/events.js';
import { given, outcomeOf, set, thenOfExample, type Example } from './testing/given.js';

const two = placed([line('mug', 2)]);
const eleven = placed([line('mug', 11)]);

const DUE: Example[] = [
  {
    title: 'is released, and the customer is told',
    given: [two],
    when: due(DUE_AT),
    then: {
      state: 'expired',
      outcomes: ['Released'],
      told: 'order-expired',
      version: 2,
      stock: { mug: '10 0 0 0' },
    },
  },
  {
    title: 'is kept a millisecond before',
    given: [two],
    when: due(DUE_AT - 1),
    then: { kind: 'unchanged', state: 'held' },
  },
  { title: 'expires once', given: [two, due()], when: due(), then: { kind: 'unchanged', version: 2 } },
  {
    title: 'is nothing to look at before it is placed',
    when: due(),
    then: { kind: 'unchanged', state: 'unseen' },
  },
  {
    title: 'was refused: nothing expires',
    given: [eleven],
    when: due(),
    then: { kind: 'unchanged', state: 'refused' },
  },
  {
    title: 'was rejected: nothing expires',
    given: [two, rejected()],
    when: due(),
    then: { kind: 'unchanged' },
  },
  {
    title: 'was refunded by a refund that names no payment: paid, so nothing expires',
    given: [two, refunded('r1', { lines: [line('mug')] })],
    when: due(),
    then: { kind: 'unchanged', state: 'paid' },
  },
  {
    title: 'expires though a refund names a payment that is not known',
    given: [two, refunded('r1', { of: 'p1' })],
    when: due(),
    then: { state: 'expired', outcomes: ['Released'], told: 'order-expired' },
  },
  {
    title: 'of uncounted goods only: expires all the same',
    world: { products: {} },
    given: [two],
    when: due(),
    then: { state: 'expired', outcomes: ['Released'], told: 'order-expired', stock: {} },
  },
  {
    title: 'held on a number that is blank now: nothing goes back, and it is no longer held',
    given: [two, set('mug', null)],
    when: due(),
    then: { state: 'expired', stock: { mug: '- 0 0 0' } },
  },
  {
    title: 'held on a blank that is a number now: goes back to the number',
    world: { stock: { mug: null } },
    given: [two, set('mug', 5)],
    when: due(),
    then: { state: 'expired', stock: { mug: '7 0 0 0' } },
  },
];

const REJECTED: Example[] = [
  {
    title: 'held: released, and the customer is told',
    given: [two],
    when: rejected(),
    then: {
      state: 'rejected',
      outcomes: ['Released'],
      told: 'order-rejected',
      version: 2,
      stock: { mug: '10 0 0 0' },
    },
  },
  {
    title: 'paid: released, the payment is asked back',
    given: [two, paid()],
    when: rejected(),
    then: {
      state: 'rejected',
      outcomes: ['Released', 'RefundRequired'],
      told: 'order-rejected',
      stock: { mug: '10 0 0 0' },
    },
  },
  {
    title: 'refunded: what is not back goes back, and nothing is asked back',
    given: [two, paid(), refunded()],
    when: rejected(),
    then: { state: 'rejected', outcomes: ['Released'], told: 'order-rejected', stock: { mug: '10 0 0 0' } },
  },
  {
    title: 'refunded in part: all of it goes back',
    given: [two, paid(), refunded('r1', { lines: [line('mug')] })],
    when: rejected(),
    then: { state: 'rejected', outcomes: ['Released', 'RefundRequired'], stock: { mug: '10 0 0 0' } },
  },
  {
    title: 'refunded with restock: nothing goes back twice',
    given: [two, paid(), refunded('r1', { restock: true })],
    when: rejected(),
    then: { state: 'rejected', outcomes: ['Released'], stock: { mug: '10 0 0 0' } },
  },
  {
    title: 'refunded and settled since: what is settled does not go back, what is sold does',
    given: [two, paid(), refunded('r1', { lines: [line('mug')] }), set('mug', 20)],
    when: rejected(),
    then: { state: 'rejected', stock: { mug: '21 0 0 0' } },
  },
  {
    title: 'held and settled since: what is held goes back',
    given: [two, set('mug', 20)],
    when: rejected(),
    then: { state: 'rejected', stock: { mug: '22 0 0 0' } },
  },
  {
    title: 'refused: nothing more to tell',
    given: [eleven],
    when: rejected(),
    then: { state: 'rejected', outcomes: ['Released'], told: undefined, stock: { mug: '10 0 0 0' } },
  },
  {
    title: 'expired: nothing more to tell',
    given: [two, due()],
    when: rejected(),
    then: { state: 'rejected', outcomes: ['Released'], told: undefined, stock: { mug: '10 0 0 0' } },
  },
  {
    title: 'expired and reinstated: told',
    given: [two, due(), paid()],
    when: rejected(),
    then: { state: 'rejected', outcomes: ['Released', 'RefundRequired'], told: 'order-rejected' },
  },
  {
    title: 'again, for another reason: nothing',
    given: [two, rejected('a')],
    when: rejected('b'),
    then: { kind: 'unchanged', version: 2 },
  },
  {
    title: 'not placed yet: remembered',
    when: rejected(),
    then: { kind: 'fact', state: 'unseen', version: 0, outcomes: [] },
  },
  {
    title: 'before it was placed: takes nothing, and the customer is told when it is placed',
    given: [rejected()],
    when: two,
    then: {
      state: 'rejected',
      outcomes: ['Released'],
      told: 'order-rejected',
      version: 1,
      stock: { mug: '10 0 0 0' },
    },
  },
  {
    title: 'before it was placed and short: rejected, not refused',
    given: [rejected()],
    when: eleven,
    then: { state: 'rejected', outcomes: ['Released'], told: 'order-rejected' },
  },
  {
    title: 'before it was placed, and paid: asked back when it is placed',
    given: [rejected(), paid()],
    when: two,
    then: { state: 'rejected', outcomes: ['Released', 'RefundRequired'], told: 'order-rejected' },
  },
];

describe('a hold that falls due', () => {
  it.each(DUE)('$title', (example) => expect(thenOfExample(example)).toMatchObject(example.then));
});

describe('a rejection', () => {
  it.each(REJECTED)('$title', (example) => expect(thenOfExample(example)).toMatchObject(example.then));

  it('that is known before the order leaves the stock unlooked at', () => {
    const { run } = given({}, rejected()).when(eleven);
    expect(run.shop.order(ORDER)).toMatchObject({ refused: undefined });
  });

  it('hands the reason and the goods on to the customer', () => {
    const then = given({}, two).when(rejected('closed on Sundays'));
    expect(then.transition?.notification).toEqual({
      template: 'order-rejected',
      reason: 'closed on Sundays',
      lines: [line('mug', 2)],
    });
    expect(outcomeOf(then, 'Released')).toMatchObject({ reason: 'rejected' });
  });
});

describe('a hold that is extended', () => {
  const later = DUE_AT + 10 * MINUTE_MS;
  const ROWS: Example[] = [
    {
      title: 'lasts longer, without a transition',
      given: [two],
      when: extended(later),
      then: { kind: 'fact', version: 1, outcomes: [] },
    },
    {
      title: 'does not expire at its first due time',
      given: [two, extended(later)],
      when: due(later - 1),
      then: { kind: 'unchanged', state: 'held' },
    },
    {
      title: 'expires at the later one',
      given: [two, extended(later)],
      when: due(later),
      then: { state: 'expired' },
    },
    {
      title: 'is never shortened',
      given: [two, extended(later)],
      when: extended(DUE_AT),
      then: { kind: 'unchanged' },
    },
    {
      title: 'is extended once by the same command',
      given: [two, extended(later)],
      when: extended(later),
      then: { kind: 'unchanged' },
    },
    { title: 'cannot be extended before it is placed', when: extended(later), then: { kind: 'refused' } },
    {
      title: 'cannot be extended once paid',
      given: [two, paid()],
      when: extended(later),
      then: { kind: 'refused' },
    },
    {
      title: 'cannot be extended once expired',
      given: [two, due()],
      when: extended(later),
      then: { kind: 'refused' },
    },
  ];
  it.each(ROWS)('$title', (example) => expect(thenOfExample(example)).toMatchObject(example.then));

  it('says when it expired after all', () => {
    const then = given({}, two, extended(later)).when(due(later));
    expect(outcomeOf(then, 'Released').expiresAt).toBe(later);
  });
});
