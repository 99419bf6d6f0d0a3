/**
 * Whether enough is expected of a key, so that it is not read: of two keys an order, reading them is a tenth of what a batch
 * costs, and the guard of their statement finds out as well. When it does not hold, the batch is tried again with all keys
 * read, and of those that were short, blank or not there nothing is expected any more: one that is sold out, or unlimited,
 * mostly stays so.
 */

import type { StockChange } from '@holdfast/core';
import type { Database } from '../database/database.js';
import { shortAmong } from './guard-misses.js';

/** Some 5 MB. A process that has met more is better off reading always. */
const MOST_DOUBTFUL = 50_000;

export class EnoughStock {
  readonly #doubtful = new Set<string>();

  get isExpected(): boolean {
    return this.#doubtful.size < MOST_DOUBTFUL;
  }

  /** Absent where none is. */
  get isDoubtful(): ((stockKey: string) => boolean) | undefined {
    const doubtful = this.#doubtful;
    return doubtful.size === 0 ? undefined : (stockKey) => doubtful.has(stockKey);
  }

  doubt(stockKeys: readonly string[]): void {
    for (const stockKey of stockKeys) this.#doubtful.add(stockKey);
  }

  /** @param changes whose guards did not all hold */
  async missed(database: Database, changes: readonly StockChange[]): Promise<void> {
    this.doubt((await shortAmong(database, changes)).map(({ stockKey }) => stockKey));
  }
}
