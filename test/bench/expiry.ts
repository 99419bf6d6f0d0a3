/** A hundred thousand holds that fall due in the same instant. */

import { setTimeout as delay } from 'node:timers/promises';
import { HoldfastWorker } from './holdfast-worker.js';
import { makeLoad } from './load.js';
import { published, until, withProcessorTime } from './measure.js';
import type { Measured, Part, RunOptions } from './parts.js';
import { preload } from './preload.js';
import type { Scene, World } from './world.js';

const HOLD_MS = 30 * 60_000;
const LIMIT_MS = 120_000;
const WARM_UP = 10_000;
const WARM_UP_LEAD_MS = 5_000;
/** The lead is this much longer than the warm-up says that holding them takes. */
const LEAD_MARGIN = 1.6;
const LEAST_LEAD_MS = 8_000;
const HOLDS = { full: 100_000, quick: 40_000 };
const LATE_SHARE = 0.99;

export const expiryPart: Part = {
  name: 'expiry',
  means: '100,000 holds due at once: holds a second, and how late the last but one per cent is published',
  rounds: { full: 2, quick: 1 },
  run: measure,
};

async function measure(world: World, options: RunOptions): Promise<Measured> {
  const size = options.quick ? 'quick' : 'full';
  const scene = await world.openScene('expiry');
  try {
    const worker = await HoldfastWorker.start(world, scene, options.profileFolder);
    try {
      const { seed } = options;
      const warm = await place(worker, scene, {
        orders: WARM_UP,
        tag: 'warm',
        leadMs: WARM_UP_LEAD_MS,
        seed,
      });
      await untilDue(warm.due);
      await expired(worker, scene, WARM_UP, 0);
      const holds = HOLDS[size];
      const leadMs = Math.max(LEAST_LEAD_MS, (LEAD_MARGIN * warm.tookMs * holds) / WARM_UP);
      const { due, inTime } = await place(worker, scene, { orders: holds, tag: 'order', leadMs, seed });
      if (!inTime)
        throw new Error(`holding ${holds} orders took longer than ${leadMs} ms: they were due before`);
      await world.settle();
      await untilDue(due);
      const { result, processor } = await withProcessorTime(worker.pids(), () =>
        expired(worker, scene, holds, WARM_UP),
      );
      await worker.untilIdle(new Map());
      await worker.stop();
      // Each order is held and released.
      await worker.audit(2 * (WARM_UP + holds));
      const { seconds, latenessP99Ms, started } = result;
      const profile = await worker.profile(started, started + seconds * 1_000);
      return {
        figures: { perSecond: holds / seconds, latenessP99Ms },
        details: { holds, seconds, ...profile },
        processor,
      };
    } finally {
      await worker.stop();
    }
  } finally {
    await world.closeScene(scene);
  }
}

interface Placing {
  orders: number;
  tag: string;
  leadMs: number;
  seed: number;
}

/** Holds orders of half an hour ago, less the lead: they fall due all at once, when the lead is over. */
async function place(worker: HoldfastWorker, scene: Scene, placing: Placing) {
  const began = Date.now();
  const due = began + placing.leadMs;
  const load = makeLoad({ ...placing, workload: 'uniform', occurredAt: new Date(due - HOLD_MS) });
  const { ends, release } = await preload(scene, load);
  await release();
  await worker.untilIdle(ends);
  const tookMs = Date.now() - began;
  return { due, tookMs, inTime: tookMs < placing.leadMs };
}

/** Watches the holds go that are due now, after `before` others. @returns from now to the last `OrderExpired` on Kafka */
async function expired(worker: HoldfastWorker, scene: Scene, holds: number, before: number) {
  const started = performance.now();
  let late: number | undefined;
  const ended = await until(
    'expiry',
    async () => {
      const gone = (await published(scene, 'OrderExpired')) - before;
      if (gone >= holds * LATE_SHARE) late ??= performance.now();
      return gone >= holds;
    },
    LIMIT_MS,
    () => worker.check(),
  );
  return { started, seconds: (ended - started) / 1_000, latenessP99Ms: (late ?? ended) - started };
}

function untilDue(due: number): Promise<void> {
  return delay(Math.max(0, due - Date.now()));
}
