/** What merchants decide about counting, and which key a line counts against because of it. */

import { stockKey } from './stock-key.js';
import type { Line } from './line.js';

export const DEFAULT_HOLD_MINUTES = 30;

export interface StoreSettings {
  /** IANA zone, e.g. `Europe/Berlin` */
  timeZone: string;
  /** true: stock is kept per calendar date */
  fulfillmentDates: boolean;
  holdMs: number;
}

export type Inventory = 'off' | 'product' | 'variant';

export interface ProductSettings {
  inventory: Inventory;
  /** when listed, a variant outside the list is refused */
  variants?: readonly string[];
  /** that of the product without variant and date, for who asks often: a key that is made once is also hashed once */
  stockKey?: string;
}

export const DEFAULT_STORE: Readonly<StoreSettings> = Object.freeze({
  timeZone: 'UTC',
  fulfillmentDates: false,
  holdMs: DEFAULT_HOLD_MINUTES * 60_000,
});

/** Reasons of refusal. The first that fits, in this order, is the reason of the order. */
export const REFUSAL_REASONS = [
  'date-required',
  'variant-required',
  'unknown-variant',
  'not-enough-stock',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export type Counting =
  | { counted: false }
  | { counted: true; stockKey: string }
  | { refused: Exclude<RefusalReason, 'not-enough-stock'> };

const NOT_COUNTED: Counting = { counted: false };

/** Which key a line counts against. A product Holdfast was never told of is not counted. */
export function countingOf(
  storeId: string,
  line: Line,
  store: StoreSettings,
  product: ProductSettings | undefined,
): Counting {
  if (product === undefined || product.inventory === 'off') return NOT_COUNTED;
  if (store.fulfillmentDates && line.fulfillmentDate === undefined) return { refused: 'date-required' };
  if (product.inventory === 'variant' && line.variantId === undefined) return { refused: 'variant-required' };
  if (line.variantId !== undefined && product.variants && !product.variants.includes(line.variantId)) {
    return { refused: 'unknown-variant' };
  }
  const variantId = product.inventory === 'variant' ? line.variantId : undefined;
  const date = store.fulfillmentDates ? line.fulfillmentDate : undefined;
  const isPlain = variantId === undefined && date === undefined;
  const known = isPlain ? product.stockKey : undefined;
  return { counted: true, stockKey: known ?? stockKey(storeId, line.productId, variantId, date) };
}
