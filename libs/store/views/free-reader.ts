/** What is left of stock keys. Questions that come while a read is under way share the next one. */

import { isLeft } from '../documents/damage.js';
import type { Database } from '../database/database.js';
import type { StockDoc } from '../documents/documents.js';
import { faultOf } from '../database/faults.js';

export interface FreeSource {
  /** By key; null = unlimited. A key that has no document is left out: it is unlimited too. */
  freeOf(keys: readonly string[]): Promise<ReadonlyMap<string, number | null>>;
}

/** The same for the keys of one store. */
export interface StoreFreeSource {
  freeOf(storeId: string, keys: readonly string[]): Promise<ReadonlyMap<string, number | null>>;
}

interface Asked {
  keys: readonly string[];
  resolve: (free: ReadonlyMap<string, number | null>) => void;
  reject: (error: unknown) => void;
}

export class FreeReader implements FreeSource {
  readonly #asked: Asked[] = [];
  #reading = 0;

  constructor(
    private readonly database: Database,
    /** reads at the same time */
    private readonly maxReads = 4,
  ) {}

  /** @throws TransientFault when the database is away */
  freeOf(keys: readonly string[]): Promise<ReadonlyMap<string, number | null>> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ keys, resolve, reject });
      this.#readNext();
    });
  }

  #readNext(): void {
    if (this.#reading >= this.maxReads || this.#asked.length === 0) return;
    this.#reading += 1;
    const asked = this.#asked.splice(0);
    void this.#read(asked).finally(() => {
      this.#reading -= 1;
      this.#readNext();
    });
  }

  /** Settles every question; never rejects itself. */
  async #read(asked: readonly Asked[]): Promise<void> {
    try {
      const keys = [...new Set(asked.flatMap((one) => one.keys))].sort();
      const docs = await this.database.stock
        .find<Pick<StockDoc, '_id' | 'free'>>(
          { _id: { $in: keys } },
          { projection: { free: 1 }, batchSize: keys.length + 1 },
        )
        .toArray();
      // What is no number cannot be ordered, as the guard of an order's statement has it.
      const free = new Map(docs.map(({ _id, free: left }) => [_id, isLeft(left) ? left : 0]));
      for (const { resolve } of asked) resolve(free);
    } catch (error) {
      for (const { reject } of asked) reject(faultOf(error));
    }
  }
}
