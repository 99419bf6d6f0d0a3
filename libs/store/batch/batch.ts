/** What is applied together, and what comes of it. */

import type { Decision, OrderEvent } from '@holdfast/core';
import type { Database } from '../database/database.js';
import type { OutboxDoc, OutboxLetter } from '../documents/documents.js';
import type { EnoughStock } from './enough-stock.js';
import type { NewOrders } from './new-orders.js';
import type { Sessions } from '../database/sessions.js';
import type { SettingsCache } from '../settings/settings-cache.js';
import type { StoreGate } from './store-gate.js';

/** How far a lane has come in one topic. */
export interface Position {
  nextOffset: number;
  /** broker timestamp of the last record passed, epoch ms */
  timestamp: number;
}

/** A lane that must still be owned, and how far it is. */
export interface LaneMark {
  id: number;
  owner: string;
  positions: ReadonlyMap<string, Position>;
}

/** A dead letter, and the record that it is of. */
export interface LaneLetter {
  letter: OutboxLetter;
  lane: number;
  topic: string;
  offset: number;
  errorClass: string;
}

export interface Batch {
  events: readonly OrderEvent[];
  /** dead letters that are decided already, of the records up to when that many events are applied */
  lettersAfter?: (events: number) => LaneLetter[];
  /** makes the dead letter of the n-th event, when it is refused as a whole (`too-many-facts`, `too-old`) */
  letterFor?: (at: number, failure: { errorClass: string; message: string }) => LaneLetter;
  /** broker timestamp of the n-th event's record, epoch ms; absent: the events are our own */
  recordedAt?: (at: number) => number;
  /** the lanes that the records are of, as they are when that many events are applied */
  lanesAfter?: (events: number) => readonly LaneMark[];
  /** epoch ms; the time of the decision */
  now: number;
  /** W3C traceparent of what does it, handed on with what it publishes */
  trace?: string;
  /** other work, for while the database commits and there is nothing to do here */
  meanwhile?: () => void;
  /** told at once of tries in vain: one that never ends never has a result */
  watch?: BatchWatch;
}

export interface BatchWatch {
  /** somebody else changed what was read, or it was not as expected; it is read and decided anew */
  retried(): void;
  /** a statement's guard did not hold, which is no conflict that the server saw */
  guardMissed(): void;
}

export interface BatchResult {
  /** one per applied event, in order; fewer than the batch's when the orders it read had too many lines */
  decisions: Decision[];
  facts: number;
  transitions: number;
  /** what it left to publish */
  outbox: OutboxDoc[];
  /** those of the outbox: what its lanes had passed before is not among them */
  letters: readonly LaneLetter[];
  /** how often the batch was read and decided anew: somebody else changed what it had read, or it was not as expected */
  retries: number;
}

/** What this process does besides, told of when its batches need its one thread. */
export interface BatchPace {
  begun(): void;
  /** it has nothing to do until its orders are written; may be said again when it is tried anew */
  waits(): void;
  ended(): void;
}

export interface BatchTools {
  database: Database;
  sessions: Sessions;
  settings: SettingsCache;
  gate: StoreGate;
  /** absent: placed orders are always looked for, as where nearly all are known */
  newOrders?: NewOrders;
  /** absent: the stock of what is placed is always read */
  enough?: EnoughStock;
  pace?: BatchPace;
}
