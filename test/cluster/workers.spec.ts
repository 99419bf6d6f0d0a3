/** Two and four workers on a cluster: they share the lanes, and each rebalance costs a pause and nothing else. */

import { setTimeout as delay } from 'node:timers/promises';
import { printSeed, say } from '../chaos/chance.js';
import { ALL_LANES, type Crew, type Member } from '../chaos/crew.js';
import { playScene } from '../chaos/scene.js';
import { startOwnCluster, type OwnCluster } from './own-cluster.js';
import { pausesOf, PauseWatch } from './pause-watch.js';

let own: OwnCluster;

beforeAll(async () => {
  printSeed();
  own = await startOwnCluster();
}, 180_000);

afterAll(() => own?.stop(), 60_000);

const SHARED_WITHIN_MS = 60_000;

describe('workers of one group', () => {
  it('share the lanes evenly, two and four of them, and rebalances harm nothing', async () => {
    const options = {
      servers: own.servers,
      workers: 2,
      load: { ordersPerSecond: 150, units: 2_000, steady: true, keyed: true },
    };
    await playScene('workers of a cluster', options, async ({ shop, crew, load, members }) => {
      const alive = [...members];
      await shared(crew, alive, [3, 3]);
      await crew.moved(load, ALL_LANES, Date.now());
      const watch = new PauseWatch(shop, load);
      const step = async (name: string, change: () => Promise<unknown>, shares: number[]): Promise<void> => {
        const from = Date.now();
        await change();
        await shared(crew, alive, shares);
        await crew.moved(load, ALL_LANES, Date.now());
        say(`${name}: ${pausesOf(watch.between(from, Date.now()))}`);
      };
      try {
        await step('nothing', () => delay(2_000), [3, 3]);
        await step('a third worker joins', async () => alive.push(await crew.start()), [2, 2, 2]);
        await step('a fourth worker joins', async () => alive.push(await crew.start()), [1, 1, 2, 2]);
        await step('one of four stops', () => shop.stopWorker(alive.shift()?.process), [2, 2, 2]);
        await step(
          'one of three is killed with -9',
          async () => alive.shift()?.process.kill('SIGKILL'),
          [3, 3],
        );
      } finally {
        watch.stop();
      }
    });
  }, 300_000);
});

/** Resolves when the living have so many lanes each, in ascending order. */
async function shared(crew: Crew, alive: readonly Member[], shares: readonly number[]): Promise<void> {
  const give = performance.now() + SHARED_WITHIN_MS;
  for (;;) {
    const lanes = await Promise.all(alive.map((member) => crew.lanesOf(member)));
    const counts = lanes.map((own) => own.length).sort((a, b) => a - b);
    if (JSON.stringify(counts) === JSON.stringify(shares)) {
      expect(lanes.flat().sort((a, b) => a - b)).toEqual(ALL_LANES);
      return;
    }
    if (performance.now() > give)
      throw new Error(`lanes are shared as ${counts.join(', ')}, not ${shares.join(', ')}`);
    await delay(50);
  }
}
