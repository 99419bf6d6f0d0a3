/** Measures the idiomatic worker (idiomatic-worker.ts), with one and with six partitions at a time. */

import { join } from 'node:path';
import type { IdiomaticSettings } from './idiomatic-worker.js';
import { makeLoad, type Load, type Workload } from './load.js';
import { published, until, withProcessorTime } from './measure.js';
import type { Measured, Part, RunOptions } from './parts.js';
import { preload } from './preload.js';
import { Program } from './processes.js';
import type { Scene, World } from './world.js';

/** Some three seconds of work, as Holdfast's worker has. */
const WARM_UP = { full: 1_200, quick: 300 };
const ORDERS = { full: 1_500, quick: 600 };
const LIMIT_MS = 120_000;
/** Nest's transport hands kafkajs this as `partitionsConsumedConcurrently`. */
const CONCURRENCIES = [1, 6] as const;

export const idiomaticParts: Part[] = (['uniform', 'hot'] as const).flatMap((workload) =>
  CONCURRENCIES.map((concurrency) => ({
    name: `idiomatic.${workload}${concurrency}`,
    means: `Nest's Kafka transport, a mongoose transaction a message, ${concurrency} partition(s) at a time; ${workload}`,
    rounds: { full: 3, quick: 1 },
    run: (world: World, options: RunOptions) => measure(world, options, workload, concurrency),
  })),
);

async function measure(
  world: World,
  options: RunOptions,
  workload: Workload,
  concurrency: number,
): Promise<Measured> {
  const size = options.quick ? 'quick' : 'full';
  const [warmUp, orders] = [WARM_UP[size], ORDERS[size]];
  const scene = await world.openScene(`idiomatic-${workload}`);
  const settings: IdiomaticSettings = {
    brokers: world.stack.brokers,
    mongoUri: world.stack.mongoUri,
    database: scene.name,
    prefix: scene.prefix,
    concurrency,
  };
  const worker = await Program.start({
    program: join(import.meta.dirname, 'idiomatic-worker.js'),
    arguments: [JSON.stringify(settings)],
    logFile: join(world.folder, `${scene.name}.log`),
  });
  try {
    await worker.message();
    const load = { workload, seed: options.seed, occurredAt: new Date() };
    await work(world, scene, worker, makeLoad({ ...load, orders: warmUp, tag: 'warm' }), warmUp);
    await world.settle();
    const measured = makeLoad({ ...load, orders, tag: 'order' });
    const { seconds, processor } = await work(world, scene, worker, measured, warmUp + orders);
    return { figures: { perSecond: orders / seconds }, details: { orders, seconds }, processor };
  } finally {
    await worker.stop();
    await world.closeScene(scene);
  }
}

/** Until so many outcomes are on Kafka. */
async function work(world: World, scene: Scene, worker: Program, load: Load, outcomes: number) {
  const { release } = await preload(scene, load);
  const pids = { worker: worker.pid, ...world.stack.pids(), bench: process.pid };
  const { result: seconds, processor } = await withProcessorTime(pids, async () => {
    const started = await release();
    const isDone = async () => (await published(scene, 'StockOutcome')) >= outcomes;
    const ended = await until('the idiomatic worker', isDone, LIMIT_MS, () => worker.check());
    return (ended - started) / 1_000;
  });
  return { seconds, processor };
}
