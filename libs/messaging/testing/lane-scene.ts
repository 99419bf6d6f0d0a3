/** Lanes without a broker: an applier that remembers, a clock that stands still, and what was asked of the consumer. */

import { Semaphore } from '../semaphore.js';
import type { LaneContext } from '../lanes/lane.js';
import { ManualClock } from './manual-clock.js';
import { RecordingApplier } from './recording-applier.js';

export class LaneScene {
  readonly applier = new RecordingApplier<number>();
  readonly clock = new ManualClock();
  readonly fatal: unknown[] = [];
  readonly lines: string[] = [];
  readonly context: LaneContext<number>;

  constructor(options: Partial<LaneContext<number>> = {}) {
    const tell = (line: string): void => void this.lines.push(line);
    this.context = {
      topics: ['placed', 'paid'],
      limits: { maxRecords: 4, maxBytes: 10_000, maxBufferedRecords: 10, maxBufferedBytes: 100_000 },
      applier: this.applier,
      translate: (records) => Promise.resolve(records.map((record) => ({ record, event: record.offset }))),
      gate: new Semaphore(2),
      clock: this.clock,
      log: { debug: tell, log: tell, warn: tell, error: tell },
      maxUnknownInARow: 20,
      onFatal: (error) => {
        this.fatal.push(error);
        this.applier.tell();
      },
      ...options,
    };
  }

  /** What was applied, as `topic/offset`. */
  get applied(): string[] {
    return this.applier.items.map(({ record }) => `${record.topic}/${record.offset}`);
  }
}

/** Opens by hand. */
export function gateway(): { passed: Promise<void>; open: () => void } {
  let open: () => void = () => {};
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}
