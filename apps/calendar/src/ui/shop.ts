import { createContext, useContext } from 'react';
import type { Store } from '../api/types.js';

export interface Shop {
  store: Store;
  /** settings have changed */
  update: (store: Store) => void;
  /** a key that may only look sees everything and changes nothing */
  canWrite: boolean;
}

export const ShopContext = createContext<Shop | undefined>(undefined);

export function useShop(): Shop {
  const shop = useContext(ShopContext);
  if (!shop) throw new Error('useShop is used outside of a shop');
  return shop;
}
