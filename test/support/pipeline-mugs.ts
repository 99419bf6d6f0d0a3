/** Shops that sell mugs and nothing else. */

import type { Pipeline } from './pipeline.js';

/** @returns a function that makes a store of a test's own with mugs to sell */
export function mugsOf(
  shop: () => Pipeline,
): (storeId: string, free: number | null, holdMs?: number) => Promise<void> {
  return async (storeId, free, holdMs) => {
    if (holdMs !== undefined) await shop().store(storeId, { holdMs });
    await shop().product(storeId, 'mug');
    await shop().stock(storeId, { mug: free });
  };
}
