import { cellsOf, countedKeys, newVariants, type NewKey } from './new-keys.js';

const variants = [{ variantId: 's' }, { variantId: 'l' }];

describe('what a toggle counts anew', () => {
  it.each([
    ['on', { inventory: 'off', variants: null }, { inventory: 'product', variants: null }, [null]],
    ['by variant', { inventory: 'product', variants: null }, { inventory: 'variant', variants }, ['s', 'l']],
    [
      'one more variant',
      { inventory: 'variant', variants: [{ variantId: 's' }] },
      { inventory: 'variant', variants },
      ['l'],
    ],
    ['off', { inventory: 'product', variants: null }, { inventory: 'off', variants: null }, []],
    ['nothing', { inventory: 'product', variants: null }, { inventory: 'product', variants }, []],
    ['a new product', undefined, { inventory: 'variant', variants }, ['s', 'l']],
  ] as const)('%s', (_, before, after, keys) => {
    expect(newVariants(before, after)).toEqual(keys);
  });

  it('is everything counted when dates are turned on or off', () => {
    const keys = countedKeys(
      [
        { productId: 'mug', title: null, inventory: 'off', variants: null },
        { productId: 'stollen', title: 'Stollen', inventory: 'product', variants: null },
        { productId: 'cake', title: null, inventory: 'variant', variants },
      ],
      ({ productId }, variant) => `${productId} ${variant?.variantId ?? ''}`,
    );
    expect(keys.map(({ id }) => id)).toEqual(['stollen/-', 'cake/s', 'cake/l']);
  });
});

describe('the numbers asked for', () => {
  const keys: NewKey[] = [
    { id: 'cake/s', productId: 'cake', variantId: 's', label: 'Small' },
    { id: 'cake/l', productId: 'cake', variantId: 'l', label: 'Large' },
  ];
  const dates = { from: '2026-12-22', to: '2026-12-24', isLater: false };
  const texts = (s: string, l: string): Map<string, string> =>
    new Map([
      ['cake/s', s],
      ['cake/l', l],
    ]);

  it('are sent for each date, unlimited said as such', () => {
    const answer = cellsOf(keys, { texts: texts('40', ''), ...dates }, true);
    if (!('cells' in answer)) throw new Error('refused');
    expect(answer.cells).toHaveLength(6);
    expect(answer.cells[0]).toEqual({ productId: 'cake', variantId: 's', date: '2026-12-22', quantity: 40 });
    expect(answer.cells[5]).toEqual({
      productId: 'cake',
      variantId: 'l',
      date: '2026-12-24',
      quantity: null,
    });
  });

  it('are sent once where there are no dates', () => {
    expect(cellsOf(keys, { texts: texts('40', '0'), from: '', to: '', isLater: false }, false)).toEqual({
      cells: [
        { productId: 'cake', variantId: 's', quantity: 40 },
        { productId: 'cake', variantId: 'l', quantity: 0 },
      ],
    });
  });

  it('may be said later: none are sent', () => {
    expect(cellsOf(keys, { texts: texts('40', 'x'), ...dates, isLater: true }, true)).toEqual({ cells: [] });
  });

  it('must be said, be numbers, and have dates that exist', () => {
    expect(cellsOf(keys, { texts: new Map([['cake/s', '1']]), ...dates }, true)).toEqual({
      fault: { kind: 'missing', keys: keys.slice(1) },
    });
    expect(cellsOf(keys, { texts: texts('x', '+5'), ...dates }, true)).toEqual({
      fault: { kind: 'wrong', keys },
    });
    expect(cellsOf(keys, { texts: texts('1', '1'), ...dates, from: '2026-12-25' }, true)).toEqual({
      fault: { kind: 'dates' },
    });
    expect(cellsOf(keys, { texts: texts('1', '1'), ...dates, from: '2000-01-01' }, true)).toEqual({
      fault: { kind: 'too-many' },
    });
  });
});
