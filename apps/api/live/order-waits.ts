/**
 * Waiting for an order to be decided, without asking the database again and again: whoever waits is woken by the
 * order's outcome on Kafka, and looks once more.
 */

import { orderKey } from '@holdfast/core';
import type { LiveFeed } from './live-feed.js';

export interface WaitOptions {
  waitMs: number;
  /** aborts when the one who asked has gone */
  signal: AbortSignal;
}

/** As many wait as may. */
export class TooManyWaiting extends Error {
  override name = 'TooManyWaiting';
}

interface Waiter {
  wasWoken: boolean;
  wake: () => void;
}

interface StoreWaits {
  byOrder: Map<string, Set<Waiter>>;
  stopListening: () => void;
}

export class OrderWaits {
  readonly #stores = new Map<string, StoreWaits>();
  readonly #stopped = new AbortController();
  #waiting = 0;

  constructor(
    private readonly feed: LiveFeed,
    private readonly maxWaiting: number,
  ) {}

  get waiting(): number {
    return this.#waiting;
  }

  /** Whoever waits is answered with what there is. */
  stop(): void {
    this.#stopped.abort();
  }

  /**
   * Looks, and when there is nothing yet, looks again whenever something has happened to the order.
   * @returns what `look` found; undefined when the time is over or nobody waits any more
   * @throws TooManyWaiting; whatever `look` throws
   */
  async until<T>(
    storeId: string,
    orderId: string,
    look: () => Promise<T | undefined>,
    { waitMs, signal }: WaitOptions,
  ): Promise<T | undefined> {
    const endsAt = performance.now() + waitMs;
    // Before the first look: what happens meanwhile is not missed.
    const { waiter, leave } = this.#enter(storeId, orderId);
    try {
      const found = await look();
      if (found !== undefined || waitMs <= 0) return found;
      if (this.#waiting >= this.maxWaiting) throw new TooManyWaiting(`${this.#waiting} wait already`);
      this.#waiting += 1;
      try {
        return await this.#wait(waiter, look, endsAt, AbortSignal.any([signal, this.#stopped.signal]));
      } finally {
        this.#waiting -= 1;
      }
    } finally {
      leave();
    }
  }

  async #wait<T>(
    waiter: Waiter,
    look: () => Promise<T | undefined>,
    endsAt: number,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    for (;;) {
      const left = endsAt - performance.now();
      if (signal.aborted) return undefined;
      // The last look is for what the feed could not tell, had it been away.
      if (left <= 0) return look();
      await wokenWithin(waiter, left, signal);
      if (!waiter.wasWoken) continue;
      waiter.wasWoken = false;
      const found = await look();
      if (found !== undefined) return found;
    }
  }

  #enter(storeId: string, orderId: string): { waiter: Waiter; leave: () => void } {
    const waiter: Waiter = { wasWoken: false, wake: () => {} };
    const key = orderKey({ storeId, orderId });
    const store = this.#storeWaits(storeId);
    const waiters = store.byOrder.get(key) ?? new Set();
    store.byOrder.set(key, waiters.add(waiter));
    const leave = (): void => {
      waiters.delete(waiter);
      if (waiters.size === 0 && store.byOrder.get(key) === waiters) store.byOrder.delete(key);
      if (store.byOrder.size > 0 || this.#stores.get(storeId) !== store) return;
      store.stopListening();
      this.#stores.delete(storeId);
    };
    return { waiter, leave };
  }

  #storeWaits(storeId: string): StoreWaits {
    const known = this.#stores.get(storeId);
    if (known) return known;
    const byOrder: StoreWaits['byOrder'] = new Map();
    const stopListening = this.feed.listen(storeId, {
      onOutcome: ({ orderId }) => {
        if (orderId === undefined) return;
        for (const waiter of byOrder.get(orderKey({ storeId, orderId })) ?? []) wake(waiter);
      },
      onReset: () => {
        for (const waiters of byOrder.values()) for (const waiter of waiters) wake(waiter);
      },
    });
    const store: StoreWaits = { byOrder, stopListening };
    this.#stores.set(storeId, store);
    return store;
  }
}

function wake(waiter: Waiter): void {
  waiter.wasWoken = true;
  waiter.wake();
}

/** Resolves when the waiter is woken, or was since it last looked; when the time is over; when nobody waits. */
function wokenWithin(waiter: Waiter, ms: number, signal: AbortSignal): Promise<void> {
  if (waiter.wasWoken || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      waiter.wake = () => {};
      resolve();
    };
    const timer = setTimeout(done, Math.ceil(ms));
    signal.addEventListener('abort', done, { once: true });
    waiter.wake = done;
  });
}
