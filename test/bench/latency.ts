/** From produce to outcome on Kafka, at a steady 1,000 orders a second. */

import { join } from 'node:path';
import { HoldfastWorker } from './holdfast-worker.js';
import type { LatencyFound, LatencySettings } from './latency-load.js';
import { makeLoad } from './load.js';
import { withProcessorTime } from './measure.js';
import type { Measured, Part, RunOptions } from './parts.js';
import { preload } from './preload.js';
import { Program } from './processes.js';
import type { World } from './world.js';

const PER_SECOND = 1_000;
const WARM_UP = 10_000;

export const latencyPart: Part = {
  name: 'latency',
  means: 'from just before producer.send to the outcome read from Kafka, at 1,000 orders a second',
  rounds: { full: 2, quick: 1 },
  run: measure,
};

async function measure(world: World, options: RunOptions): Promise<Measured> {
  const scene = await world.openScene('latency');
  const seconds = options.quick ? 10 : 30;
  const settings: LatencySettings = {
    brokers: world.stack.brokers,
    prefix: scene.prefix,
    perSecond: PER_SECOND,
    seconds,
    warmUpSeconds: 3,
    seed: options.seed,
  };
  try {
    const worker = await HoldfastWorker.start(world, scene, options.profileFolder);
    try {
      const warmUp = { workload: 'uniform', orders: WARM_UP, tag: 'warm', seed: options.seed } as const;
      const { ends, release } = await preload(scene, makeLoad({ ...warmUp, occurredAt: new Date() }));
      await release();
      await worker.untilIdle(ends);
      await world.settle();
      const generator = await Program.start({
        program: join(import.meta.dirname, 'latency-load.js'),
        arguments: [JSON.stringify(settings)],
        logFile: join(world.folder, `${scene.name}-load.log`),
      });
      const pids = { ...worker.pids(), load: generator.pid };
      const started = performance.now();
      const { result, processor } = await withProcessorTime(pids, () => generator.message<LatencyFound>());
      const ended = performance.now();
      await generator.stop();
      await worker.stop();
      const profile = await worker.profile(started, ended);
      if (result.lost > 0) throw new Error(`${result.lost} orders had no outcome after 10 s`);
      await worker.audit(WARM_UP + result.orders);
      const { p50, p99, max, orders, generatorDelayP99 } = result;
      return { figures: { p50, p99 }, details: { orders, max, generatorDelayP99, ...profile }, processor };
    } finally {
      await worker.stop();
    }
  } finally {
    await world.closeScene(scene);
  }
}
