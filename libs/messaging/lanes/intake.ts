/**
 * What fetches bring, to the lane that reads it next. What begins elsewhere is fetched again from where the lane
 * reads; where the log does not have that place any more, the process ends, and says what became of the records.
 */

import type { Batch, KafkaMessage } from 'kafkajs';
import type { LogRange } from '../offsets/group-offsets.js';
import { recordOf } from '../record-of.js';
import type { ConsumedRecord } from '../records.js';
import { OffsetOutOfRange, type FetchControl, type LaneSet } from './lane-set.js';

export interface IntakeOptions<E> {
  lanes: LaneSet<E>;
  control: Pick<FetchControl, 'pause' | 'seek'>;
  /** of one partition number, by topic; waits for the brokers */
  ranges: (lane: number) => Promise<ReadonlyMap<string, LogRange> | undefined>;
  /** has an offset committed */
  mark: (topic: string, lane: number, offset: number) => void;
  onFatal: (error: unknown) => void;
}

/** A fetch of which no record is for us. */
export interface EmptyFetch {
  topic: string;
  partition: number;
  firstOffset: string | null;
  lastOffset: string;
}

/** A batch that begins elsewhere is fetched again; after so many in a row the log itself is not as we left it. */
const MAX_MISFITS = 3;

export class Intake<E> {
  /** by topic and partition, in a row */
  readonly #misfits = new Map<string, number>();
  #isOutOfRange = false;

  constructor(private readonly options: IntakeOptions<E>) {}

  /** Lanes begin anew. */
  forget(): void {
    this.#misfits.clear();
  }

  /** Never throws: an error thrown from here would end the consumer, or make it loop. */
  take(batch: Batch): void {
    try {
      const { topic, partition } = batch;
      // Not in the types: where this fetch began, which is not where its first record is.
      const from = Number((batch as Batch & { fetchedOffset: string }).fetchedOffset);
      const lane = this.options.lanes.get(partition);
      if (!lane) return;
      const records = new Array<ConsumedRecord>(batch.messages.length);
      for (let at = 0; at < records.length; at++) {
        records[at] = recordOf(topic, partition, batch.messages[at] as KafkaMessage);
      }
      const nextOffset = Number(batch.lastOffset()) + 1;
      if (lane.receive(topic, from, records, nextOffset)) this.#misfits.delete(`${topic}/${partition}`);
      else this.#misfit(topic, partition, from);
    } catch (error) {
      this.options.onFatal(error);
    }
  }

  /** Goes on behind what is no record for us: transaction markers, aborted or compacted records. */
  pass({ topic, partition, firstOffset, lastOffset }: EmptyFetch): void {
    const lane = this.options.lanes.get(partition);
    const expected = lane?.expectedOffset(topic);
    if (!lane || expected === undefined) return;
    const nextOffset = Number(lastOffset) + 1;
    if (nextOffset <= expected) return;
    // Nothing says where the fetch began. Right after a seek it can have begun nowhere else; otherwise a first
    // offset behind the expected one may be an older generation's fetch, and the next batch tells.
    const isNext =
      Number(firstOffset ?? lastOffset) <= expected || this.#misfits.has(`${topic}/${partition}`);
    if (isNext) lane.receive(topic, expected, [], nextOffset);
  }

  /** @param from where reading goes on instead, where the broker says so */
  outOfRange(topic: string, partition: number, from?: number): void {
    const lane = this.options.lanes.get(partition);
    const expected = lane?.expectedOffset(topic);
    if (!lane || expected === undefined || this.#isOutOfRange) return;
    this.#isOutOfRange = true;
    this.options.control.pause([partition]);
    const instead = from === undefined ? '' : `, but goes on at ${from}`;
    const what = `${topic}/${partition}: the next record to read is ${expected}, which the log does not have${instead}. `;
    this.#placeLost(topic, partition, lane.appliedOffsets.get(topic) ?? expected)
      .then((why) => this.options.onFatal(new OffsetOutOfRange(what + why)))
      .catch((error: unknown) => this.options.onFatal(error));
  }

  #misfit(topic: string, partition: number, from: number): void {
    const expected = this.options.lanes.get(partition)?.expectedOffset(topic);
    if (expected === undefined) return;
    const key = `${topic}/${partition}`;
    const misfits = (this.#misfits.get(key) ?? 0) + 1;
    this.#misfits.set(key, misfits);
    if (misfits <= MAX_MISFITS) this.options.control.seek(topic, partition, expected);
    else this.outOfRange(topic, partition, from);
  }

  /**
   * kafkajs commits the beginning of the log, to go on from there. That is right for one that was made anew, of which
   * nothing is read yet: the place in the one before would pass over as much of it. Where records were removed before
   * they were read, what is applied is put right, or the next start would go on behind them without a word.
   * @returns what it means, for people
   */
  async #placeLost(topic: string, partition: number, applied: number): Promise<string> {
    const ranges = await this.options.ranges(partition);
    const start = ranges?.get(topic)?.start ?? 0;
    if (applied >= start)
      return 'The topic was truncated or made anew; the next start reads it from its beginning.';
    this.options.mark(topic, partition, applied);
    return (
      'Records were removed before they were read. Nothing is skipped by itself: set the group to an offset that ' +
      'the log has, and start again.'
    );
  }
}
