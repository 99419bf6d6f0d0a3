import type { DueHold } from '@holdfast/store';
import { batchesByStore } from './batches-by-store.js';

const hold = (storeId: string, number: number): DueHold => ({
  storeId,
  orderId: `o-${number}`,
  dueAt: number,
});
const holdsOf = (stores: Record<string, number>): DueHold[] =>
  Object.entries(stores).flatMap(([store, count]) =>
    Array.from({ length: count }, (_, at) => hold(store, at)),
  );
const shapes = (batches: DueHold[][]): string[] =>
  batches.map((batch) => [...new Set(batch.map(({ storeId }) => storeId))].join('+') + ` ${batch.length}`);

describe('due holds in batches', () => {
  it('keep a store together where it fits', () => {
    expect(shapes(batchesByStore(holdsOf({ c: 3, a: 4, b: 5, d: 1 }), 10))).toEqual(['a+b 9', 'c+d 4']);
  });

  it('divide a store that is larger than a batch, soonest first', () => {
    const batches = batchesByStore(holdsOf({ big: 25, small: 2 }), 10);
    expect(shapes(batches)).toEqual(['big 10', 'big 10', 'big+small 7']);
    expect(batches[0]?.map(({ dueAt }) => dueAt)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('are all of them, each once', () => {
    const holds = holdsOf({ a: 7, b: 1, c: 19, d: 10 });
    const all = batchesByStore(holds, 10).flat();
    expect(new Set(all)).toEqual(new Set(holds));
    expect(all).toHaveLength(holds.length);
  });

  it('are none when nothing is due', () => {
    expect(batchesByStore([], 10)).toEqual([]);
  });
});
