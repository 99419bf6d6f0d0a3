/** The three shops of the demo, what they count, and which of their numbers the view shows. */

import { stockKey, type Inventory, type StoreSettings } from '@holdfast/core';

/** Checkout holds the items for so long. Half an hour in real shops; short here, so that expiry is seen. */
export const HOLD_MS = 8_000;

export const BAKERY = 'sole-bakery';
export const FLASH_SALE = 'sneaker-drop';
export const PAPER = 'paper-and-ink';

export const SNEAKERS = 500;
export const CAKES_A_DATE = 40;
export const TARTS_A_KEY = 20;
export const LOAVES_A_DATE = 600;
export const TART_VARIANTS = ['apple', 'cherry'] as const;
type TartVariant = (typeof TART_VARIANTS)[number];

export interface DemoProduct {
  productId: string;
  title: string;
  inventory: Inventory;
  /** the title of each, by its id */
  variants?: Readonly<Record<string, string>>;
  /** units of each key; absent = left blank, so unlimited */
  units?: number;
}

export interface DemoShop {
  storeId: string;
  settings: StoreSettings;
  products: readonly DemoProduct[];
}

const dated: StoreSettings = { timeZone: 'Europe/Berlin', fulfillmentDates: true, holdMs: HOLD_MS };
const undated: StoreSettings = { timeZone: 'Europe/Berlin', fulfillmentDates: false, holdMs: HOLD_MS };

export const SHOPS: readonly DemoShop[] = [
  {
    storeId: BAKERY,
    settings: dated,
    products: [
      { productId: 'birthday-cake', title: 'Birthday cake', inventory: 'product', units: CAKES_A_DATE },
      {
        productId: 'fruit-tart',
        title: 'Fruit tart',
        inventory: 'variant',
        variants: { apple: 'Apple', cherry: 'Cherry' } satisfies Record<TartVariant, string>,
        units: TARTS_A_KEY,
      },
      { productId: 'rye-loaf', title: 'Rye loaf', inventory: 'product', units: LOAVES_A_DATE },
    ],
  },
  {
    storeId: FLASH_SALE,
    settings: undated,
    products: [{ productId: 'sneaker', title: 'Sneakers', inventory: 'product', units: SNEAKERS }],
  },
  {
    storeId: PAPER,
    settings: undated,
    products: [
      { productId: 'notebook', title: 'Notebook', inventory: 'product' },
      { productId: 'pen', title: 'Pen', inventory: 'product' },
      { productId: 'gift-card', title: 'Gift card', inventory: 'off' },
    ],
  },
];

export const SNEAKER_KEY = stockKey(FLASH_SALE, 'sneaker');

const DAYS = 28;
const DAY_MS = 24 * 60 * 60 * 1_000;

export interface BakeryDates {
  open: readonly string[];
  /** Sundays: nothing can be ordered for them */
  closed: readonly string[];
}

/** The four weeks after `now`, `YYYY-MM-DD`. @param now epoch ms */
export function datesAfter(now: number): BakeryDates {
  const dates = Array.from({ length: DAYS }, (_, day) =>
    new Date(now + (day + 1) * DAY_MS).toISOString().slice(0, 10),
  );
  return {
    open: dates.filter((date) => weekdayOf(date) !== SUNDAY),
    closed: dates.filter((date) => weekdayOf(date) === SUNDAY),
  };
}

const SUNDAY = 0;
const FRIDAY = 5;
const SATURDAY = 6;

function weekdayOf(date: string): number {
  return new Date(`${date}T12:00:00Z`).getUTCDay();
}

/** How much is asked for cakes and tarts of each date, against the others: most for the next, and for Saturdays. */
export function demandFor(dates: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    dates.map((date, at) => {
      const weekday = weekdayOf(date);
      return [date, at === 0 ? 8 : weekday === SATURDAY ? 6 : weekday === FRIDAY ? 2 : 1];
    }),
  );
}

/** A row of the view: one stock key, or several added up. */
export interface Headline {
  label: string;
  stockKeys: readonly string[];
}

export function headlines(dates: readonly string[]): Headline[] {
  return [
    { label: 'Sneakers, flash sale', stockKeys: [SNEAKER_KEY] },
    ...busiest(dates).map((date) => ({
      label: `Birthday cakes, ${dayOf(date)}`,
      stockKeys: [stockKey(BAKERY, 'birthday-cake', undefined, date)],
    })),
    ...TART_VARIANTS.map((variant) => ({
      label: `Fruit tarts, ${variant}, 4 weeks`,
      stockKeys: dates.map((date) => stockKey(BAKERY, 'fruit-tart', variant, date)),
    })),
    {
      label: 'Rye loaves, 4 weeks',
      stockKeys: dates.map((date) => stockKey(BAKERY, 'rye-loaf', undefined, date)),
    },
    { label: 'Notebooks, not limited', stockKeys: [stockKey(PAPER, 'notebook')] },
  ];
}

/** The next date, and the first Saturday after it. */
function busiest(dates: readonly string[]): string[] {
  const saturday = dates.findIndex((date, at) => at > 0 && weekdayOf(date) === SATURDAY);
  return dates.filter((_, at) => at === 0 || at === saturday);
}

/** `Sat 21 Mar` */
export function dayOf(date: string): string {
  const [weekday = '', day = '', month = ''] = new Date(`${date}T12:00:00Z`).toUTCString().split(/,? /);
  return `${weekday} ${Number(day)} ${month}`;
}
