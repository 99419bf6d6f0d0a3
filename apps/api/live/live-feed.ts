/**
 * What happens, as it is published: this process reads the `StockOutcome` topic from its end and hands each
 * store's outcomes to those who listen to that store. Records of other stores are not even parsed, and while nobody
 * listens to any, nothing is read.
 *
 * When something may have been missed, because the broker was away, every listener is told so and looks anew.
 */

import { setImmediate as turn } from 'node:timers/promises';
import type { StockOutcome } from '@holdfast/contracts';
import { partitionOf, TopicTail, type KafkaPort, type Log, type TailRecord } from '@holdfast/messaging';
import { stockFrame, type Place } from './event-frames.js';
import { EventRing, type LiveEvent } from './event-ring.js';

export interface LiveListener {
  /** true: for a page, which may go away for a moment and come back; its store's events are kept */
  keepsEvents?: boolean;
  /** @param event only while events are kept for somebody */
  onOutcome(outcome: StockOutcome, event: LiveEvent | undefined): void;
  /** Something may have been missed; also called when reading has begun. */
  onReset(): void;
}

export interface LiveFeedOptions {
  kafka: KafkaPort;
  /** of `StockOutcome`, with the prefix */
  topic: string;
  log: Log;
  /** events kept for readers who come back; 20,000 unless given */
  maxEvents?: number;
  /** of those events; 32 MB unless given */
  maxBytes?: number;
  /** how long a store's events are kept on when nobody listens any more; 60,000 unless given */
  lingerMs?: number;
  /** how often it is looked for stores that nobody listens to; 10,000 unless given */
  sweepMs?: number;
}

/** A store that somebody listens to, or did a moment ago. */
interface Followed {
  listeners: Set<LiveListener>;
  /** by partition: from this offset on, the store's events were kept; undefined while none are */
  keptFrom: readonly number[] | undefined;
  /** since when no page listens, by `performance.now()` */
  idleSince: number;
}

/** Text handed on in one go; then sockets get their turn to take it. */
const TURN_BYTES = 64_000;
const SWEEP_MS = 10_000;

export class LiveFeed {
  readonly #tail: TopicTail;
  readonly #ring: EventRing;
  readonly #stores = new Map<string, Followed>();
  /** next offsets by partition; undefined while nothing is read */
  #positions: number[] | undefined;
  readonly #untilLive = new Set<() => void>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(private readonly options: LiveFeedOptions) {
    const { kafka, topic, log, maxEvents = 20_000, maxBytes = 32_000_000 } = options;
    this.#ring = new EventRing(maxEvents, maxBytes);
    this.#tail = new TopicTail({
      kafka,
      topic,
      log,
      onPositioned: (positions) => this.#positioned(positions),
      onRecords: (partition, records) => this.#take(partition, records),
      onLost: () => {
        this.#positions = undefined;
      },
    });
    this.#tail.pause();
  }

  start(): void {
    this.#tail.start();
    this.#sweep = setInterval(() => this.#forgetIdle(), this.options.sweepMs ?? SWEEP_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    await this.#tail.close();
    this.#positions = undefined;
  }

  /** Whether it reads: what is published now will be handed on. */
  get isLive(): boolean {
    return this.#positions !== undefined;
  }

  /** Call the result to end it. Listeners are called in between of anything that is awaited, and must not throw. */
  listen(storeId: string, listener: LiveListener): () => void {
    let followed = this.#stores.get(storeId);
    if (!followed) {
      if (this.#stores.size === 0) this.#tail.resume();
      followed = { listeners: new Set(), keptFrom: undefined, idleSince: performance.now() };
      this.#stores.set(storeId, followed);
    }
    const { listeners } = followed;
    listeners.add(listener);
    if (listener.keepsEvents) followed.keptFrom ??= [...(this.#positions ?? [])];
    return () => {
      listeners.delete(listener);
      const now = this.#stores.get(storeId);
      if (listener.keepsEvents && now?.listeners === listeners) now.idleSince = performance.now();
    };
  }

  /** Resolves when it reads, or after that time; it does so soon after the first has begun to listen. */
  async untilLive(atMostMs: number): Promise<void> {
    if (this.isLive) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#untilLive.delete(done);
        resolve();
      };
      const timer = setTimeout(done, atMostMs);
      this.#untilLive.add(done);
    });
  }

  /** Where a store's reader who knows everything stands; undefined while nothing is read. */
  placeOf(storeId: string): Place | undefined {
    if (!this.#positions || this.#positions.length === 0) return undefined;
    const partition = partitionOf(storeId, this.#positions.length);
    return { partition, offset: (this.#positions[partition] ?? 0) - 1 };
  }

  /** What a reader at that place has missed. @returns undefined when that is not known any more */
  missedSince(storeId: string, { partition, offset }: Place): LiveEvent[] | undefined {
    const next = this.#positions?.[partition];
    if (next === undefined || offset >= next) return undefined;
    const keptFrom = this.#stores.get(storeId)?.keptFrom?.[partition] ?? next;
    const wanted = offset + 1;
    if (wanted < keptFrom || !this.#ring.covers(partition, wanted)) return undefined;
    return this.#ring.after(storeId, partition, offset);
  }

  #positioned(positions: readonly number[]): void {
    this.#positions = [...positions];
    this.#ring.clear();
    for (const followed of this.#stores.values()) if (followed.keptFrom) followed.keptFrom = [...positions];
    for (const { listeners } of [...this.#stores.values()]) {
      for (const listener of [...listeners]) listener.onReset();
    }
    for (const live of [...this.#untilLive]) live();
  }

  async #take(partition: number, records: readonly TailRecord[]): Promise<void> {
    let untilTurn = TURN_BYTES;
    for (const { offset, key, value } of records) {
      if (!this.#positions) return;
      this.#positions[partition] = offset + 1;
      const storeId = key?.toString();
      const followed = storeId === undefined ? undefined : this.#stores.get(storeId);
      if (!followed || !value) continue;
      const event = this.#record(partition, offset, value, followed);
      untilTurn -= event?.frame.length ?? 0;
      if (untilTurn > 0) continue;
      untilTurn = TURN_BYTES;
      await turn();
    }
  }

  #record(partition: number, offset: number, value: Buffer, followed: Followed): LiveEvent | undefined {
    try {
      const outcome = JSON.parse(value.toString()) as StockOutcome;
      let event: LiveEvent | undefined;
      if (followed.keptFrom) {
        const frame = stockFrame({ partition, offset }, outcome);
        event = { partition, offset, storeId: outcome.storeId, frame };
        this.#ring.add(event);
      }
      for (const listener of [...followed.listeners]) listener.onOutcome(outcome, event);
      return event;
    } catch (error) {
      const place = `${this.options.topic}/${partition}/${offset}`;
      this.options.log.warn(`${place} cannot be read and is passed over: ${(error as Error).message}`);
      return undefined;
    }
  }

  #forgetIdle(): void {
    const before = performance.now() - (this.options.lingerMs ?? 60_000);
    for (const [storeId, followed] of this.#stores) {
      const { listeners, idleSince } = followed;
      if (idleSince > before || [...listeners].some(({ keepsEvents }) => keepsEvents)) continue;
      followed.keptFrom = undefined;
      if (listeners.size === 0) this.#stores.delete(storeId);
    }
    if (this.#stores.size > 0 || !this.#positions) return;
    this.#tail.pause();
    this.#positions = undefined;
  }
}
