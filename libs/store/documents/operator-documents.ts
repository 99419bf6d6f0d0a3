/** What is kept of what operators did: with dead letters, and in replays. */

export interface DeadLetterActDoc {
  /** `OrderPlaced/3/17`: the record's own topic without prefix, partition and offset of the letter */
  _id: string;
  act: 'redriven' | 'discarded';
  /** false: it was about to be redriven when the process ended; it may have been, and is open */
  done: boolean;
  at: Date;
  actor: string;
  reason?: string;
  /** the letter's own: a topic that is made anew counts from 0 again, and is then another letter */
  failedAt: Date;
  errorClass: string;
  /** of a redrive: which one of this record */
  attempt?: number;
}

export interface ReplayRangeDoc {
  /** with the prefix */
  topic: string;
  partition: number;
  from: number;
  /** the offset after the last one */
  to: number;
  /** how far it is applied; `to` at the end */
  next: number;
}

export interface ReplayCounts {
  /** records read, of other stores and orders too */
  read: number;
  /** of them, those that were asked for and could be read */
  events: number;
  unreadable: number;
  /** facts that the database did not have */
  facts: number;
  transitions: number;
  /** known already: nothing was changed */
  unchanged: number;
  /** a second placement that differs from the first: ignored */
  conflicting: number;
  /** refused by their order as a whole, such as the 101st payment */
  refused: number;
}

export interface ReplayDoc {
  /** `replay-…` */
  _id: string;
  startedAt: Date;
  finishedAt?: Date;
  actor: string;
  reason?: string;
  /** as it was asked for */
  what: { topics: string[]; from: string; to: string; storeId?: string; orderIds?: string[] };
  ranges: ReplayRangeDoc[];
  counts: ReplayCounts;
}
