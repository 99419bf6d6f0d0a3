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
export const LOAVES_A_DATE = 4_000;
export const TART_VARIANTS = ['apple', 'cherry'] as const;

export interface DemoProduct {
  productId: string;
  inventory: Inventory;
  variants?: readonly string[];
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
      { productId: 'birthday-cake', inventory: 'product', units: CAKES_A_DATE },
      { productId: 'fruit-tart', inventory: 'variant', variants: TART_VARIANTS, units: TARTS_A_KEY },
      { productId: 'rye-loaf', inventory: 'product', units: LOAVES_A_DATE },
    ],
  },
  {
    storeId: FLASH_SALE,
    settings: undated,
    products: [{ productId: 'sneaker', inventory: 'product', units: SNEAKERS }],
  },
  {
    storeId: PAPER,
    settings: undated,
    products: [
      { productId: 'notebook', inventory: 'product' },
      { productId: 'pen', inventory: 'product' },
      { productId: 'gift-card', inventory: 'off' },
    ],
  },
];

export const SNEAKER_KEY = stockKey(FLASH_SALE, 'sneaker');

/** The three days after `now`, `YYYY-MM-DD`. @param now epoch ms */
export function datesAfter(now: number): string[] {
  const dayMs = 24 * 60 * 60 * 1_000;
  return [1, 2, 3].map((days) => new Date(now + days * dayMs).toISOString().slice(0, 10));
}

/** A row of the view: one stock key, or several added up. */
export interface Headline {
  label: string;
  stockKeys: readonly string[];
}

export function headlines(dates: readonly string[]): Headline[] {
  return [
    { label: 'Sneakers, flash sale', stockKeys: [SNEAKER_KEY] },
    ...dates.map((date) => ({
      label: `Birthday cakes, ${dayOf(date)}`,
      stockKeys: [stockKey(BAKERY, 'birthday-cake', undefined, date)],
    })),
    ...TART_VARIANTS.map((variant) => ({
      label: `Fruit tarts, ${variant}, 3 days`,
      stockKeys: dates.map((date) => stockKey(BAKERY, 'fruit-tart', variant, date)),
    })),
    {
      label: 'Rye loaves, 3 days',
      stockKeys: dates.map((date) => stockKey(BAKERY, 'rye-loaf', undefined, date)),
    },
    { label: 'Notebooks, not limited', stockKeys: [stockKey(PAPER, 'notebook')] },
  ];
}

/** `Sat 21 Mar` */
export function dayOf(date: string): string {
  const [weekday = '', day = '', month = ''] = new Date(`${date}T12:00:00Z`).toUTCString().split(/,? /);
  return `${weekday} ${Number(day)} ${month}`;
}
