/** The table of states: the first that fits, whatever else is known. */

import { newOrder, stateOf, type Order, type OrderState, type Refund } from './index.js';
import { line } from './testing/events.js';

const placed = { occurredAt: 0, lines: [line('mug', 2), line('card', 1)] };
const refused = { reason: 'not-enough-stock' as const, shortages: [] };
const all: Refund = { refundId: 'r1', restock: false };

const ROWS: [string, Partial<Order>, OrderState][] = [
  ['nothing known', {}, 'unseen'],
  ['everything but placed', { payments: ['p1'], rejected: {}, refunds: [all] }, 'unseen'],
  ['placed', { placed }, 'held'],
  ['placed and rejected', { placed, rejected: {} }, 'rejected'],
  ['rejected before refused', { placed, rejected: {}, refused }, 'rejected'],
  ['rejected before expired', { placed, rejected: {}, expired: true }, 'rejected'],
  ['rejected before paid', { placed, rejected: {}, payments: ['p1'] }, 'rejected'],
  ['rejected before refunded', { placed, rejected: {}, payments: ['p1'], refunds: [all] }, 'rejected'],
  [
    'rejected before reinstated',
    { placed, rejected: {}, refused, reinstated: true, payments: ['p1'] },
    'rejected',
  ],
  ['refused', { placed, refused }, 'refused'],
  ['refused before paid', { placed, refused, payments: ['p1'] }, 'refused'],
  ['refused before refunded', { placed, refused, refunds: [all] }, 'refused'],
  ['refused, reinstated', { placed, refused, reinstated: true, payments: ['p1'] }, 'paid'],
  ['expired', { placed, expired: true }, 'expired'],
  ['expired before paid', { placed, expired: true, payments: ['p1'] }, 'expired'],
  ['expired before refunded', { placed, expired: true, refunds: [all] }, 'expired'],
  ['expired, reinstated', { placed, expired: true, reinstated: true, payments: ['p1'] }, 'paid'],
  ['a payment', { placed, payments: ['p1'] }, 'paid'],
  ['a refund that names no payment', { placed, refunds: [{ ...all, lines: [line('mug', 1)] }] }, 'paid'],
  ['a refund of a payment not known', { placed, refunds: [{ ...all, paymentId: 'p1' }] }, 'held'],
  [
    'a refund of another payment',
    { placed, payments: ['p1', 'p2'], refunds: [{ ...all, paymentId: 'p2' }] },
    'paid',
  ],
  ['every unit of every line refunded', { placed, payments: ['p1'], refunds: [all] }, 'refunded'],
  ['refunded without a payment', { placed, refunds: [all] }, 'refunded'],
  [
    'refunded by the paying payment',
    { placed, payments: ['p1'], refunds: [{ ...all, paymentId: 'p1' }] },
    'refunded',
  ],
  [
    'refunded line by line',
    {
      placed,
      payments: ['p1'],
      refunds: [
        { ...all, lines: [line('mug', 1)] },
        { ...all, refundId: 'r2', lines: [line('mug', 1), line('card', 1)] },
      ],
    },
    'refunded',
  ],
  [
    'one line refunded twice over, the other not',
    { placed, payments: ['p1'], refunds: [{ ...all, lines: [line('mug', 4)] }] },
    'paid',
  ],
];

describe('the state of an order', () => {
  it.each(ROWS)('%s', (_, facts, state) => {
    expect(stateOf({ ...newOrder('s1', 'o1'), ...facts })).toBe(state);
  });
});
