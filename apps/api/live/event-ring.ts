/** The last events, in order of arrival, so that a reader who was away for a moment misses none. Bounded. */

export interface LiveEvent {
  partition: number;
  offset: number;
  storeId: string;
  /** as it goes over the wire */
  frame: string;
}

export class EventRing {
  /** the oldest first; those before `#first` are gone */
  #events: LiveEvent[] = [];
  #first = 0;
  #bytes = 0;
  /** by partition: everything recorded from this offset on is still here */
  readonly #from = new Map<number, number>();

  constructor(
    private readonly maxEvents: number,
    private readonly maxBytes: number,
  ) {}

  get size(): number {
    return this.#events.length - this.#first;
  }

  add(event: LiveEvent): void {
    this.#events.push(event);
    this.#bytes += event.frame.length;
    while (this.size > 1 && (this.size > this.maxEvents || this.#bytes > this.maxBytes)) this.#evict();
    if (this.#first > 1_024 && this.#first * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#first);
      this.#first = 0;
    }
  }

  clear(): void {
    this.#events = [];
    this.#first = 0;
    this.#bytes = 0;
    this.#from.clear();
  }

  /** Whether nothing of the partition at or behind this offset has been dropped. */
  covers(partition: number, offset: number): boolean {
    return offset >= (this.#from.get(partition) ?? 0);
  }

  /** A store's events of one partition behind an offset. */
  after(storeId: string, partition: number, offset: number): LiveEvent[] {
    const found: LiveEvent[] = [];
    for (let at = this.#first; at < this.#events.length; at++) {
      const event = this.#events[at] as LiveEvent;
      if (event.offset > offset && event.storeId === storeId && event.partition === partition) {
        found.push(event);
      }
    }
    return found;
  }

  #evict(): void {
    const { partition, offset, frame } = this.#events[this.#first] as LiveEvent;
    this.#events[this.#first] = undefined as never;
    this.#first += 1;
    this.#bytes -= frame.length;
    this.#from.set(partition, offset + 1);
  }
}
