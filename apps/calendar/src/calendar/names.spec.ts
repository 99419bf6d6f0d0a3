import type { Product, StockCell } from '../api/types.js';
import { dayLabel, nameIn } from './names.js';
import { byProduct, slotsOf, stockOf } from './slots.js';

const cell = (
  productId: string,
  variantId: string | null,
  free: number | null,
  held = 0,
  sold = 0,
): StockCell => ({
  productId,
  variantId,
  date: '2026-12-24',
  free,
  held,
  sold,
  refunded: 0,
  total: null,
  version: 1,
});
const products: Product[] = [
  { productId: 'stollen', title: 'Stollen', inventory: 'product', variants: null },
  {
    productId: 'cake',
    title: 'Cake',
    inventory: 'variant',
    variants: [
      { variantId: 's', title: 'Small' },
      { variantId: 'l', title: 'Large' },
    ],
  },
];

describe('what a screen reader says of a day', () => {
  it('names the day, and of each product what is left, held and sold', () => {
    const cells = [cell('stollen', null, 12, 3, 25), cell('cake', 's', 0, 0, 4), cell('cake', 'l', 5)];
    const stock = stockOf(cells);
    const groups = byProduct(slotsOf(products, cells));
    expect(dayLabel('2026-12-24', groups, stock, false)).toBe(
      'Thursday 24 December, Stollen: 12 left, 3 held, 25 sold; Cake: 5 left, 4 sold (Small sold out, Large 5 left)',
    );
    expect(dayLabel('2026-12-25', groups, stock, true)).toBe(
      'Today, Friday 25 December, Stollen: unlimited; Cake: unlimited',
    );
  });
});

describe('a place', () => {
  it('is named by product, variant and day', () => {
    const name = nameIn(slotsOf(products, []), '2026-11-24');
    expect(name({ productId: 'cake', variantId: 'l', date: '2026-12-24' })).toBe('Cake, Large, Thu 24 Dec');
    expect(name({ productId: 'stollen', variantId: null, date: '2027-01-02' })).toBe(
      'Stollen, Sat 2 Jan 2027',
    );
    expect(name({ productId: 'gone', variantId: 'x', date: null })).toBe('gone, x');
  });
});
