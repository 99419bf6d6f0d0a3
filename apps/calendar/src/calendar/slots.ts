/** What the shop counts: a product, or each of its variants; and the numbers of it on a date. */

import type { Balances, CellChange, Place, Product, StockCell } from '../api/types.js';

export interface Slot {
  /** `product/variant`, `-` for none */
  id: string;
  productId: string;
  variantId: string | null;
  product: string;
  /** null for a product that is counted as a whole */
  variant: string | null;
  /** false: counted no longer, but something of it is still held, sold or refunded */
  counted: boolean;
}

/** by `product/variant/date` */
export type Stock = ReadonlyMap<string, StockCell>;

export const BLANK: Balances = { free: null, held: 0, sold: 0, refunded: 0, total: null, version: 0 };

export function keyOf({ productId, variantId, date }: Place): string {
  return `${productId}/${variantId ?? '-'}/${date ?? '-'}`;
}

export function placeOf(slot: Slot, date: string | null): Place {
  return { productId: slot.productId, variantId: slot.variantId, date };
}

/** As a change names it. */
export function named({ productId, variantId, date }: Place): CellChange {
  return { productId, ...(variantId !== null && { variantId }), ...(date !== null && { date }) };
}

export function stockOf(cells: readonly StockCell[]): Stock {
  return new Map(cells.map((cell) => [keyOf(cell), cell]));
}

/** A tracked product without numbers is blank: unlimited. */
export function balancesAt(stock: Stock, slot: Slot, date: string | null): Balances {
  return stock.get(keyOf(placeOf(slot, date))) ?? BLANK;
}

/** Products that are counted, with their variants in order; then what is counted no longer and not over yet. */
export function slotsOf(products: readonly Product[], cells: Iterable<StockCell>): Slot[] {
  const slots = new Map<string, Slot>();
  const add = (product: Product, variantId: string | null, counted: boolean): void => {
    const id = `${product.productId}/${variantId ?? '-'}`;
    if (slots.has(id)) return;
    const variant = product.variants?.find((one) => one.variantId === variantId);
    slots.set(id, {
      id,
      productId: product.productId,
      variantId,
      product: titleOf(product),
      variant: variantId === null ? null : (variant?.title ?? variantId),
      counted,
    });
  };
  for (const product of products) {
    if (product.inventory === 'product') add(product, null, true);
    if (product.inventory === 'variant') {
      for (const { variantId } of product.variants ?? []) add(product, variantId, true);
    }
  }
  const byId = new Map(products.map((product) => [product.productId, product]));
  const late = [...cells].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  for (const cell of late) {
    const product = byId.get(cell.productId);
    if (!product) continue;
    const counted = product.inventory === 'variant' && !product.variants && cell.variantId !== null;
    if (counted || cell.held + cell.sold + cell.refunded > 0) add(product, cell.variantId, counted);
  }
  const order = new Map(products.map((product, at) => [product.productId, at]));
  const place = (slot: Slot): number => order.get(slot.productId) ?? 0;
  return [...slots.values()].sort((a, b) => place(a) - place(b));
}

/** Titles of what can always be ordered, on any date, because its inventory is off. */
export function uncounted(products: readonly Product[]): string[] {
  return products.filter(({ inventory }) => inventory === 'off').map(titleOf);
}

export function titleOf({ title, productId }: Pick<Product, 'title' | 'productId'>): string {
  return title === null || title === '' ? productId : title;
}

export interface ProductSlots {
  productId: string;
  title: string;
  slots: Slot[];
}

export function byProduct(slots: readonly Slot[]): ProductSlots[] {
  const groups = new Map<string, ProductSlots>();
  for (const slot of slots) {
    const known = groups.get(slot.productId);
    if (known) known.slots.push(slot);
    else groups.set(slot.productId, { productId: slot.productId, title: slot.product, slots: [slot] });
  }
  return [...groups.values()];
}
