/** What the API warns of, in the merchant's words: by title, not by stock key. */

import type { Product, Variant, Warning } from '../api/types.js';
import { titleOf } from '../calendar/slots.js';
import { slotName } from '../calendar/names.js';
import { strings } from '../strings.js';

export function warningTexts(
  warnings: readonly Warning[],
  products: readonly Product[],
  isDated: boolean,
): string[] {
  return warnings.map(({ code, productId, variantId, numberedDates, message }) => {
    const product = products.find((one) => one.productId === productId);
    if (code !== 'unlimited' || !product) return message;
    const isAnyVariant = product.inventory === 'variant' && product.variants === null;
    if (isAnyVariant) return strings.numbers.anyVariantUnlimited(titleOf(product));
    const name = slotName({ product: titleOf(product), variant: nameOf(product.variants, variantId) });
    return strings.numbers.stillUnlimited(name, isDated, numberedDates?.length ?? 0);
  });
}

function nameOf(variants: readonly Variant[] | null, variantId: string | null | undefined): string | null {
  if (variantId === null || variantId === undefined) return null;
  return variants?.find((one) => one.variantId === variantId)?.title || variantId;
}
