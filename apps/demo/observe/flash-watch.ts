/** Looks at the flash sale's stock again and again: more than there is must never be promised. Pure. */

import type { StockNumbers } from './database-look.js';

export interface FlashFindings {
  looks: number;
  /** most units held, sold and refunded at any look */
  mostPromised: number;
  /** looks at which the four numbers did not add up to what there is, or one of them was below 0 */
  wrongLooks: number;
}

export class FlashWatch {
  #looks = 0;
  #mostPromised = 0;
  #wrongLooks = 0;

  /** @param units how many there are; nobody changes that during the run */
  constructor(private readonly units: number) {}

  look({ free, held, sold, refunded }: StockNumbers): void {
    this.#looks += 1;
    const promised = held + sold + refunded;
    this.#mostPromised = Math.max(this.#mostPromised, promised);
    const isRight =
      free !== null && Math.min(free, held, sold, refunded) >= 0 && free + promised === this.units;
    if (!isRight) this.#wrongLooks += 1;
  }

  get findings(): FlashFindings {
    return { looks: this.#looks, mostPromised: this.#mostPromised, wrongLooks: this.#wrongLooks };
  }
}
