export interface Turns {
  /** Resolves when it is one's turn. */
  acquire(): Promise<void>;
  release(): void;
}

/** Always everybody's. */
export const noTurns: Turns = { acquire: () => Promise.resolve(), release: () => undefined };

/** So many at once, first come first served. */
export class Semaphore implements Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(permits: number) {
    this.#free = permits;
  }

  async acquire(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
