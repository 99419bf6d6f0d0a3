/** What passes between the consumer, the handlers and the applier. */

/**
 * A record's headers in their order on the broker; a name may come more than once and a value may be null. One
 * limit of the client in between: values that share a name stand together, at the place of the first.
 */
export type KafkaHeaders = readonly (readonly [name: string, value: Buffer | null])[];

export interface ConsumedRecord {
  /** as the broker knows it, prefix included */
  topic: string;
  partition: number;
  offset: number;
  /** epoch ms, the broker's; -1 when the record has none */
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: KafkaHeaders;
}

/** Why a record can never be an event. */
export interface Poison {
  /** kebab-case name, as it goes into the dead letter's headers */
  errorClass: string;
  /** for the people who look at the dead letter; no customer data */
  message: string;
}

/** What a handler makes of one record: an event for the applier, or a reason it can never be one. */
export type Translated<E> = { record: ConsumedRecord; event: E } | { record: ConsumedRecord; poison: Poison };

/** One call per topic and lane batch, synchronous; returns one item per record, in the same order. */
export type RecordHandler<E> = (records: ConsumedRecord[]) => Translated<E>[];

/** How far a lane has come in one topic. */
export interface LanePosition {
  /** the next offset to consume; control records are passed too */
  nextOffset: number;
  /** of the last record passed, epoch ms; 0 when none was seen since the lane was assigned */
  timestamp: number;
}

export interface LaneBatch<E> {
  /** the partition number that its topics share */
  lane: number;
  /** token of this assignment of the lane to this worker, unlike any before */
  owner: string;
  /** in the order in which they are to be applied; empty when only control records were passed */
  items: Translated<E>[];
  /** per topic, of the topics that moved */
  positions: Map<string, LanePosition>;
  /** 1 for the first try; counts every try of these items, alone or among others */
  attempts: number;
  /** the lane's own work, for when the applier has nothing to do but wait; called as often as it likes, or never */
  meanwhile?: () => void;
}

/**
 * Applies batches. A rejection says by its type what to do: `TransientFault` and `GuardFault` wait and try again,
 * `LaneLostFault` gives the lane up, `ContentFault` singles a record out; anything else is suspected of both.
 */
export interface LaneApplier<E> {
  /** After every assignment, before any record of the lane is applied: fences whoever owned it before. */
  takeLane(lane: number, owner: string): Promise<void>;
  apply(batch: LaneBatch<E>): Promise<void>;
}

/** What this library writes its lines to; Nest's `Logger` fits. */
export interface Log {
  debug(message: string, about?: LogFields): void;
  log(message: string, about?: LogFields): void;
  warn(message: string, about?: LogFields): void;
  error(message: string, about?: LogFields): void;
}

/** What a line is about, beside its text, for those who look for it; no customer data. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** Time as lanes see it, so that tests own it. */
export interface Clock {
  /** epoch ms */
  now(): number;
  /** Resolves after `delayMs`, or at once when the signal aborts; never rejects. */
  delay(delayMs: number, signal?: AbortSignal): Promise<void>;
}
