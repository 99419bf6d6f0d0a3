/**
 * Workers killed with -9 at random instants under load: one of two, and the only one. What they had in hand is
 * either committed or done again by whoever has their lanes next, and lanes move again within ten seconds.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { printSeed, say } from './chance.js';
import { ALL_LANES, distribution, slownessMs, type TakeOver } from './crew.js';
import { playScene, playScenes, type Stage } from './scene.js';

/**
 * The promise. On a machine that is busy with other things everything takes longer without any fault: by how much,
 * the same lanes and the victim's own start have just shown, and so much later a lane may be.
 */
const MOVED_WITHIN_MS = 10_000;

beforeAll(printSeed);

interface Killed extends TakeOver {
  /** how much longer this machine takes for things at the moment than a quiet one, ms */
  slownessMs: number;
}

// Side by side: nearly all of the time goes by waiting for the broker to notice a death.
const SCENES = [
  { name: 'one of two', workers: 2, kills: 7 },
  { name: 'one of two, elsewhere', workers: 2, kills: 7 },
  { name: 'the only one', workers: 1, kills: 8 },
];

describe('a worker killed in mid-batch', () => {
  it('loses nothing, repeats nothing, and its lanes move again', async () => {
    const options = { load: { ordersPerSecond: 30 } };
    const told = await playScenes(
      SCENES.map(({ name, workers, kills }) =>
        playScene(name, { ...options, workers }, (stage) => killAgainAndAgain(stage, kills)),
      ),
    );
    for (const [at, { times, leftOpen }] of told.entries()) {
      const { name, kills } = SCENES[at] as (typeof SCENES)[number];
      say(`${kills} kills of ${name}, ${leftOpen} of which left a transaction open; a lane's next decision:`);
      say(`  made    ${distribution(times.map(({ decidedMs }) => decidedMs))}`);
      say(`  arrived ${distribution(times.map(({ arrivedMs }) => arrivedMs))}`);
      say(`  of which the machine's slowness ${distribution(times.map((time) => time.slownessMs))}`);
    }
    const late = told
      .flatMap(({ times }) => times)
      .filter((time) => time.decidedMs > MOVED_WITHIN_MS + time.slownessMs);
    expect(late).toEqual([]);
  }, 240_000);
});

async function killAgainAndAgain(
  { crew, load, chance, members }: Stage,
  kills: number,
): Promise<{ times: Killed[]; leftOpen: number }> {
  const times: Killed[] = [];
  let leftOpen = 0;
  let alive = members;
  for (let kill = 0; kill < kills; kill++) {
    await Promise.all(alive.map((member) => crew.hasLanes(member)));
    const usual = await crew.moved(load, ALL_LANES, Date.now());
    await delay(chance.integer(0, 1_000)); // the random instant
    const victim = chance.oneOf(alive);
    const lanes = await crew.lanesOf(victim);
    await victim.process.kill('SIGKILL');
    const diedAt = Date.now();
    if (await crew.hasOpenTransaction(victim)) leftOpen += 1;
    alive = alive.filter((member) => member !== victim);
    const isAlone = alive.length === 0;
    // A supervisor starts it again under its name, or another host starts one under a new name.
    const name = chance.happens(0.5) ? victim.name : undefined;
    const pauseMs = isAlone ? 0 : chance.integer(0, 4_000);
    const [moved, restarted] = await Promise.all([
      crew.moved(load, lanes, diedAt),
      delay(pauseMs).then(() => crew.start(name)),
    ]);
    const slowness = slownessMs(usual, isAlone ? victim : undefined);
    times.push(...moved.map((time) => ({ ...time, slownessMs: slowness })));
    alive.push(restarted);
  }
  return { times, leftOpen };
}
