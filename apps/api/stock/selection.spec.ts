import { InputFault, type ProductDoc } from '@holdfast/store';
import { rowsOfCells, rowsOfSelection } from './selection.js';

const counting = (productId: string): Pick<ProductDoc, 'inventory' | 'variants'> | undefined => {
  if (productId === 'shirt') return { inventory: 'variant', variants: ['S', 'M'] };
  return productId === 'cake' ? { inventory: 'product' } : undefined;
};

function datesOf(dates: object): (string | undefined)[] {
  return rowsOfSelection({ products: [{ productId: 'cake' }], dates, quantity: 1 }, counting).map(
    ({ date }) => date,
  );
}

function problemsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof InputFault) return error.problems.map(({ field, problem }) => `${field} ${problem}`);
    throw error;
  }
  return [];
}

describe('a selection', () => {
  it('is every product, variant and day', () => {
    const rows = rowsOfSelection(
      {
        products: [
          { productId: 'cake' },
          { productId: 'shirt' },
          { productId: 'bag', variantIds: ['x', 'x'] },
        ],
        dates: { list: ['2026-12-24', '2026-12-23', '2026-12-24'] },
        adjust: 2,
      },
      counting,
    );
    expect(rows.map(({ productId, variantId = '-', date }) => `${productId}/${variantId}/${date}`)).toEqual([
      'cake/-/2026-12-23',
      'cake/-/2026-12-24',
      'shirt/S/2026-12-23',
      'shirt/S/2026-12-24',
      'shirt/M/2026-12-23',
      'shirt/M/2026-12-24',
      'bag/x/2026-12-23',
      'bag/x/2026-12-24',
    ]);
    expect(rows[0]?.change).toEqual({ type: 'adjust', by: 2 });
  });

  it('of a store without dates is of products and variants alone', () => {
    const rows = rowsOfSelection({ products: [{ productId: 'shirt' }], quantity: null }, counting);
    expect(rows).toEqual([
      { productId: 'shirt', variantId: 'S', change: { type: 'set', quantity: null } },
      { productId: 'shirt', variantId: 'M', change: { type: 'set', quantity: null } },
    ]);
  });

  const weeks: [string, string, string, string[]][] = [
    [
      'the clocks go forward',
      '2026-03-27',
      '2026-03-31',
      ['2026-03-27', '2026-03-28', '2026-03-29', '2026-03-30', '2026-03-31'],
    ],
    ['the clocks go back', '2026-10-24', '2026-10-26', ['2026-10-24', '2026-10-25', '2026-10-26']],
    ['a leap day comes', '2028-02-28', '2028-03-01', ['2028-02-28', '2028-02-29', '2028-03-01']],
    ['the year ends', '2026-12-31', '2027-01-01', ['2026-12-31', '2027-01-01']],
    [
      'a date line was crossed (Samoa had no 30 December 2011)',
      '2011-12-29',
      '2011-12-31',
      ['2011-12-29', '2011-12-30', '2011-12-31'],
    ],
  ];
  it.each(weeks)('has every day of a range once where %s', (_, from, to, days) => {
    expect(datesOf({ from, to })).toEqual(days);
  });

  it('takes of all its days those of the weekdays', () => {
    expect(datesOf({ from: '2026-03-23', to: '2026-04-05', weekdays: [7] })).toEqual([
      '2026-03-29',
      '2026-04-05',
    ]);
    expect(datesOf({ from: '2026-10-19', to: '2026-11-01', weekdays: [6, 7] })).toEqual([
      '2026-10-24',
      '2026-10-25',
      '2026-10-31',
      '2026-11-01',
    ]);
    expect(datesOf({ list: ['2026-12-24', '2026-12-27'], weekdays: [4] })).toEqual(['2026-12-24']);
  });

  const wrong: [string, object, string][] = [
    ['no day', { dates: {} }, 'selection.dates has no day'],
    [
      'a mask that leaves nothing',
      { dates: { list: ['2026-12-24'], weekdays: [1] } },
      'selection.dates.weekdays leaves none of the days',
    ],
    ['half a range', { dates: { from: '2026-12-24' } }, 'selection.dates.to is missing'],
    [
      'a range turned round',
      { dates: { from: '2026-12-24', to: '2026-12-23' } },
      'selection.dates.to is before 2026-12-24',
    ],
    [
      'a range of ages',
      { dates: { from: '1970-01-01', to: '9998-12-31' } },
      'selection.dates.to is 2932532 days from the first',
    ],
    [
      'too many cells',
      {
        dates: { from: '2026-01-01', to: '2035-12-31' },
        products: [1, 2, 3].map((at) => ({ productId: `p${at}` })),
      },
      'selection is of 10956 cells',
    ],
    ['no number', { quantity: undefined }, 'selection says no number'],
    ['two numbers', { adjust: 1 }, 'selection says two numbers'],
  ];
  it.each(wrong)('is refused with %s', (_, selection, problem) => {
    const whole = { products: [{ productId: 'cake' }], quantity: 1, ...selection };
    expect(problemsOf(() => rowsOfSelection(whole, counting))).toEqual([problem]);
  });
});

describe('cells', () => {
  it('say one number each, and which ones do not is named', () => {
    expect(rowsOfCells([{ productId: 'a', variantId: null, date: null, quantity: 0, expected: 2 }])).toEqual([
      { productId: 'a', change: { type: 'set', quantity: 0 }, expected: 2 },
    ]);
    const cells = [
      { productId: 'a' },
      { productId: 'b', quantity: 1 },
      { productId: 'c', quantity: 1, adjust: 1 },
    ];
    expect(problemsOf(() => rowsOfCells(cells))).toEqual([
      'cells[0] says no number',
      'cells[2] says two numbers',
    ]);
  });
});
