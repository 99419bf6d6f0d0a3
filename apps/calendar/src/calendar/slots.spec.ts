import type { Product, StockCell } from '../api/types.js';
import { levelOf, partsOf, together } from './balance.js';
import { balancesAt, byProduct, slotsOf, stockOf, uncounted } from './slots.js';

const cell = (productId: string, variantId: string | null, more: Partial<StockCell> = {}): StockCell => ({
  productId,
  variantId,
  date: '2026-12-24',
  free: 5,
  held: 0,
  sold: 0,
  refunded: 0,
  total: 5,
  version: 1,
  ...more,
});
const stollen: Product = { productId: 'stollen', title: 'Stollen', inventory: 'product', variants: null };
const cake: Product = {
  productId: 'cake',
  title: null,
  inventory: 'variant',
  variants: [{ variantId: 's', title: 'Small' }, { variantId: 'l' }],
};

describe('what is counted', () => {
  it('is the product, or each variant in the order listed', () => {
    expect(slotsOf([stollen, cake], []).map(({ product, variant }) => [product, variant])).toEqual([
      ['Stollen', null],
      ['cake', 'Small'],
      ['cake', 'l'],
    ]);
  });

  it('is nothing of a product whose inventory is off', () => {
    const off: Product = { ...stollen, inventory: 'off' };
    expect(slotsOf([off], [cell('stollen', null)])).toEqual([]);
    expect(uncounted([off, cake])).toEqual(['Stollen']);
  });

  it('stays in view while something of it is held, sold or refunded', () => {
    const slots = slotsOf(
      [{ ...stollen, inventory: 'off' }, cake],
      [cell('stollen', null, { sold: 1 }), cell('cake', null, { held: 2 }), cell('cake', 'old')],
    );
    expect(slots.map(({ id, counted }) => [id, counted])).toEqual([
      ['stollen/-', false],
      ['cake/s', true],
      ['cake/l', true],
      ['cake/-', false],
    ]);
  });

  it('is every variant that has a number when the product lists none', () => {
    const slots = slotsOf([{ ...cake, variants: null }], [cell('cake', 'xl')]);
    expect(slots.map(({ id, counted }) => [id, counted])).toEqual([['cake/xl', true]]);
  });

  it('is grouped by product', () => {
    expect(byProduct(slotsOf([stollen, cake], [])).map(({ slots }) => slots.length)).toEqual([1, 2]);
  });

  it('is unlimited where nothing was said', () => {
    const [slot] = slotsOf([stollen], []);
    if (!slot) throw new Error('no slot');
    expect(balancesAt(stockOf([]), slot, '2026-12-24')).toMatchObject({ free: null, version: 0 });
  });
});

describe('what numbers mean', () => {
  it.each([
    ['unlimited', { free: null }],
    ['plenty', { free: 12, sold: 20 }],
    ['low', { free: 3 }],
    ['low', { free: 9, sold: 91 }],
    ['none', { free: 0, held: 1, sold: 4 }],
    ['sold-out', { free: 0, sold: 4 }],
    ['unavailable', { free: 0 }],
  ])('%s', (level, balances) => {
    expect(levelOf(cell('stollen', null, balances))).toBe(level);
  });

  it('is unlimited together when one is', () => {
    const all = together([cell('a', null, { free: 2, held: 1 }), cell('b', null, { free: 3, sold: 4 })]);
    expect(all).toMatchObject({ free: 5, held: 1, sold: 4, total: 10 });
    expect(together([cell('a', null), cell('b', null, { free: null })]).free).toBeNull();
  });

  it('is drawn in parts that make up the whole', () => {
    const parts = partsOf(cell('a', null, { free: 12, held: 3, sold: 25 }));
    expect(parts.map(({ kind }) => kind)).toEqual(['sold', 'held', 'left']);
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(partsOf(cell('a', null, { free: 0 }))).toEqual([]);
  });
});
