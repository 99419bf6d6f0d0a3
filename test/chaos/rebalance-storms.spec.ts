/**
 * Workers that come and go faster than the group settles: started, stopped as operators stop them, killed, and
 * frozen for moments, at random instants under load.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { printSeed, say } from './chance.js';
import { ALL_LANES, type Member } from './crew.js';
import { playScene, type Stage } from './scene.js';

beforeAll(printSeed);

const STEPS = 24;
const MOST_WORKERS = 4;

describe('a storm of rebalances', () => {
  it('delays the lanes, and harms nothing', async () => {
    const done = await playScene('storm', { workers: 2, load: { ordersPerSecond: 40 } }, storm);
    say(`the storm: ${done.join(', ')}`);
  }, 240_000);
});

async function storm({ shop, crew, load, chance, members }: Stage): Promise<string[]> {
  const alive = [...members];
  const done: string[] = [];
  const pending: Promise<unknown>[] = [];
  const take = (): Member => alive.splice(chance.integer(0, alive.length - 1), 1)[0] as Member;
  for (let step = 0; step < STEPS; step++) {
    await delay(chance.integer(50, 1_500)); // the random instant
    const starting = shop.workers.filter((worker) => worker === undefined).length;
    const action = chance.oneOf(['start', 'start', 'stop', 'stop', 'kill', 'freeze'] as const);
    if (action === 'start') {
      if (alive.length + starting >= MOST_WORKERS) continue;
      pending.push(crew.start().then((member) => alive.push(member)));
    } else if (alive.length === 0 || (action !== 'freeze' && alive.length < 2)) {
      continue;
    } else if (action === 'stop') {
      pending.push(shop.stopWorker(take().process));
    } else if (action === 'kill') {
      await take().process.kill('SIGKILL');
    } else {
      const { process } = chance.oneOf(alive);
      await process.kill('SIGSTOP');
      pending.push(delay(chance.integer(200, 3_000)).then(() => process.kill('SIGCONT')));
    }
    done.push(action);
    // A failure comes out at the end; until then it must not count as unhandled.
    for (const promise of pending) promise.catch(() => undefined);
  }
  await Promise.all(pending);
  await crew.moved(load, ALL_LANES, Date.now());
  return done;
}
