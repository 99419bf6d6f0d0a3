/** Products as people see them, with their titles. Nothing that counts depends on those. */

import type { Inventory } from '@holdfast/core';
import type { ProductDoc } from '../documents/documents.js';

export interface ProductView {
  productId: string;
  title: string | null;
  inventory: Inventory;
  /** null: any may be ordered */
  variants: { variantId: string; title: string | null }[] | null;
}

export function productView({
  productId,
  title,
  inventory,
  variants,
  variantTitles,
}: ProductDoc): ProductView {
  const titles = new Map(variantTitles?.map((each) => [each.variantId, each.title]));
  return {
    productId,
    title: title ?? null,
    inventory,
    variants: variants?.map((variantId) => ({ variantId, title: titles.get(variantId) ?? null })) ?? null,
  };
}
