/** Measures Holdfast's worker: one process with every role, until the outbox is empty and all outcomes on Kafka. */

import { setTimeout as delay } from 'node:timers/promises';
import { makeLoad, type Load, type LoadOptions, type Workload } from './load.js';
import { HoldfastWorker } from './holdfast-worker.js';
import { withProcessorTime, type ProcessorTime } from './measure.js';
import type { Measured, Part, RunOptions } from './parts.js';
import { preload } from './preload.js';
import type { Scene, World } from './world.js';

interface Sizes {
  full: number;
  quick: number;
}

const ORDERS: Record<Workload, Sizes> = {
  uniform: { full: 100_000, quick: 40_000 },
  zipf: { full: 100_000, quick: 40_000 },
  hot: { full: 150_000, quick: 60_000 },
  hotRandomKeys: { full: 150_000, quick: 60_000 },
  mixed: { full: 60_000, quick: 25_000 },
};
/**
 * Some three seconds of work, as the idiomatic worker has. In the mixed life fewer: its warm-up, too, has to be on the
 * broker before its holds fall due.
 */
const WARM_UP: Record<Workload, number> = {
  uniform: 50_000,
  zipf: 50_000,
  hot: 120_000,
  hotRandomKeys: 120_000,
  mixed: 20_000,
};
const QUICK_WARM_UP = 8_000;
/** In the mixed life: longer than it takes to put the load on the broker, so that every payment is in time. */
const MIXED_HOLD_MS = 6_000;

const MEANS: Record<Workload, string> = {
  uniform: 'stores and products at random, keyed by store',
  zipf: "products by Zipf's law (s = 1)",
  hot: 'every order takes the same product, keyed by store: one partition',
  hotRandomKeys: 'every order takes the same product, keyed at random: six partitions',
  mixed:
    'placed; 60 % paid (a twelfth of them refunded), 10 % rejected, 30 % expiring; consumed events a second',
};

export const holdfastParts: Part[] = (Object.keys(ORDERS) as Workload[]).map((workload) => ({
  name: `holdfast.${workload}`,
  means: `Holdfast's worker: ${MEANS[workload]}`,
  rounds: { full: 3, quick: 1 },
  run: (world: World, options: RunOptions) => measure(world, options, workload),
}));

async function measure(world: World, options: RunOptions, workload: Workload): Promise<Measured> {
  const size = options.quick ? 'quick' : 'full';
  const orders = ORDERS[workload][size];
  const warmUp = options.quick ? QUICK_WARM_UP : WARM_UP[workload];
  const scene = await world.openScene(`holdfast-${workload}`);
  try {
    if (workload === 'mixed') await setHoldTime(scene, MIXED_HOLD_MS);
    const worker = await HoldfastWorker.start(world, scene, options.profileFolder);
    try {
      const base = { workload, seed: options.seed };
      await work(worker, scene, { ...base, orders: warmUp, tag: 'warm' });
      await world.settle();
      const { load, started, ended, processor } = await work(worker, scene, {
        ...base,
        orders,
        tag: 'order',
      });
      await worker.stop();
      // Every order has one outcome at the least; what came of the payments is for the audit to say.
      await worker.audit(warmUp + orders);
      const seconds = (ended - started) / 1_000;
      const events = load.records.length;
      const details = {
        orders,
        events,
        expired: workload === 'mixed' ? load.unanswered : 0,
        seconds,
        ...(await worker.profile(started, ended)),
      };
      return { figures: figuresOf(workload, load, seconds), details, processor };
    } finally {
      await worker.stop();
    }
  } finally {
    await world.closeScene(scene);
  }
}

function figuresOf(workload: Workload, load: Load, seconds: number): Record<string, number> {
  const perSecond = load.records.length / seconds;
  if (workload !== 'mixed') return { perSecond };
  return { perSecond, perSecondWithExpiries: (load.records.length + load.unanswered) / seconds };
}

interface Worked {
  load: Load;
  started: number;
  ended: number;
  processor: ProcessorTime;
}

async function work(
  worker: HoldfastWorker,
  scene: Scene,
  options: Omit<LoadOptions, 'occurredAt'>,
): Promise<Worked> {
  const placedAt = Date.now();
  const load = makeLoad({ ...options, occurredAt: new Date(placedAt) });
  const { ends, release } = await preload(scene, load);
  // Everything unpaid is due when the clock starts, and waits for the payments that came in time.
  if (options.workload === 'mixed') await untilDue(placedAt + MIXED_HOLD_MS);
  const { result, processor } = await withProcessorTime(worker.pids(), async () => {
    const started = await release();
    return { started, ended: await worker.untilIdle(ends) };
  });
  return { load, ...result, processor };
}

/** @throws when the moment is past: payments would have come too late, and the load would not be what it says */
async function untilDue(due: number): Promise<void> {
  const left = due - Date.now();
  if (left < 0) throw new Error(`the load was on the broker ${-left} ms after its holds fell due`);
  await delay(left + 1);
}

/** The same hold time for all shops. */
async function setHoldTime(scene: Scene, holdMs: number): Promise<void> {
  await scene.database.stores.updateMany({}, { $set: { holdMs }, $inc: { settingsVersion: 1 } });
}
