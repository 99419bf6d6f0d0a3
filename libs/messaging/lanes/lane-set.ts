/**
 * The lanes of this worker through its assignments. Every assignment starts all of them anew: what was buffered
 * is dropped, the batch in flight settles, the lane is taken, and reading goes on after what is committed or
 * applied, whichever is further. Reading a record twice is harmless; keeping a buffer over a rebalance, in which
 * somebody else may have had the lane, is not.
 */

import { TransientFault } from '@holdfast/core';
import { jitteredBackoffMs } from '../backoff.js';
import { isRetriable } from '../kafkajs/cluster-channel.js';
import { UnrecoverableFault } from './fault-policy.js';
import { Lane, type LaneContext, type LaneLinks } from './lane.js';
import type { LogRange } from '../offsets/group-offsets.js';
import type { LanePosition } from '../records.js';

/** What lanes ask of the consumer, by partition number, for all topics. */
export interface FetchControl {
  /** @param topics all unless given */
  pause(lanes: readonly number[], topics?: readonly string[]): void;
  /** @param topics all unless given */
  resume(lane: number, topics?: readonly string[]): void;
  seek(topic: string, lane: number, offset: number): void;
  /** by lane and topic */
  ranges(lanes: readonly number[]): Promise<Map<number, Map<string, LogRange>>>;
  /** these offsets may be committed */
  applied(lane: number, positions: ReadonlyMap<string, LanePosition>): void;
}

export interface LaneSetOptions<E> extends LaneContext<E> {
  workerId: string;
  control: FetchControl;
  /** how long a lane that somebody else took may stay without a rebalance before we take it again, ms */
  retakeAfterMs: number;
}

type Offsets = ReadonlyMap<string, number>;

const BACKOFF = { firstMs: 100, mostMs: 2_000 };
const UNKNOWN_TRIES = 5;

/** The group's offset points where the log no longer, or not yet, has records. Going on would lose some silently. */
export class OffsetOutOfRange extends Error {
  override name = 'OffsetOutOfRange';
}

export class LaneSet<E> {
  #lanes = new Map<number, Lane<E>>();
  /** what the group gave this worker, also after `stop` */
  #assigned: ReadonlySet<number> = new Set();
  readonly #beginnings = new WeakMap<Lane<E>, Promise<void>>();
  /** what earlier lanes of a number have applied, once they have settled */
  readonly #settled = new Map<number, Promise<Offsets>>();
  #counter = 0;
  #appliedRecords = 0;

  constructor(private readonly options: LaneSetOptions<E>) {}

  get numbers(): number[] {
    return [...this.#lanes.keys()];
  }

  /** since the start of this worker */
  get appliedRecords(): number {
    return this.#appliedRecords;
  }

  get bufferedRecords(): number {
    let records = 0;
    for (const lane of this.#lanes.values()) records += lane.bufferedRecords;
    return records;
  }

  get(lane: number): Lane<E> | undefined {
    return this.#lanes.get(lane);
  }

  /** A new assignment, of all lanes at once; nothing is fetched of them until each has begun. */
  assign(numbers: readonly number[]): void {
    this.#retireAll();
    this.#assigned = new Set(numbers);
    this.options.control.pause(numbers);
    this.#beginAll(numbers);
  }

  /** Resolves when no batch is in flight; nothing is taken until the next assignment. */
  async stop(): Promise<void> {
    this.options.control.pause(this.numbers);
    this.#retireAll();
    await Promise.all(this.#settled.values());
  }

  #retireAll(): void {
    for (const lane of this.#lanes.values()) this.#retire(lane);
    this.#lanes = new Map();
  }

  #retire(lane: Lane<E>): void {
    const before = this.#settled.get(lane.number);
    // Also the taking of it: one that comes late would rob the lane after it.
    const settled = Promise.all([before, lane.retire(), this.#beginnings.get(lane)]).then(([earlier]) =>
      furthest(earlier ?? new Map<string, number>(), lane.appliedOffsets),
    );
    this.#settled.set(lane.number, settled);
  }

  #beginAll(numbers: readonly number[]): void {
    const lanes = numbers.map((number) => this.#newLane(number));
    for (const lane of lanes) this.#lanes.set(lane.number, lane);
    const [first] = lanes;
    if (!first) return;
    const ranges = this.#persist('looking up offsets', first.signal, () =>
      this.options.control.ranges(numbers),
    );
    // Awaited only once a lane's predecessor has settled; until then a failure must not count as unhandled.
    ranges.catch(() => undefined);
    for (const lane of lanes) {
      const beginning = this.#begin(lane, ranges).catch((error: unknown) => {
        if (!lane.signal.aborted) this.options.onFatal(error);
      });
      this.#beginnings.set(lane, beginning);
    }
  }

  #newLane(number: number): Lane<E> {
    const { control, workerId } = this.options;
    this.#counter += 1;
    const links: LaneLinks = {
      pause: (topics) => control.pause([number], topics),
      resume: (topics) => {
        if (this.#lanes.get(number) === lane) control.resume(number, topics);
      },
      applied: (positions, records) => {
        this.#appliedRecords += records;
        // Somebody else's lane by now: its offsets are theirs to commit.
        if (this.#assigned.has(number)) control.applied(number, positions);
      },
      lost: () => this.#retakeLater(lane),
    };
    const lane: Lane<E> = new Lane(number, `${workerId}/${this.#counter}`, this.options, links);
    return lane;
  }

  async #begin(lane: Lane<E>, ranges: Promise<Map<number, Map<string, LogRange>>>): Promise<void> {
    const { applier, control, log } = this.options;
    const applied = (await this.#settled.get(lane.number)) ?? new Map<string, number>();
    const [ofTopics] = await Promise.all([
      ranges.then((all) => all.get(lane.number) ?? new Map<string, LogRange>()),
      this.#persist(`taking lane ${lane.number}`, lane.signal, () =>
        applier.takeLane(lane.number, lane.owner),
      ),
    ]);
    if (lane.signal.aborted) return;
    const offsets = new Map<string, number>();
    for (const [topic, range] of ofTopics) {
      offsets.set(topic, startOf(topic, lane.number, range, applied.get(topic)));
    }
    for (const [topic, offset] of offsets) control.seek(topic, lane.number, offset);
    lane.begin(offsets);
    control.resume(lane.number);
    log.debug(
      `lane ${lane.number} begins: ${[...offsets].map(([topic, at]) => `${topic} ${at}`).join(', ')}`,
      { lane: lane.number },
    );
  }

  /** Until it works or the assignment is over; an unknown error gives up after some tries. */
  async #persist<T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { clock, log } = this.options;
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        const isAway = error instanceof TransientFault || isRetriable(error);
        if (!isAway && (error instanceof UnrecoverableFault || tries >= UNKNOWN_TRIES)) throw error;
        if (tries === 1 || tries % 20 === 0) log.warn(`${what}, again: ${(error as Error).message}`);
        await clock.delay(jitteredBackoffMs(tries, BACKOFF), signal);
        if (signal.aborted) throw error;
      }
    }
  }

  /**
   * A late `takeLane` of a worker that had the lane before can rob the one that has it now, and no rebalance
   * follows. Whoever is still a member after a session's time has the lane, and takes it again.
   */
  #retakeLater(lane: Lane<E>): void {
    const { clock, retakeAfterMs, control, log, onFatal } = this.options;
    control.pause([lane.number]);
    clock
      .delay(retakeAfterMs, lane.signal)
      .then(() => {
        if (lane.signal.aborted || this.#lanes.get(lane.number) !== lane) return;
        log.warn(`lane ${lane.number} is still assigned to this worker: taking it again`, {
          lane: lane.number,
        });
        this.#retire(lane);
        this.#beginAll([lane.number]);
      })
      .catch(onFatal);
  }
}

function startOf(topic: string, lane: number, range: LogRange, applied: number | undefined): number {
  const { committed, start, end } = range;
  // Without a place of the group's, what was applied may be of a topic that was made anew since.
  const from = committed === undefined ? start : Math.max(committed, applied ?? 0);
  if (from >= start && from <= end) return from;
  throw new OffsetOutOfRange(
    `${topic}/${lane}: the next record to read is ${from}, but the log has ${start} to ${end}. ` +
      (from < start ? 'Records were removed before they were read' : 'The topic was truncated or made anew') +
      '. Nothing is skipped by itself: set the group to an offset that the log has, and start again.',
  );
}

function furthest(one: Offsets, other: Offsets): Offsets {
  const offsets = new Map(one);
  for (const [topic, offset] of other) offsets.set(topic, Math.max(offset, offsets.get(topic) ?? 0));
  return offsets;
}
