import { useCallback, useMemo } from 'react';
import { everything, products } from '../api/holdfast.js';
import type { OrderLine } from '../api/types.js';
import { titleOf } from '../calendar/slots.js';
import { useShop } from '../ui/shop.js';
import { useLoaded } from '../ui/use-loaded.js';
import { lineName } from './order-card.js';

/** Names lines of orders by the titles of products and variants. */
export function useLineNames(): (line: OrderLine) => string {
  const { store } = useShop();
  const { storeId } = store;
  const { value } = useLoaded(
    useCallback(() => everything((cursor) => products.list(storeId, cursor)), [storeId]),
  );
  return useMemo(() => {
    const titles = new Map<string, string>();
    for (const product of value ?? []) {
      titles.set(`${product.productId}/-`, titleOf(product));
      for (const { variantId, title } of product.variants ?? []) {
        if (title !== null && title !== undefined) titles.set(`${product.productId}/${variantId}`, title);
      }
    }
    return lineName(titles);
  }, [value]);
}
