/** What happens in the demo, in order: traffic, a kill in mid-load, more cakes, and how it all comes to an end. */

import { setTimeout as delay } from 'node:timers/promises';
import { LaneWatch } from '../observe/lane-watch.js';
import type { DatabaseLook } from '../observe/database-look.js';
import { flashOrders, FLASH_OPENS, type Scene } from '../traffic/plan.js';
import { BAKERY, dayOf, SNEAKERS } from '../traffic/shops.js';
import type { Evidence, KillReport } from '../verdict.js';
import type { Observer } from './observer.js';
import type { ProducerProcess } from './producer-process.js';
import type { ProgramProcess } from './program-process.js';
import { addUnits, type World } from './world.js';

/** Shares of the run; the kill is in the rush of the flash sale. */
const KILL_AT = 0.3;
const MORE_CAKES_AT = 0.62;
const MORE_CAKES = 10;
/** As soon as whoever looks after the workers would start it again; sooner in short runs. */
const BACK_AFTER_MS = 10_000;
const BACK_AFTER_SHARE = 0.35;
/** Once no more orders come, everything is finished well within this: a hold lasts 8 s. */
const DRAINED_WITHIN_MS = 90_000;
const MOVES_AGAIN_WITHIN_MS = 60_000;

export interface Cast {
  world: World;
  observer: Observer;
  workers: readonly ProgramProcess[];
  api: ProgramProcess;
  /** ends the play: nothing is waited for or started any more */
  signal: AbortSignal;
  producers: readonly ProducerProcess[];
}

export type Played = Pick<Evidence, 'leftOver' | 'exits' | 'kill'>;

/** Plays the scene to its end, when nothing is on its way any more. @throws when a program of the demo fails */
export async function play(cast: Cast, scene: Scene): Promise<Played> {
  const { observer, producers } = cast;
  observer.startedAt = scene.startedAt;
  for (const producer of producers) producer.start(scene);
  observer.note(`three shops are open; ${producers.length} producers send what happens in them`);
  const [kill] = await Promise.all([
    killOne(cast, scene),
    tellOfFlashSale(cast, scene),
    addCakes(cast, scene),
    ...producers.map((producer) => producer.plannedSent()),
  ]);
  observer.phase = 'draining';
  observer.note('no more orders; what was begun goes on until nothing is held');
  const limit = AbortSignal.timeout(DRAINED_WITHIN_MS);
  await observer.until(({ waiting, outbox }) => waiting === 0 && outbox === 0, limit);
  await Promise.all(producers.map((producer) => producer.finish()));
  await observer.until(isDrained, limit);
  const { leftOver, exits } = await stopAll(cast, limit);
  observer.note('everything is done and the workers have stopped; now the audit');
  return { leftOver, exits, kill: kill() };
}

/** The API first: what a merchant did on the page until then goes out before the workers stop. */
async function stopAll(
  { observer, workers, api }: Cast,
  limit: AbortSignal,
): Promise<Pick<Evidence, 'leftOver' | 'exits'>> {
  const stop = async (program: ProgramProcess) => ({ name: program.name, exit: await program.stop() });
  observer.page = undefined;
  const exits = [await stop(api)];
  // Twice: a look counts Kafka's records first, and may miss one that leaves the outbox meanwhile.
  await observer.until(isDrained, limit);
  await observer.until(isDrained, limit);
  const leftOver = observer.last ? leftIn(observer.last) : [];
  observer.phase = 'auditing';
  exits.push(...(await Promise.all(workers.map(stop))));
  return { leftOver, exits };
}

function isDrained({ waiting, outbox, heldOrders }: DatabaseLook): boolean {
  return waiting === 0 && outbox === 0 && heldOrders === 0;
}

function leftIn({ waiting, outbox, heldOrders }: DatabaseLook): string[] {
  const left: string[] = [];
  if (waiting > 0) left.push(`${waiting} records on Kafka are not applied`);
  if (outbox > 0) left.push(`${outbox} batches of messages are not published`);
  if (heldOrders > 0) left.push(`${heldOrders} orders still hold something`);
  return left;
}

/** Resolves when so much of the scene has passed. */
function partOf({ startedAt, seconds }: Scene, share: number, signal: AbortSignal): Promise<void> {
  return delay(startedAt + share * seconds * 1_000 - Date.now(), undefined, { signal });
}

async function tellOfFlashSale({ observer, signal }: Cast, scene: Scene): Promise<void> {
  await partOf(scene, FLASH_OPENS, signal);
  observer.note(
    `the flash sale opens: ${flashOrders(scene.seconds)} orders for ${SNEAKERS} pairs, on all lanes`,
  );
}

async function addCakes({ world, observer, signal }: Cast, scene: Scene): Promise<void> {
  await partOf(scene, MORE_CAKES_AT, signal);
  const [date = ''] = scene.dates;
  await addUnits(world.tools, { storeId: BAKERY, productId: 'birthday-cake', date }, MORE_CAKES);
  observer.note(`the merchant adds ${MORE_CAKES} birthday cakes for ${dayOf(date)}`);
}

/** @returns what came of it, to be asked at the end */
async function killOne(
  { observer, workers, signal }: Cast,
  scene: Scene,
): Promise<() => KillReport | undefined> {
  await partOf(scene, KILL_AT, signal);
  // The one that does most: its lanes, and what it does alone, have to go to the other.
  const active = observer.last?.active.relay;
  const victim = workers.find(({ name }) => name === active) ?? workers[0];
  if (!victim) return () => undefined;
  const has = (observer.last?.lanes ?? []).filter(({ worker }) => worker === victim.name);
  const killedAt = Date.now();
  await victim.kill();
  const lanes = new LaneWatch(has, killedAt);
  const latencies = observer.tally.latenciesMs.length;
  observer.killed = { worker: victim.name, at: killedAt, lanes, latencies };
  const duties = [`lanes ${lanes.lanes.join(' ')}`, ...(active === victim.name ? ['the publishing'] : [])];
  observer.note(`kill -9 of ${victim.name}, which had ${duties.join(' and ')}`);
  const moved = Promise.all([tellOfMove(observer, lanes), tellOfTakeover(observer, active)]);
  await delay(Math.min(BACK_AFTER_MS, BACK_AFTER_SHARE * scene.seconds * 1_000), undefined, { signal });
  await victim.start();
  observer.note(`${victim.name} is back`);
  await moved;
  return () => ({
    worker: victim.name,
    lanes: lanes.lanes,
    standing: lanes.standing,
    longestMs: lanes.longestMs,
    cameBack: true,
  });
}

async function tellOfMove(observer: Observer, lanes: LaneWatch): Promise<void> {
  const limit = AbortSignal.timeout(MOVES_AGAIN_WITHIN_MS);
  if (!(await observer.until(() => lanes.standing.length === 0, limit))) return;
  const seconds = (lanes.longestMs / 1_000).toFixed(1);
  observer.note(`its lanes move again at the other worker, after ${seconds} s at most`);
}

async function tellOfTakeover(observer: Observer, before: string | undefined): Promise<void> {
  const limit = AbortSignal.timeout(MOVES_AGAIN_WITHIN_MS);
  const isTaken = ({ active: { relay } }: DatabaseLook): boolean => relay !== undefined && relay !== before;
  const look = await observer.until(isTaken, limit);
  if (look) observer.note(`${look.active.relay} publishes now`);
}
