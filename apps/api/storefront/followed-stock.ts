/**
 * What is left, remembered, and kept up to date by the live feed: an outcome on Kafka that touches a remembered key
 * has it read anew, many keys at a time, while questions go on being answered with what is known. So a question
 * waits for the database only the first time, and the answer is as late as the outcome on Kafka and one read.
 * While the feed reads nothing, every question goes to the database.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { FreeSource, StoreFreeSource } from '@holdfast/store';
import type { StockOutcome } from '@holdfast/contracts';
import type { LiveFeed } from '../live/live-feed.js';

interface Cell {
  /** undefined: known to have no document */
  free: number | null | undefined;
  /** by the store's count of changes: of when it was read, and of what touched it last */
  readAt: number;
  touchedAt: number;
  /** by `performance.now()` */
  askedAt: number;
}

interface FollowedStore {
  storeId: string;
  cells: Map<string, Cell>;
  /** those that were touched since they were read */
  stale: Set<string>;
  changes: number;
  askedAt: number;
  stopListening: () => void;
}

/** Keys of one store that are read anew. */
interface Taken {
  store: FollowedStore;
  keys: string[];
  cells: Map<string, Cell>;
  changes: number;
}

export interface FollowedStockOptions {
  /** keys remembered of all stores; 200,000 unless given */
  maxKeys?: number;
  /** a key or store that nobody asked for so long is forgotten; 60,000 unless given */
  forgetAfterMs?: number;
}

/** Reads of what has changed are at least so far apart. */
const REFRESH_EVERY_MS = 50;
const MAX_REFRESHED = 5_000;

export class FollowedStock implements StoreFreeSource {
  readonly #stores = new Map<string, FollowedStore>();
  #keys = 0;
  #isRefreshing = false;

  constructor(
    private readonly feed: LiveFeed,
    private readonly source: FreeSource,
    private readonly options: FollowedStockOptions = {},
  ) {}

  /** @throws TransientFault when the database is away and a key is not known yet */
  async freeOf(storeId: string, keys: readonly string[]): Promise<ReadonlyMap<string, number | null>> {
    const now = performance.now();
    const store = this.#follow(storeId, now);
    if (!this.feed.isLive) return this.source.freeOf(keys);
    const free = new Map<string, number | null>();
    const missing: string[] = [];
    for (const key of keys) {
      const cell = store.cells.get(key);
      if (!cell || cell.readAt < 0) missing.push(key);
      else {
        cell.askedAt = now;
        if (cell.free !== undefined) free.set(key, cell.free);
      }
    }
    if (missing.length === 0) return free;
    for (const [key, left] of await this.#load(store, missing, now)) free.set(key, left);
    return free;
  }

  /** Ends listening to every store. */
  stop(): void {
    for (const store of [...this.#stores.values()]) this.#forget(store);
  }

  /** Listens from before the first read: what changes after it is not missed. */
  #follow(storeId: string, now: number): FollowedStore {
    const known = this.#stores.get(storeId);
    if (known) {
      known.askedAt = now;
      return known;
    }
    this.#forgetOld(now);
    const store: FollowedStore = {
      storeId,
      cells: new Map(),
      stale: new Set(),
      changes: 0,
      askedAt: now,
      stopListening: () => {},
    };
    store.stopListening = this.feed.listen(storeId, {
      onOutcome: (outcome) => this.#touch(store, outcome),
      onReset: () => this.#empty(store),
    });
    this.#stores.set(storeId, store);
    return store;
  }

  async #load(store: FollowedStore, keys: readonly string[], now: number) {
    if (this.#keys + keys.length > (this.options.maxKeys ?? 200_000)) this.#emptyAll();
    const { cells } = store;
    const changes = store.changes;
    for (const key of keys) {
      if (cells.has(key)) continue;
      cells.set(key, { free: undefined, readAt: -1, touchedAt: -1, askedAt: now });
      this.#keys += 1;
    }
    const free = await this.source.freeOf(keys);
    // Emptied meanwhile: what was read is an answer, and nothing to remember.
    if (store.cells === cells) this.#keep(store, keys, free, changes);
    return free;
  }

  #keep(
    store: FollowedStore,
    keys: readonly string[],
    free: ReadonlyMap<string, number | null>,
    changes: number,
  ): void {
    for (const key of keys) {
      const cell = store.cells.get(key);
      if (!cell || cell.readAt > changes) continue;
      cell.free = free.get(key);
      cell.readAt = changes;
      if (cell.touchedAt > changes) store.stale.add(key);
    }
    if (store.stale.size > 0) this.#refreshSoon();
  }

  #touch(store: FollowedStore, { deltas }: StockOutcome): void {
    store.changes += 1;
    const forgetBefore = performance.now() - (this.options.forgetAfterMs ?? 60_000);
    for (const { stockKey } of deltas) {
      const cell = store.cells.get(stockKey);
      if (!cell) continue;
      if (cell.askedAt < forgetBefore) {
        store.cells.delete(stockKey);
        this.#keys -= 1;
        continue;
      }
      cell.touchedAt = store.changes;
      if (cell.readAt >= 0) store.stale.add(stockKey);
    }
    if (store.stale.size > 0) this.#refreshSoon();
  }

  #refreshSoon(): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    void this.#refreshAll().finally(() => {
      this.#isRefreshing = false;
    });
  }

  /** Reads until nothing is stale. Never rejects: what cannot be read is forgotten, and so read when asked for. */
  async #refreshAll(): Promise<void> {
    for (;;) {
      const taken: Taken[] = [];
      let room = MAX_REFRESHED;
      for (const store of this.#stores.values()) {
        if (store.stale.size === 0 || room <= 0) continue;
        const keys = [...store.stale].slice(0, room);
        room -= keys.length;
        for (const key of keys) store.stale.delete(key);
        taken.push({ store, keys, cells: store.cells, changes: store.changes });
      }
      if (taken.length === 0) return;
      await this.#refresh(taken);
      await delay(REFRESH_EVERY_MS);
    }
  }

  async #refresh(taken: readonly Taken[]): Promise<void> {
    try {
      const free = await this.source.freeOf(taken.flatMap(({ keys }) => keys));
      for (const { store, keys, cells, changes } of taken) {
        if (store.cells === cells) this.#keep(store, keys, free, changes);
      }
    } catch {
      for (const { store } of taken) this.#empty(store);
    }
  }

  #forgetOld(now: number): void {
    const before = now - (this.options.forgetAfterMs ?? 60_000);
    for (const store of [...this.#stores.values()]) if (store.askedAt < before) this.#forget(store);
  }

  #forget(store: FollowedStore): void {
    store.stopListening();
    this.#empty(store);
    this.#stores.delete(store.storeId);
  }

  #emptyAll(): void {
    for (const store of this.#stores.values()) this.#empty(store);
  }

  #empty(store: FollowedStore): void {
    this.#keys -= store.cells.size;
    store.cells = new Map();
    store.stale.clear();
  }
}
