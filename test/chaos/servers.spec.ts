/**
 * Broker and database restarted under load, in order and with -9, each and both: lanes, relay and timer wait, and
 * go on. On a stack of this file's own, whose database gives up on abandoned transactions only after a minute, so
 * that it is seen who ends them.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { line } from '../support/pipeline.js';
import { printSeed, say } from './chance.js';
import { ALL_LANES, distribution, slownessMs, type Member } from './crew.js';
import { dieInMidTransaction } from './open-transaction.js';
import { startOwnStack, type OwnStack } from './own-stack.js';
import { playScene, playScenes, type Stage } from './scene.js';

let own: OwnStack;
let stack: OwnStack['stack'];
let servers: OwnStack['servers'];

beforeAll(async () => {
  printSeed();
  own = await startOwnStack({ mongodParameters: { transactionLifetimeLimitSeconds: 60 } });
  ({ stack, servers } = own);
}, 120_000);

afterAll(() => own?.stop(), 60_000);

describe('a transaction that a dead worker has left open', () => {
  it('does not keep its stock locked for longer than ten seconds', async () => {
    const options = { servers, workers: 2, load: { ordersPerSecond: 25 } };
    const [others, itself] = await playScenes([
      playScene('buried by another', options, killInMidTransaction),
      playScene('buried by itself', { ...options, workers: 1 }, killInMidTransaction),
    ]);
    say(`locked stock moved after the death of its worker: ended by another ${distribution(others ?? [])}`);
    say(`  by itself, started again under its name: ${distribution(itself ?? [])}`);
  }, 180_000);
});

/** @returns ms from the death to the first decision of each lane whose stock was locked */
async function killInMidTransaction({ shop, crew, load, members }: Stage): Promise<number[]> {
  const lanesOf = await Promise.all(members.map((member) => crew.hasLanes(member)));
  // One lane of each worker: the dead one's, and one that stays where it is.
  const lanes = [...new Set(lanesOf.map((lanes) => lanes[0] as number))];
  const usual = await crew.moved(load, lanes, Date.now());
  const [victim] = members as [Member];
  const isAlone = members.length === 1;
  const stores = new Set(lanes.flatMap((lane) => [...load.storesOf(lane)]));
  await dieInMidTransaction(shop.database, victim, stores);
  const diedAt = Date.now();
  const [moved] = await Promise.all([
    crew.moved(load, lanes, diedAt),
    isAlone ? crew.start(victim.name) : Promise.resolve(),
  ]);
  const times = moved.map(({ decidedMs }) => decidedMs);
  expect(Math.max(...times)).toBeLessThan(10_000 + slownessMs(usual, isAlone ? victim : undefined));
  return times;
}

type Outage = [name: string, goes: () => Promise<void>, comes: () => Promise<void>];

describe('a server that goes away and comes back', () => {
  it('is waited for by lanes, relay and timer', async () => {
    const { kafka, mongo } = stack;
    const outages: Outage[] = [
      ['the broker stopped', () => kafka.stop(), () => kafka.start()],
      ['the database killed', () => mongo.kill(), () => mongo.start()],
      ['the broker killed', () => kafka.kill(), () => kafka.start()],
      ['the database stopped', () => mongo.stop(), () => mongo.start()],
    ];
    await playScene('servers', { servers, workers: 2, load: { ordersPerSecond: 40 } }, async (stage) => {
      await Promise.all(stage.members.map((member) => stage.crew.hasLanes(member)));
      for (const outage of outages) say(await outlive(stage, outage));
    });
  }, 240_000);
});

async function outlive({ shop, crew, load, chance }: Stage, [name, goes, comes]: Outage): Promise<string> {
  await delay(chance.integer(0, 1_000)); // the random instant
  await goes();
  const goneAt = Date.now();
  await delay(chance.integer(0, 2_000));
  await comes();
  const backAt = Date.now();
  const moved = await crew.moved(load, ALL_LANES, backAt);
  await shop.until(
    ({ expired }) => expired.some(({ occurredAt }) => Date.parse(occurredAt) > backAt),
    'the timer goes on',
  );
  const timerMs = Date.now() - backAt;
  return (
    `${name}, back after ${backAt - goneAt} ms: lanes arrive again ` +
    `${distribution(moved.map(({ arrivedMs }) => arrivedMs))}; the timer within ${timerMs} ms`
  );
}

describe('an outage of everything', () => {
  it('lets no hold expire that was paid in time, whoever comes back first', async () => {
    const options = { servers, workers: 2, load: { ordersPerSecond: 15 } };
    await playScene('everything away', options, async ({ shop, crew, load, chance, members }) => {
      const holdMs = 8_000;
      await shop.store('outage', { holdMs });
      await shop.product('outage', 'mug');
      await shop.stock('outage', { mug: 300 });
      const orderIds = Array.from({ length: 300 }, (_, at) => `outage-${at}`);
      const paid = orderIds.filter(() => chance.happens(0.5));
      await shop.publish.placed(
        orderIds.map((orderId) => ({ storeId: 'outage', orderId, lines: [line('mug')] })),
      );
      const dueAt = Date.now() + holdMs;
      await shop.until(({ of }) => orderIds.every((id) => of('outage', id).length === 1), 'all are held');
      for (const member of members) await member.process.kill('SIGKILL');
      await shop.publish.paid(
        paid.map((orderId) => ({ storeId: 'outage', orderId, paymentId: `pay-${orderId}` })),
      );
      expect(Date.now()).toBeLessThan(dueAt - holdMs / 10);
      for (const id of orderIds) load.adopt('outage', id, paid.includes(id) ? [`pay-${id}`] : []);
      await Promise.all([stack.kafka.kill(), stack.mongo.kill()]);
      await delay(Math.max(0, dueAt - Date.now())); // not before every hold is due
      await Promise.all([stack.kafka.start(), stack.mongo.start()]);
      // The timer is there before anybody who could apply the payments.
      const timer = await crew.start(undefined, { HOLDFAST_ROLES: 'expire,relay' });
      await timer.process.says(/active: expire/);
      await delay(chance.integer(1_000, 2_000));
      expect(await shop.balance('outage', 'mug')).toEqual([0, 300, 0, 0]);
      await crew.start(undefined, { HOLDFAST_ROLES: 'consume' });
      await shop.until(
        ({ of }) => orderIds.every((id) => of('outage', id).length === 2),
        'every order is sold or expired',
        60_000,
      );
      expect(await shop.balance('outage', 'mug')).toEqual([300 - paid.length, 0, paid.length, 0]);
    });
  }, 240_000);
});
