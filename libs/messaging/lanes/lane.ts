/**
 * One lane for the time of one assignment: what arrives of its partition number is kept until the loop takes it,
 * as much as fits one batch, and one batch after the other. While a batch is applied the next one grows, and is
 * translated when the applier has nothing to do but wait.
 *
 * Why records of an older generation can do no harm. A lane object lives as long as one assignment. It begins
 * with the offset of every topic that is known to be applied, and lets the consumer seek there; from then on it
 * takes a fetched batch only when it begins exactly at the offset that the lane expects next. Whatever a fetch
 * of an older generation, a rebalance in mid-fetch or an offset that kafkajs moved on its own brings, begins
 * elsewhere (or is what was expected anyway): it is dropped, and fetched again from the right place. So each
 * lane sees every topic-partition without a gap and in order. Two lanes of the same number never apply at the
 * same time, since a lane begins only after its predecessor has settled; and those of another worker are fenced
 * off by `takeLane`.
 */

import { LaneLostFault } from '@holdfast/core';
import { AbandonedBatch, FaultPolicy } from './fault-policy.js';
import { LaneBuffer, type BatchLimits } from './lane-buffer.js';
import type { Clock, ConsumedRecord, LaneApplier, LanePosition, Log, Translated } from '../records.js';
import { noTurns, type Turns } from '../semaphore.js';

export interface LaneLimits extends BatchLimits {
  /**
   * beyond it no topic is fetched of which a whole batch waits, until half of it or less than a batch of the topic is
   * left: a lane that is full of payments still reads their orders
   */
  maxBufferedRecords: number;
  maxBufferedBytes: number;
}

/** What all lanes of a worker share. */
export interface LaneContext<E> {
  /** in the order that decides when times are equal */
  topics: readonly string[];
  limits: LaneLimits;
  applier: LaneApplier<E>;
  translate: (records: ConsumedRecord[]) => Promise<Translated<E>[]>;
  /** lanes that apply at the same time; where a small batch waits nobody needs a turn */
  gate: Turns;
  clock: Clock;
  log: Log;
  maxUnknownInARow: number;
  onFatal: (error: unknown) => void;
}

/** What a lane asks of and tells to the consumer. */
export interface LaneLinks {
  pause(topics: readonly string[]): void;
  resume(topics: readonly string[]): void;
  /** after every batch: these offsets may be committed */
  applied(positions: ReadonlyMap<string, LanePosition>, records: number): void;
  /** another owner has it */
  lost(): void;
}

export class Lane<E> {
  readonly #buffer: LaneBuffer<E>;
  readonly #policy: FaultPolicy<E>;
  readonly #abort = new AbortController();
  /** by topic, of what is expected next; empty until the lane begins */
  readonly #expected = new Map<string, number>();
  readonly #applied = new Map<string, number>();
  #state: 'waiting' | 'working' | 'over' = 'waiting';
  #working: Promise<void> | undefined;
  /** where the turn is from that it has, or waits for */
  #gate: Turns = noTurns;
  readonly #paused = new Set<string>();

  constructor(
    readonly number: number,
    readonly owner: string,
    private readonly context: LaneContext<E>,
    private readonly links: LaneLinks,
  ) {
    this.#buffer = new LaneBuffer(context.topics);
    const meanwhile = (): void => this.#translateAhead();
    this.#policy = new FaultPolicy({
      ...context,
      lane: number,
      owner,
      meanwhile,
      gate: { acquire: () => this.#gate.acquire(), release: () => this.#gate.release() },
      signal: this.#abort.signal,
    });
  }

  get bufferedRecords(): number {
    return this.#buffer.records;
  }

  /** Aborted when the assignment is over. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Next offsets by topic of everything applied; what the lane began with is applied too. */
  get appliedOffsets(): ReadonlyMap<string, number> {
    return this.#applied;
  }

  expectedOffset(topic: string): number | undefined {
    return this.#expected.get(topic);
  }

  /**
   * The lane is ours, and its topics are fetched from here. The start itself is applied like control records, so
   * that the lane's progress is true from the beginning, also where a topic was made anew or is empty.
   */
  begin(offsets: ReadonlyMap<string, number>): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'working';
    for (const [topic, offset] of offsets) {
      this.#expected.set(topic, offset);
      this.#applied.set(topic, offset);
      this.#buffer.add(topic, [], offset);
    }
    this.#wake();
  }

  /**
   * Takes what a fetch brought; returns at once.
   * @param from the offset that was fetched
   * @param nextOffset after the fetched records, control records included
   * @returns false when it does not begin where it should: it is dropped, and must be fetched again
   */
  receive(topic: string, from: number, records: ConsumedRecord[], nextOffset: number): boolean {
    if (this.#state !== 'working') return true;
    if (this.#expected.get(topic) !== from) return false;
    this.#expected.set(topic, nextOffset);
    this.#buffer.add(topic, records, nextOffset);
    this.#pauseWhenFull();
    this.#wake();
    return true;
  }

  /** Takes nothing more and resolves when the batch in flight has settled. */
  async retire(): Promise<void> {
    this.#state = 'over';
    this.#abort.abort();
    this.#buffer.clear();
    await this.#working;
  }

  #wake(): void {
    if (this.#working || this.#state !== 'working' || this.#buffer.isEmpty) return;
    this.#working = this.#work()
      .catch((error: unknown) => this.context.onFatal(error))
      .finally(() => {
        this.#working = undefined;
        this.#wake();
      });
  }

  async #work(): Promise<void> {
    while (this.#state === 'working' && !this.#buffer.isEmpty) {
      this.#gate = this.#buffer.isSmall ? noTurns : this.context.gate;
      await this.#gate.acquire();
      try {
        await this.#applyNext();
      } finally {
        this.#gate.release();
      }
    }
  }

  async #applyNext(): Promise<void> {
    const { records, items, positions } = this.#buffer.take(this.context.limits);
    if (positions.size === 0) return;
    this.#resumeWhenDrained();
    try {
      await this.#policy.apply(records, positions, items);
    } catch (error) {
      this.#giveUp(error);
      return;
    }
    for (const [topic, { nextOffset }] of positions) this.#applied.set(topic, nextOffset);
    // Also when the assignment is over by now: what is applied is applied, and need not be read again.
    this.links.applied(positions, records.length);
  }

  /** What the next batch may take; as much as it will. */
  #translateAhead(): void {
    const { limits, translate } = this.context;
    let records = 0;
    for (const chunk of this.#buffer.untranslated(limits.maxRecords)) {
      if (records >= limits.maxRecords) return;
      records += chunk.records.length;
      // Who applies them tries once more, and is told.
      translate(chunk.records).then(
        (items) => (chunk.items = items),
        () => undefined,
      );
    }
  }

  #giveUp(error: unknown): void {
    const isOver = this.#state === 'over';
    this.#state = 'over';
    this.#buffer.clear();
    if (error instanceof AbandonedBatch) return;
    if (error instanceof LaneLostFault) {
      if (isOver) return;
      this.context.log.warn(`lane ${this.number} has another owner: dropped what was read of it`, {
        lane: this.number,
      });
      this.links.lost();
      return;
    }
    this.context.onFatal(error);
  }

  #pauseWhenFull(): void {
    if (!this.#isBeyond(1)) return;
    const full = this.#buffer.fullTopics(this.context.limits).filter((topic) => !this.#paused.has(topic));
    if (full.length === 0) return;
    for (const topic of full) this.#paused.add(topic);
    this.links.pause(full);
  }

  #resumeWhenDrained(): void {
    if (this.#paused.size === 0) return;
    const full = this.#isBeyond(0.5) ? this.#buffer.fullTopics(this.context.limits) : [];
    const drained = [...this.#paused].filter((topic) => !full.includes(topic));
    if (drained.length === 0) return;
    for (const topic of drained) this.#paused.delete(topic);
    this.links.resume(drained);
  }

  /** Whether more waits than this share of what may. */
  #isBeyond(share: number): boolean {
    const { maxBufferedRecords, maxBufferedBytes } = this.context.limits;
    return this.#buffer.records > share * maxBufferedRecords || this.#buffer.bytes > share * maxBufferedBytes;
  }
}
