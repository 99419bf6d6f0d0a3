/**
 * Whether orders that are placed are looked for first. Nearly always they are new, and to look for thousands that are not
 * there costs a batch of a hot key some 6 % of its time; their insertion finds out as well, for what was known fails as a
 * duplicate key, and the batch is tried again with all of its orders read. Where topics are read again every batch
 * would be tried twice, so that for a while after such a find all are looked for.
 */

/** Batches whose placed orders must all have been new, one after the other, until that is expected of the next. */
const TO_BE_TRUSTED = 8;

export class NewOrders {
  #toBeTrusted = 0;

  get areExpected(): boolean {
    return this.#toBeTrusted === 0;
  }

  /** @param known whether an order that a batch placed was there already */
  lookedFor(known: boolean): void {
    this.#toBeTrusted = known ? TO_BE_TRUSTED : Math.max(0, this.#toBeTrusted - 1);
  }
}
