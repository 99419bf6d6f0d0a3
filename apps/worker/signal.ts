/** Wakes one waiting loop; a wake that comes while nobody waits is kept for the next wait. */
export class Signal {
  #raised = false;
  #wake: (() => void) | undefined;

  raise(): void {
    this.#raised = true;
    this.#wake?.();
  }

  get isRaised(): boolean {
    return this.#raised;
  }

  /** What it told of is about to be seen to. */
  lower(): void {
    this.#raised = false;
  }

  /** Resolves when raised since the last wait, or after `atMostMs`. */
  async wait(atMostMs: number): Promise<void> {
    if (!this.#raised) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, atMostMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    this.#raised = false;
  }
}
