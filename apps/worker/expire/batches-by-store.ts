/**
 * Due holds as batches that meet as little as possible: neighbours in the database go together, so that a batch
 * writes few pages and its keys share statements, and a store is in one batch where it fits.
 */

import type { DueHold } from '@holdfast/store';

/** @param size most holds of one batch */
export function batchesByStore(holds: readonly DueHold[], size: number): DueHold[][] {
  const stores = new Map<string, DueHold[]>();
  for (const hold of holds) {
    const own = stores.get(hold.storeId);
    if (own) own.push(hold);
    else stores.set(hold.storeId, [hold]);
  }
  const batches: DueHold[][] = [];
  let batch: DueHold[] = [];
  for (const storeId of [...stores.keys()].sort()) {
    let rest = stores.get(storeId) as DueHold[];
    if (batch.length > 0 && batch.length + rest.length > size) {
      batches.push(batch);
      batch = [];
    }
    for (; rest.length > size; rest = rest.slice(size)) batches.push(rest.slice(0, size));
    batch.push(...rest);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
