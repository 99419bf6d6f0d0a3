/** An order is placed: what it takes, why it is refused, and what it remembers of the settings. */

import {
  DUE_AT,
  due,
  line,
  MINUTE_MS,
  paid,
  placed,
  PLACED_AT,
  refunded,
  rejected,
} from './testing/events.js';
import { given, outcomeOf, set, thenOfExample, type Example, type World } from './testing/given.js';

const held = { state: 'held', outcomes: ['Held'], told: undefined, version: 1 } as const;
const shirts = (inventory: 'product' | 'variant', variants?: string[]): World => ({
  products: { shirt: { inventory, ...(variants && { variants }) } },
});

const TAKES: Example[] = [
  { title: 'holds', when: placed([line('mug', 2)]), then: { ...held, stock: { mug: '8 2 0 0' } } },
  {
    title: 'holds the last units',
    when: placed([line('mug', 10)]),
    then: { ...held, stock: { mug: '0 10 0 0' } },
  },
  {
    title: 'holds without end what is blank, and counts it',
    world: { stock: { mug: null } },
    when: placed([line('mug', 1_000)]),
    then: { ...held, stock: { mug: '- 1000 0 0' } },
  },
  {
    title: 'holds without end what nobody has set, and counts it from the first order',
    world: { stock: {} },
    when: placed([line('mug', 3)]),
    then: { ...held, stock: { mug: '- 3 0 0' } },
  },
  {
    title: 'sums lines that share a key before it looks',
    when: placed([line('mug/S', 5), line('mug/M', 5)]),
    then: { ...held, stock: { mug: '0 10 0 0' } },
  },
  {
    title: 'holds by variant',
    world: { ...shirts('variant'), stock: { 'shirt/S': 3, 'shirt/M': 3 } },
    when: placed([line('shirt/M', 2)]),
    then: { ...held, stock: { 'shirt/S': '3 0 0 0', 'shirt/M': '1 2 0 0' } },
  },
  {
    title: 'holds by date',
    world: { store: { fulfillmentDates: true }, stock: { 'mug/-/2026-02-13': 3, 'mug/-/2026-02-14': 3 } },
    when: placed([line('mug/-/2026-02-14', 2)]),
    then: { ...held, stock: { 'mug/-/2026-02-13': '3 0 0 0', 'mug/-/2026-02-14': '1 2 0 0' } },
  },
  {
    title: 'holds by variant and date',
    world: {
      ...shirts('variant', ['M']),
      store: { fulfillmentDates: true },
      stock: { 'shirt/M/2026-02-14': 3 },
    },
    when: placed([line('shirt/M/2026-02-14', 2)]),
    then: { ...held, stock: { 'shirt/M/2026-02-14': '1 2 0 0' } },
  },
  {
    title:
      'counts a dated line of an undated shop, and a variant of a product counted as one, on the plain key',
    when: placed([line('mug/S/2026-02-14', 2)]),
    then: { ...held, stock: { mug: '8 2 0 0' } },
  },
  {
    title: 'counts nothing of a product with inventory off or that it was never told of',
    world: { products: { card: { inventory: 'off', variants: ['A'] } }, store: { fulfillmentDates: true } },
    when: placed([line('card/B', 2), line('never heard of', 2)]),
    then: { ...held, stock: {} },
  },
];

const refused = { state: 'refused', outcomes: ['Refused'], version: 1 } as const;

const REFUSED: (Example & { reason: string })[] = [
  {
    title: 'without a date in a shop with dates',
    reason: 'date-required',
    world: { store: { fulfillmentDates: true } },
    when: placed([line('mug', 1)]),
    then: refused,
  },
  {
    title: 'without a variant of a product counted by variant',
    reason: 'variant-required',
    world: shirts('variant'),
    when: placed([line('shirt', 1)]),
    then: refused,
  },
  {
    title: 'with a variant that the product does not list',
    reason: 'unknown-variant',
    world: shirts('product', ['S']),
    when: placed([line('shirt/M', 1)]),
    then: refused,
  },
  {
    title: 'with one unit too many',
    reason: 'not-enough-stock',
    when: placed([line('mug', 11)]),
    then: { ...refused, told: 'order-refused', stock: { mug: '10 0 0 0' } },
  },
  {
    title: 'with 0 free, which is not blank',
    reason: 'not-enough-stock',
    world: { stock: { mug: 0 } },
    when: placed([line('mug', 1)]),
    then: { ...refused, told: 'order-refused' },
  },
  {
    title: 'date before variant, on one line',
    reason: 'date-required',
    world: { ...shirts('variant'), store: { fulfillmentDates: true } },
    when: placed([line('shirt', 1)]),
    then: refused,
  },
  {
    title: 'date before unknown variant, on one line',
    reason: 'date-required',
    world: { ...shirts('variant', ['S']), store: { fulfillmentDates: true } },
    when: placed([line('shirt/M', 1)]),
    then: refused,
  },
  {
    title: 'date before variant, though a later line is without it',
    reason: 'date-required',
    world: { ...shirts('variant'), store: { fulfillmentDates: true } },
    when: placed([line('shirt/-/2026-02-14', 1), line('shirt/S', 1)]),
    then: refused,
  },
  {
    title: 'variant before unknown variant, though it is a later line',
    reason: 'variant-required',
    world: shirts('variant', ['S']),
    when: placed([line('shirt/M', 1), line('shirt', 1)]),
    then: refused,
  },
  {
    title: 'unknown variant before short stock, though it is a later line',
    reason: 'unknown-variant',
    world: { ...shirts('variant', ['S', 'M']), stock: { 'shirt/S': 0 } },
    when: placed([line('shirt/S', 1), line('shirt/L', 1)]),
    then: { ...refused, told: undefined },
  },
];

describe('an order that can be had', () => {
  it.each(TAKES)('$title', (example) => {
    expect(thenOfExample(example)).toMatchObject(example.then);
  });

  it('is due at the earlier of its two times, plus the hold time of its store', () => {
    const store = { holdMs: 10 * MINUTE_MS };
    for (const [occurredAt, recordedAt] of [
      [PLACED_AT, PLACED_AT + 5 * MINUTE_MS],
      [PLACED_AT + 5 * MINUTE_MS, PLACED_AT],
    ] as const) {
      const then = given({ store }).when(placed([line('mug')], { occurredAt, recordedAt }));
      expect(outcomeOf(then, 'Held').expiresAt).toBe(PLACED_AT + 10 * MINUTE_MS);
    }
  });

  it('keeps its due time and its keys when the settings change', () => {
    const then = given({}, placed([line('mug', 2)])).when(
      { step: 'store', settings: { fulfillmentDates: true, holdMs: MINUTE_MS } },
      { step: 'product', productId: 'mug', settings: { inventory: 'off' } },
      due(DUE_AT - 1),
      paid(),
    );
    expect(then).toMatchObject({ state: 'paid', stock: { mug: '8 0 2 0' } });
  });

  it('keeps keys that it was refused on, and comes back on them', () => {
    const then = given({}, placed([line('mug/S', 11)]), set('mug', 12)).when(
      { step: 'product', productId: 'mug', settings: { inventory: 'variant' } },
      paid(),
    );
    expect(then).toMatchObject({ state: 'paid', stock: { mug: '1 0 11 0' } });
  });
});

describe('an order that cannot be had', () => {
  it.each(REFUSED)('$reason: $title', ({ reason, ...example }) => {
    const then = thenOfExample(example);
    expect(then).toMatchObject(example.then);
    expect(outcomeOf(then, 'Refused')).toMatchObject({ reason, deltas: [] });
  });

  it('moves nothing when one key is short, and names every key that is, lines summed', () => {
    const world: World = {
      products: {
        mug: { inventory: 'product' },
        shirt: { inventory: 'variant' },
        card: { inventory: 'product' },
      },
      store: { fulfillmentDates: true },
      stock: { 'mug/-/2026-02-14': 2, 'shirt/S/2026-02-14': 0, 'card/-/2026-02-14': 5 },
    };
    const then = given(world).when(
      placed([
        line('mug/S/2026-02-14', 2),
        line('card/-/2026-02-14', 5),
        line('shirt/S/2026-02-14', 1),
        line('mug/M/2026-02-14', 1),
      ]),
    );
    expect(outcomeOf(then, 'Refused').shortages).toEqual([
      { productId: 'mug', fulfillmentDate: '2026-02-14', wanted: 3, free: 2 },
      { productId: 'shirt', variantId: 'S', fulfillmentDate: '2026-02-14', wanted: 1, free: 0 },
    ]);
    expect(then.stock).toEqual({
      'mug/-/2026-02-14': '2 0 0 0',
      'shirt/S/2026-02-14': '0 0 0 0',
      'card/-/2026-02-14': '5 0 0 0',
    });
  });

  it('names no shortages where stock was not the reason, and tells the customer nothing', () => {
    const then = given({ store: { fulfillmentDates: true } }).when(placed([line('mug', 99)]));
    expect(outcomeOf(then, 'Refused')).toEqual({ outcome: 'Refused', reason: 'date-required', deltas: [] });
    expect(then.told).toBeUndefined();
  });
});

const twice = placed([line('mug', 2), line('mug/S', 1)], { customerId: 'c1' });
const AGAIN: Example[] = [
  { title: 'identical', when: twice, then: { kind: 'unchanged' } },
  {
    title: 'the same at another time of the broker',
    when: { ...twice, recordedAt: PLACED_AT + MINUTE_MS },
    then: { kind: 'unchanged' },
  },
  {
    title: 'another quantity',
    when: { ...twice, lines: [line('mug', 3), line('mug/S', 1)] },
    then: { kind: 'conflicting' },
  },
  {
    title: 'another variant',
    when: { ...twice, lines: [line('mug', 2), line('mug/M', 1)] },
    then: { kind: 'conflicting' },
  },
  { title: 'a line less', when: { ...twice, lines: [line('mug', 2)] }, then: { kind: 'conflicting' } },
  {
    title: 'a line more',
    when: { ...twice, lines: [...twice.lines, line('mug')] },
    then: { kind: 'conflicting' },
  },
  { title: 'another customer', when: { ...twice, customerId: 'c2' }, then: { kind: 'conflicting' } },
  { title: 'another time', when: { ...twice, occurredAt: PLACED_AT + 1 }, then: { kind: 'conflicting' } },
];

describe('placed once more', () => {
  it.each(AGAIN)('$title', (example) => {
    const then = thenOfExample({ ...example, given: [twice] });
    expect(then).toMatchObject({ ...example.then, state: 'held', version: 1, stock: { mug: '7 3 0 0' } });
  });

  it('changes nothing after the order was refused, paid or rejected', () => {
    const same = placed([line('mug', 2)]);
    for (const before of [[paid()], [rejected()], [refunded()]]) {
      expect(given({}, same, ...before).when(same).kind).toBe('unchanged');
    }
    const short = placed([line('mug', 11)]);
    expect(given({}, short, set('mug', 20)).when(short)).toMatchObject({
      kind: 'unchanged',
      state: 'refused',
    });
  });
});
