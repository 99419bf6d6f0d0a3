/** Lag of every partition, and of W, from where the topics end and what is applied. */

import { WATERMARK_TOPICS } from '@holdfast/contracts';
import { isCaughtUp, lagOf, type Backlog, type Lag } from '@holdfast/core';
import { backlogOf, type LaneDoc } from '@holdfast/store';
import type { Sampled } from './sampled-metrics.js';

const WATCHED = new Set<string>(WATERMARK_TOPICS);

export interface LagInput {
  /** end offsets by topic without prefix, by partition; asked before the lanes were read */
  ends: ReadonlyMap<string, readonly number[]>;
  lanes: readonly LaneDoc[];
  /** epoch ms */
  now: number;
}

export class LagSamples {
  /** by `topic/partition`: when nothing waited, epoch ms */
  readonly #clearAt = new Map<string, number>();
  /** likewise, when something was first seen to wait */
  readonly #watchedSince = new Map<string, number>();

  of({ ends, lanes, now }: LagInput): Sampled[] {
    const positions = new Map(lanes.map((lane) => [Number(lane._id), lane.positions ?? {}]));
    const samples: Sampled[] = [];
    let watermarkLag = 0;
    for (const [topic, partitions] of ends) {
      for (const [partition, end] of partitions.entries()) {
        const backlog = backlogOf(end, positions.get(partition)?.[topic]);
        const lag = this.#lag(`${topic}/${partition}`, backlog, now);
        if (WATCHED.has(topic)) watermarkLag = Math.max(watermarkLag, lag.ms);
        const labels = { topic, partition };
        samples.push(
          { gauge: 'lagRecords', labels, value: lag.records },
          { gauge: 'lagSeconds', labels, value: lag.ms / 1_000 },
          { gauge: 'appliedOffset', labels, value: backlog.next ?? 0 },
        );
      }
    }
    samples.push({ gauge: 'watermarkLag', value: watermarkLag / 1_000 });
    return samples;
  }

  #lag(name: string, backlog: Backlog, now: number): Lag {
    if (isCaughtUp(backlog)) this.#clearAt.set(name, now);
    else if (!this.#watchedSince.has(name)) this.#watchedSince.set(name, now);
    // A lane that has begun anew has applied nothing yet; of it there is only how long it has been watched.
    const begun = (backlog.appliedAt ?? 0) > 0;
    const clearAt = this.#clearAt.get(name) ?? (begun ? 0 : this.#watchedSince.get(name)) ?? now;
    return lagOf(backlog, now, clearAt);
  }
}
