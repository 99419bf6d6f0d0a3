/**
 * Lets batches of one process that touch the same stores run one after the other instead of against each
 * other. A write conflict costs a whole batch; waiting here costs nothing. With messages keyed by store, lanes
 * never meet here. Between processes the database's own conflict detection does the same, dearer.
 */

interface Waiter {
  stores: ReadonlySet<string>;
  enter: () => void;
}

export class StoreGate {
  readonly #busy = new Set<string>();
  readonly #waiting: Waiter[] = [];

  /** Resolves, first come first served, when none of the stores is in use; call the result to leave. */
  async enter(stores: ReadonlySet<string>): Promise<() => void> {
    await new Promise<void>((enter) => {
      this.#waiting.push({ stores, enter });
      this.#admit();
    });
    return () => {
      for (const store of stores) this.#busy.delete(store);
      this.#admit();
    };
  }

  #admit(): void {
    // Stores that an earlier waiter wants are kept for it, or a wide batch would starve.
    const spoken = new Set<string>();
    for (let at = 0; at < this.#waiting.length;) {
      const waiter = this.#waiting[at] as Waiter;
      const free = [...waiter.stores].every((store) => !this.#busy.has(store) && !spoken.has(store));
      if (free) {
        this.#waiting.splice(at, 1);
        for (const store of waiter.stores) this.#busy.add(store);
        waiter.enter();
      } else {
        for (const store of waiter.stores) spoken.add(store);
        at += 1;
      }
    }
  }
}
