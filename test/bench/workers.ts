/** Measures several of Holdfast's workers that share one load: the same orders, with one, two and four processes. */

import { setTimeout as delay } from 'node:timers/promises';
import { makeLoad } from './load.js';
import { HoldfastWorker } from './holdfast-worker.js';
import { withProcessorTime } from './measure.js';
import type { Measured, Part, RunOptions } from './parts.js';
import { preload } from './preload.js';
import type { Scene, World } from './world.js';

const WORKERS = [1, 2, 4] as const;
const ORDERS = { full: 100_000, quick: 40_000 };
/** Enough for the hot paths of each to be compiled. */
const WARM_UP_EACH = 8_000;
const SHARED_WITHIN_MS = 60_000;

export const workersParts: Part[] = WORKERS.map((count) => ({
  name: `workers.${count}`,
  means: `the uniform load with ${count} worker process${count === 1 ? '' : 'es'} in one group`,
  rounds: { full: 3, quick: 1 },
  onlyByName: true,
  run: (world: World, options: RunOptions) => measure(world, options, count),
}));

async function measure(world: World, options: RunOptions, count: number): Promise<Measured> {
  const orders = ORDERS[options.quick ? 'quick' : 'full'];
  const scene = await world.openScene(`workers-${count}`);
  const workers: HoldfastWorker[] = [];
  try {
    for (let at = 0; at < count; at++) workers.push(await HoldfastWorker.start(world, scene));
    const [first] = workers as [HoldfastWorker];
    await untilShared(scene, count);
    const base = { workload: 'uniform', seed: options.seed } as const;
    const work = async (tag: string, size: number) => {
      const load = makeLoad({ ...base, orders: size, tag, occurredAt: new Date() });
      const { ends, release } = await preload(scene, load);
      return withProcessorTime(pidsOf(world, workers), async () => {
        const started = await release();
        return (await first.untilIdle(ends)) - started;
      });
    };
    await work('warm', count * WARM_UP_EACH);
    await world.settle();
    const { result: ms, processor } = await work('order', orders);
    for (const worker of workers) await worker.stop();
    await first.audit(count * WARM_UP_EACH + orders);
    await world.settle();
    const details = { orders, seconds: ms / 1_000, ...(await bytesOf(scene)) };
    return { figures: { perSecond: orders / (ms / 1_000) }, details, processor };
  } finally {
    for (const worker of workers) await worker.stop();
    await world.closeScene(scene);
  }
}

function pidsOf(world: World, workers: readonly HoldfastWorker[]): Record<string, number | undefined> {
  const own = workers.map((worker, at): [string, number] => [`worker${at + 1}`, worker.pid]);
  return { ...Object.fromEntries(own), ...world.stack.pids(), bench: process.pid };
}

/** What an order takes on disk, its indexes included, and as a document in memory; its outcomes on Kafka not. */
async function bytesOf({ database }: Scene): Promise<{ diskBytesAnOrder: number; documentBytes: number }> {
  const [stats] = await database.orders.aggregate([{ $collStats: { storageStats: {} } }]).toArray();
  const {
    count = 1,
    size = 0,
    storageSize = 0,
    totalIndexSize = 0,
  } = stats?.['storageStats'] as Record<string, number>;
  return { diskBytesAnOrder: (storageSize + totalIndexSize) / count, documentBytes: size / count };
}

/** Waits until every worker has its share of the lanes. */
async function untilShared({ database, partitions }: Scene, count: number): Promise<void> {
  const give = performance.now() + SHARED_WITHIN_MS;
  for (;;) {
    const lanes = await database.lanes.find().toArray();
    const shares = new Map<string, number>();
    // An owner is a process and, behind the last slash, which of its assignments.
    const processes = lanes.map(({ owner }) => owner.slice(0, owner.lastIndexOf('/')));
    for (const process of processes) shares.set(process, (shares.get(process) ?? 0) + 1);
    const least = Math.floor(partitions / count);
    if (
      lanes.length === partitions &&
      shares.size === count &&
      [...shares.values()].every((own) => own >= least)
    )
      return;
    if (performance.now() > give) throw new Error(`the lanes are not shared: ${JSON.stringify([...shares])}`);
    await delay(50);
  }
}
