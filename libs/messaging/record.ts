/** What passes between the broker's client and everyone else. */

export type HeaderValue = Buffer | string | (Buffer | string)[] | undefined;
export type KafkaHeaders = Record<string, HeaderValue>;

export interface ConsumedRecord {
  /** as the broker names it, prefix included */
  topic: string;
  partition: number;
  offset: number;
  /** epoch ms, the broker's or the producer's clock, as the topic is configured */
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: KafkaHeaders;
}

/** What a handler makes of one record: an event for the applier, or the reason why it can never be one. */
export type Translated<E> =
  | { record: ConsumedRecord; event: E }
  | { record: ConsumedRecord; poison: { errorClass: string; message: string } };

/** Called once per topic and batch. */
export type RecordHandler<E> = (records: ConsumedRecord[]) => Translated<E>[];

/** How far a lane is in one topic. */
export interface LanePosition {
  nextOffset: number;
  /** of the last record passed, epoch ms */
  timestamp: number;
}

export interface LaneBatch<E> {
  /** the partition number */
  lane: number;
  /** who must still own the lane for the batch to count */
  owner: string;
  items: Translated<E>[];
  /** per topic that moved: where it stands after this batch, control records included */
  positions: Map<string, LanePosition>;
  /** 1 at the first try */
  attempts: number;
}

export interface LaneApplier<E> {
  /** After every assignment, before any record of the lane: fences whoever owned it before. */
  takeLane(lane: number, owner: string): Promise<void>;
  /** Rejects with one of the faults of libs/core, or with an unknown error. */
  apply(batch: LaneBatch<E>): Promise<void>;
}

export interface OutgoingMessage {
  topic: string;
  key: Buffer | string | null;
  value: Buffer | string | null;
  headers: Record<string, string> | [string, Buffer][];
}
