/**
 * Workers frozen for longer than the broker's session timeout and every lease, while others take what they had.
 * A thawed one goes on where it stood, in mid-batch, in mid-send: nothing of that may count, and it joins again.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { printSeed, say } from './chance.js';
import { distribution, type Member, type TakeOver } from './crew.js';
import { playScene, playScenes, type Stage } from './scene.js';

beforeAll(printSeed);

const FROZEN_MS = { least: 9_000, most: 12_000 };

describe('a worker that is frozen and thawed', () => {
  it('does no harm and joins again, active, idle or alone', async () => {
    const options = { workers: 2, load: { ordersPerSecond: 30 } };
    const [active, idle] = await playScenes([
      playScene('the one that relays', options, (stage) => freezeAndThaw(stage, true)),
      playScene('the other one', options, (stage) => freezeAndThaw(stage, false)),
      playScene('alone', { ...options, workers: 1 }, freezeAlone),
    ]);
    say(`frozen while active: lanes moved ${distribution(decided(active))}`);
    say(`frozen while idle:   lanes moved ${distribution(decided(idle))}`);
  }, 180_000);
});

function decided(times: TakeOver[] | undefined): number[] {
  return (times ?? []).map(({ decidedMs }) => decidedMs);
}

async function freezeAndThaw({ crew, load, chance, members }: Stage, relays: boolean): Promise<TakeOver[]> {
  await Promise.all(members.map((member) => crew.hasLanes(member)));
  await delay(chance.integer(0, 1_000)); // the random instant
  const holder = await crew.holderOf('relay');
  const zombie = members.find(({ name }) => (name === holder) === relays) as Member;
  const lanes = await crew.lanesOf(zombie);
  await zombie.process.kill('SIGSTOP');
  const frozenAt = Date.now();
  const frozenMs = chance.integer(FROZEN_MS.least, FROZEN_MS.most);
  const [moved] = await Promise.all([crew.moved(load, lanes, frozenAt), delay(frozenMs)]);
  expect(await crew.lanesOf(zombie)).toEqual([]);
  await zombie.process.kill('SIGCONT');
  const thawedAt = Date.now();
  const again = await crew.hasLanes(zombie);
  await crew.moved(load, again, thawedAt);
  return moved;
}

/** Nobody takes over; the broker has thrown it out of its group all the same. */
async function freezeAlone({ crew, load, chance, members }: Stage): Promise<TakeOver[]> {
  const zombie = members[0] as Member;
  const lanes = await crew.hasLanes(zombie);
  await delay(chance.integer(0, 1_000)); // the random instant
  await zombie.process.kill('SIGSTOP');
  await delay(chance.integer(FROZEN_MS.least, FROZEN_MS.most));
  await zombie.process.kill('SIGCONT');
  return crew.moved(load, lanes, Date.now());
}
