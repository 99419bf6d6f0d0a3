/** One moment of the run, as the view shows it. */

import type { TallyCounts } from '../observe/tally.js';
import type { FlashFindings } from '../observe/flash-watch.js';
import type { StockNumbers } from '../observe/database-look.js';
import type { Page } from './page.js';
import type { ProgramState } from './program-process.js';

export type Phase = 'traffic' | 'draining' | 'auditing';

export interface StockRow extends StockNumbers {
  label: string;
}

export interface WorkerRow {
  name: string;
  state: ProgramState;
  /** seconds since it was killed, while it is gone */
  goneForSeconds?: number;
  lanes: readonly number[];
  /** of these, lanes that have not moved since their worker was killed */
  standing: readonly number[];
  /** what it does alone, for all workers */
  active: readonly ('relay' | 'expire')[];
}

export interface JournalEntry {
  /** seconds since the first order */
  at: number;
  text: string;
}

export interface Snapshot {
  phase: Phase;
  /** of the bakery, while it can be opened */
  page: Page | undefined;
  /** since the first order */
  elapsedSeconds: number;
  /** how long orders are placed */
  trafficSeconds: number;
  ordersPerSecond: number;
  /** orders decided in each second */
  history: readonly number[];
  /** from an order's record to its outcome's on Kafka, of the last orders, ms */
  latencyMs: { median: number; p99: number } | undefined;
  counts: TallyCounts;
  stock: readonly StockRow[];
  flash: FlashFindings;
  heldOrders: number;
  /** records on Kafka that are not applied yet */
  waiting: number;
  /** batches of messages that are not published yet */
  outbox: number;
  workers: readonly WorkerRow[];
  journal: readonly JournalEntry[];
}
