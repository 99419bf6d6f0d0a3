/** What is counted anew when settings change, and so has no number yet. */

import type { CellChange, Inventory, Product, Variant } from '../api/types.js';
import { MAX_CELLS, parseEntry } from '../calendar/changes.js';
import { datesBetween, isDate } from '../calendar/dates.js';

export interface NewKey {
  /** `product/variant` */
  id: string;
  productId: string;
  variantId: string | null;
  label: string;
}

interface Counting {
  inventory: Inventory;
  variants: readonly Variant[] | null;
}

/** @param before undefined: a new product */
export function newVariants(before: Counting | undefined, after: Counting): (string | null)[] {
  if (after.inventory === 'off') return [];
  if (after.inventory === 'product') return before?.inventory === 'product' ? [] : [null];
  const known = new Set(
    before?.inventory === 'variant' ? (before.variants ?? []).map(({ variantId }) => variantId) : [],
  );
  return (after.variants ?? []).map(({ variantId }) => variantId).filter((id) => !known.has(id));
}

/** Everything that is counted now: what turning fulfillment dates on or off makes anew. */
export function countedKeys(
  products: readonly Product[],
  label: (product: Product, variant: Variant | null) => string,
) {
  return products.flatMap((product): NewKey[] => {
    const { productId } = product;
    if (product.inventory === 'off') return [];
    if (product.inventory === 'product') {
      return [{ id: `${productId}/-`, productId, variantId: null, label: label(product, null) }];
    }
    return (product.variants ?? []).map((variant) => ({
      id: `${productId}/${variant.variantId}`,
      productId,
      variantId: variant.variantId,
      label: label(product, variant),
    }));
  });
}

export interface Numbers {
  /** what was typed, by key; absent: nothing was said yet */
  texts: ReadonlyMap<string, string>;
  from: string;
  to: string;
  /** none is said now: unlimited until then */
  isLater: boolean;
}

export type NumbersFault =
  { kind: 'missing' | 'wrong'; keys: readonly NewKey[] } | { kind: 'dates' } | { kind: 'too-many' };

/** The numbers as they are sent with the settings. Unlimited is said too: it is then meant; later says nothing. */
export function cellsOf(
  keys: readonly NewKey[],
  { texts, from, to, isLater }: Numbers,
  isDated: boolean,
): { cells: CellChange[] } | { fault: NumbersFault } {
  if (isLater) return { cells: [] };
  const missing = keys.filter(({ id }) => !texts.has(id));
  if (missing.length > 0) return { fault: { kind: 'missing', keys: missing } };
  const entries = keys.map((key) => ({ key, entry: parseEntry(texts.get(key.id) ?? '') }));
  const wrong = entries.filter(({ entry }) => entry.kind !== 'set');
  if (wrong.length > 0) return { fault: { kind: 'wrong', keys: wrong.map(({ key }) => key) } };
  if (isDated && (!isDate(from) || !isDate(to) || from > to)) return { fault: { kind: 'dates' } };
  const dates = isDated ? datesBetween(from, to) : [undefined];
  if (dates.length * keys.length > MAX_CELLS) return { fault: { kind: 'too-many' } };
  const cells = entries.flatMap(({ key: { productId, variantId }, entry }) =>
    dates.map((date) => ({
      productId,
      ...(variantId !== null && { variantId }),
      ...(date !== undefined && { date }),
      quantity: entry.kind === 'set' ? entry.quantity : null,
    })),
  );
  return { cells };
}
