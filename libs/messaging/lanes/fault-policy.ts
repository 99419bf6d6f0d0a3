/**
 * What becomes of a batch that the applier rejects. Transient faults, and guards that do not hold, are waited out; a
 * fault of content halves the batch until its record is alone and a dead letter; an unknown error is tried again, then
 * treated like one of content, until so many records in a row have met it that the fault must be ours.
 */

import { ContentFault, GuardFault, LaneLostFault, RefusedFault, TransientFault } from '@holdfast/core';
import { jitteredBackoffMs } from '../backoff.js';
import type {
  Clock,
  ConsumedRecord,
  LaneApplier,
  LaneBatch,
  LanePosition,
  Log,
  Poison,
  Translated,
} from '../records.js';
import type { Turns } from '../semaphore.js';

/** Nothing more can be done here: the process has to stop, with this error. */
export class UnrecoverableFault extends Error {
  override name = 'UnrecoverableFault';
}

/** The lane was taken from us in the meantime; nobody waits for the outcome. */
export class AbandonedBatch extends Error {
  override name = 'AbandonedBatch';
}

export interface FaultPolicyOptions<E> {
  lane: number;
  owner: string;
  applier: LaneApplier<E>;
  translate: (records: ConsumedRecord[]) => Promise<Translated<E>[]>;
  clock: Clock;
  log: Log;
  /** held by whoever calls; let go of while waiting, so that a slot is with those who work */
  gate: Turns;
  /** handed on with every batch */
  meanwhile?: () => void;
  /** aborted when the lane is given up: ends every wait */
  signal: AbortSignal;
  /** so many records in a row with an unknown error are a fault of ours */
  maxUnknownInARow: number;
}

/** Some of a batch's records, in order, and how far the lane is once they are applied. */
interface Part<E> {
  records: ConsumedRecord[];
  positions: Map<string, LanePosition>;
  items?: Translated<E>[];
  /** of its records, where they are translated already */
  ready?: readonly (Translated<E> | undefined)[];
}

const BACKOFF = { firstMs: 50, mostMs: 2_000 };
/** Tries of a batch, and of a single record, before an unknown error is believed. */
const UNKNOWN_TRIES = 3;
const LOG_AGAIN_AFTER_MS = 30_000;

export class FaultPolicy<E> {
  #unknownInARow = 0;

  constructor(private readonly options: FaultPolicyOptions<E>) {}

  /**
   * Resolves when every record is applied, or a dead letter.
   * @param ready of the records, where they are translated already
   * @throws LaneLostFault, AbandonedBatch, RefusedFault, UnrecoverableFault
   */
  async apply(
    records: ConsumedRecord[],
    positions: Map<string, LanePosition>,
    ready: readonly (Translated<E> | undefined)[] = [],
  ): Promise<void> {
    await this.#applyPart({ records, positions, ready }, 1, UNKNOWN_TRIES);
  }

  /** @param tries of an unknown error before the part is halved */
  async #applyPart(part: Part<E>, attempt: number, tries: number): Promise<void> {
    const waiting = new Waiting(this.options);
    for (let attempts = attempt, unknown = 0; ; attempts++) {
      try {
        await this.#try(part, attempts);
        waiting.over();
        return;
      } catch (error) {
        if (error instanceof LaneLostFault || error instanceof RefusedFault) throw error;
        if (this.options.signal.aborted) throw new AbandonedBatch('the lane was given up', { cause: error });
        if (error instanceof TransientFault || error instanceof GuardFault) {
          await waiting.wait(error);
        } else if (error instanceof ContentFault) {
          return this.#isolate(part, error, attempts);
        } else if (++unknown < (part.records.length > 1 ? tries : UNKNOWN_TRIES)) {
          await waiting.wait(error);
        } else {
          return this.#isolate(part, error, attempts);
        }
      }
    }
  }

  async #try(part: Part<E>, attempts: number): Promise<void> {
    const { lane, owner, applier, meanwhile } = this.options;
    const items = (part.items ??= part.records.length === 0 ? [] : await this.#translate(part));
    const { positions } = part;
    const batch: LaneBatch<E> = { lane, owner, items, positions, attempts, ...(meanwhile && { meanwhile }) };
    await applier.apply(batch);
    if (items.some((item) => 'event' in item)) this.#unknownInARow = 0;
  }

  async #translate({ records, ready = [] }: Part<E>): Promise<Translated<E>[]> {
    const missing = records.filter((_, at) => !ready[at]);
    const made = missing.length === 0 ? [] : await this.options.translate(missing);
    let next = 0;
    return records.map((_, at) => ready[at] ?? (made[next++] as Translated<E>));
  }

  async #isolate(part: Part<E>, error: unknown, attempts: number): Promise<void> {
    if (part.records.length === 0) throw this.#unrecoverable('passing control records', error);
    if (part.records.length === 1) return this.#bury(part, error, attempts);
    const { log, lane } = this.options;
    log.debug(`lane ${lane}: halving ${part.records.length} records: ${String(error)}`, { lane });
    for (const half of halves(part)) await this.#applyPart(half, attempts + 1, 1);
  }

  /** One record, of which we know that it is the one. */
  async #bury(part: Part<E>, error: unknown, attempts: number): Promise<void> {
    const [record] = part.records as [ConsumedRecord];
    const where = `${record.topic}/${record.partition}/${record.offset}`;
    const [item] = part.items ?? [];
    if (item && 'poison' in item) throw this.#unrecoverable(`the dead letter of ${where}`, error);
    const poison = this.#poisonOf(error, where);
    const buried: Part<E> = { ...part, items: [{ record, poison }] };
    await this.#applyPart(buried, attempts + 1, 1);
  }

  #poisonOf(error: unknown, where: string): Poison {
    if (error instanceof ContentFault) return { errorClass: error.errorClass, message: error.message };
    const { log, lane, maxUnknownInARow } = this.options;
    log.error(`lane ${lane}: ${where} cannot be applied: ${stackOf(error)}`, { lane, record: where });
    if (++this.#unknownInARow > maxUnknownInARow) {
      throw this.#unrecoverable(`${maxUnknownInARow} records in a row, the last one ${where}`, error);
    }
    // An unexpected error's text may quote the record; the log has it, the dead letter does not.
    const errorClass = classOf(error);
    return { errorClass, message: `unexpected ${errorClass}; the worker's log says more` };
  }

  #unrecoverable(what: string, cause: unknown): UnrecoverableFault {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    return new UnrecoverableFault(
      `lane ${this.options.lane}: ${what} failed, which is a fault of ours: ${why}`,
      {
        cause,
      },
    );
  }
}

/** Waits between tries, telling the log at first and then now and then. */
class Waiting {
  #tries = 0;
  #since = 0;
  #toldAt = 0;

  constructor(
    private readonly options: Pick<FaultPolicyOptions<unknown>, 'clock' | 'log' | 'gate' | 'signal' | 'lane'>,
  ) {}

  async wait(error: unknown): Promise<void> {
    const { clock, log, gate, signal, lane } = this.options;
    this.#tries += 1;
    const now = clock.now();
    if (this.#tries === 1) this.#since = now;
    if (this.#tries === 1 || now - this.#toldAt >= LOG_AGAIN_AFTER_MS) {
      this.#toldAt = now;
      log.warn(`lane ${lane} waits: ${(error as Error).message}`, { lane, tries: this.#tries });
    }
    gate.release();
    await clock.delay(jitteredBackoffMs(this.#tries, BACKOFF), signal);
    await gate.acquire();
    if (signal.aborted) throw new AbandonedBatch('the lane was given up', { cause: error });
  }

  over(): void {
    if (this.#tries === 0) return;
    const { clock, log, lane } = this.options;
    log.log(`lane ${lane} goes on after ${clock.now() - this.#since} ms`, { lane, tries: this.#tries });
  }
}

function halves<E>({ records, positions, items }: Part<E>): Part<E>[] {
  const middle = records.length >> 1;
  const first: Part<E> = { records: records.slice(0, middle), positions: positionsAfter(records, middle) };
  // The whole batch's positions count control records behind its last record.
  const second: Part<E> = { records: records.slice(middle), positions };
  if (items) {
    first.items = items.slice(0, middle);
    second.items = items.slice(middle);
  }
  return [first, second];
}

function positionsAfter(records: readonly ConsumedRecord[], count: number): Map<string, LanePosition> {
  const positions = new Map<string, LanePosition>();
  for (const { topic, offset, timestamp } of records.slice(0, count)) {
    positions.set(topic, { nextOffset: offset + 1, timestamp });
  }
  return positions;
}

function classOf(error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error;
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
