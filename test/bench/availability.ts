/** Shops' own pages ask what can be ordered, 500 times a second, while orders come at 1,000 a second. */

import { join } from 'node:path';
import { createApiKey } from '@holdfast/store';
import type { AvailabilityFound, AvailabilitySettings, ShopAsked } from './availability-load.js';
import { PRODUCTS_PER_STORE, productIdOf, STORES, storeIdOf } from './catalogue.js';
import { HoldfastWorker } from './holdfast-worker.js';
import type { LatencyFound, LatencySettings } from './latency-load.js';
import { makeLoad } from './load.js';
import { withProcessorTime } from './measure.js';
import type { Measured, Part, RunOptions } from './parts.js';
import { preload } from './preload.js';
import { Program } from './processes.js';
import { below, seeded } from './random.js';
import type { Scene, World } from './world.js';

/** As `npm run api` has it. */
const NODE_OPTIONS = ['--max-semi-space-size=64'];
/** Of the worker, as docs/scaling.md says for a machine that it shares with the API. */
const NICENESS = 10;
const ORDERS_PER_SECOND = 1_000;
const REQUESTS_PER_SECOND = 500;
const WARM_UP = 10_000;
/** A young API is slow, and what queues up before it would be counted with what comes after. */
const WARM_UP_SECONDS = 20;
/** Every fifth shop has its pages looked at; each page shows so many products. */
const SHOPS = STORES / 5;
const PAGES_OF_SHOP = 5;
const PRODUCTS_OF_PAGE = 10;

export const availabilityPart: Part = {
  name: 'availability',
  means:
    'storefront availability at 500 requests a second, beside 1,000 orders a second; 10 products a request; the worker gives way',
  rounds: { full: 2, quick: 1 },
  run: measure,
};

async function measure(world: World, options: RunOptions): Promise<Measured> {
  const scene = await world.openScene('availability');
  const seconds = options.quick ? 10 : 30;
  try {
    const shops = await openShops(scene, options.seed);
    const worker = await HoldfastWorker.start(world, scene, options.profileFolder, NICENESS);
    const programs: Program[] = [];
    try {
      const warmUp = { workload: 'uniform', orders: WARM_UP, tag: 'warm', seed: options.seed } as const;
      const { ends, release } = await preload(scene, makeLoad({ ...warmUp, occurredAt: new Date() }));
      await release();
      await worker.untilIdle(ends);
      const api = await startApi(world, scene, options.profileFolder);
      programs.push(api.program);
      await world.settle();
      const orders = await startLoad<LatencySettings>(world, scene, 'latency-load', {
        brokers: world.stack.brokers,
        prefix: scene.prefix,
        perSecond: ORDERS_PER_SECOND,
        seconds,
        warmUpSeconds: WARM_UP_SECONDS,
        seed: options.seed,
      });
      const requests = await startLoad<AvailabilitySettings>(world, scene, 'availability-load', {
        url: api.url,
        shops,
        perSecond: REQUESTS_PER_SECOND,
        seconds,
        warmUpSeconds: WARM_UP_SECONDS,
        seed: options.seed,
      });
      programs.push(orders, requests);
      const pids = { ...worker.pids(), api: api.program.pid, orders: orders.pid, requests: requests.pid };
      const started = performance.now();
      const { result, processor } = await withProcessorTime(pids, () =>
        Promise.all([requests.message<AvailabilityFound>(), orders.message<LatencyFound>()]),
      );
      const ended = performance.now();
      for (const program of programs.splice(0).reverse()) await program.stop();
      await worker.stop();
      const [asked, placed] = result;
      if (asked.failed > 0) throw new Error(`${asked.failed} requests failed: ${asked.failure}`);
      if (placed.lost > 0) throw new Error(`${placed.lost} orders had no outcome after 10 s`);
      await worker.audit(WARM_UP + placed.orders);
      return {
        figures: { p50: asked.p50, p99: asked.p99 },
        details: {
          requests: asked.requests,
          max: asked.max,
          unchangedShare: asked.unchangedShare,
          generatorDelayP99: asked.generatorDelayP99,
          orders: placed.orders,
          orderP99: placed.p99,
          ...(await worker.profile(started, ended)),
        },
        processor,
      };
    } finally {
      for (const program of programs) program.kill();
      await worker.stop();
    }
  } finally {
    await world.closeScene(scene);
  }
}

/** Keys for some shops, and the pages that are looked at. Half of them show their numbers. */
async function openShops({ database }: Scene, seed: number): Promise<ShopAsked[]> {
  const random = seeded(seed);
  const shops: ShopAsked[] = [];
  for (let shop = 0; shop < SHOPS; shop++) {
    const storeId = storeIdOf(shop * (STORES / SHOPS));
    if (shop % 2 === 0)
      await database.stores.updateOne({ _id: storeId }, { $set: { showCounts: true } as object });
    const { key } = await createApiKey(database, { scope: 'storefront', storeId, name: 'bench' });
    const pages = Array.from({ length: PAGES_OF_SHOP }, () =>
      Array.from({ length: PRODUCTS_OF_PAGE }, () => productIdOf(below(random, PRODUCTS_PER_STORE))),
    );
    shops.push({ storeId, key, pages });
  }
  return shops;
}

async function startApi(
  world: World,
  scene: Scene,
  profileFolder: string | undefined,
): Promise<{ program: Program; url: string }> {
  const program = await Program.start({
    program: join(import.meta.dirname, '..', '..', 'apps', 'api', 'main.js'),
    nodeOptions: [
      ...NODE_OPTIONS,
      ...(profileFolder === undefined
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${join(profileFolder, `${scene.name}-api`)}`]),
    ],
    environment: {
      KAFKA_BROKERS: world.stack.brokers.join(','),
      KAFKA_TOPIC_PREFIX: scene.prefix,
      MONGODB_URI: world.stack.mongoUri,
      MONGODB_DATABASE: scene.name,
      HOLDFAST_API_PORT: '0',
    },
    logFile: join(world.folder, `${scene.name}-api.log`),
  });
  const { ready } = await program.message<{ ready: string }>();
  return { program, url: ready };
}

function startLoad<Settings>(world: World, scene: Scene, name: string, settings: Settings): Promise<Program> {
  return Program.start({
    program: join(import.meta.dirname, `${name}.js`),
    arguments: [JSON.stringify(settings)],
    logFile: join(world.folder, `${scene.name}-${name}.log`),
  });
}
