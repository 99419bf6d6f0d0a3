/**
 * A cluster of three and three loses one node after the other under load: each broker and each member of the
 * replica set with -9, some in order, and the primary steps down. Nothing is lost or oversold, and the pauses are
 * told. Each node is back, and has caught up, before the next one goes.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { printSeed, say } from '../chaos/chance.js';
import { ALL_LANES } from '../chaos/crew.js';
import { playScene, type Stage } from '../chaos/scene.js';
import { startOwnCluster, primaryOf, stepDownPrimary, whole, type OwnCluster } from './own-cluster.js';
import { pausesOf, PauseWatch } from './pause-watch.js';

let own: OwnCluster;

beforeAll(async () => {
  printSeed();
  own = await startOwnCluster();
}, 180_000);

afterAll(() => own?.stop(), 60_000);

const ORDERS_PER_SECOND = 200;
/** Enough that not everything is sold out at once: what is refused has been decided, but moves nothing. */
const UNITS = 3_000;
const WARM_UP_MS = 15_000;
/** How long a node is away, ms. */
const AWAY = [4_000, 9_000] as const;

interface Fault {
  name: string;
  goes: () => Promise<void>;
  comes: () => Promise<void>;
}

function brokerFault(node: number, how: 'kill' | 'stop'): Fault {
  const broker = own.cluster.brokerNodes[node] as (typeof own.cluster.brokerNodes)[number];
  const what = how === 'kill' ? 'killed with -9' : 'stopped in order';
  return { name: `broker ${node + 1} ${what}`, goes: () => broker[how](), comes: () => broker.start() };
}

function memberFault(node: number, how: 'kill' | 'stop', part: string): Fault {
  const member = own.cluster.mongoNodes[node] as (typeof own.cluster.mongoNodes)[number];
  const what = how === 'kill' ? 'killed with -9' : 'stopped in order';
  return {
    name: `member ${node + 1} of the replica set, ${part}, ${what}`,
    goes: () => member[how](),
    comes: () => member.start(),
  };
}

/** One after the other; who is primary is only known when it is its turn. */
async function* faults(): AsyncGenerator<Fault> {
  const { cluster } = own;
  const nothing = (): Promise<void> => Promise.resolve();
  yield { name: 'nothing', goes: nothing, comes: nothing };
  for (const node of [0, 1, 2]) yield brokerFault(node, 'kill');
  yield { name: 'the primary steps down', goes: () => stepDownPrimary(cluster), comes: nothing };
  const first = await primaryOf(cluster);
  yield memberFault(first, 'kill', 'the primary');
  for (const node of [0, 1, 2].filter((other) => other !== first)) {
    const part = node === (await primaryOf(cluster)) ? 'the primary' : 'a secondary';
    yield memberFault(node, 'kill', part);
  }
  yield brokerFault(1, 'stop');
  yield memberFault(await primaryOf(cluster), 'stop', 'the primary');
}

describe('a cluster that loses its nodes, one after the other, under load', () => {
  it('loses no event and oversells nothing', async () => {
    const options = { servers: own.servers, workers: 2 };
    const load = { ordersPerSecond: ORDERS_PER_SECOND, units: UNITS, steady: true, keyed: true };
    await playScene('cluster faults', { ...options, load }, async (stage) => {
      await Promise.all(stage.members.map((member) => stage.crew.hasLanes(member)));
      await stage.crew.moved(stage.load, ALL_LANES, Date.now());
      // What a new cluster and new workers are slow with, for a while, is none of the pauses.
      await delay(WARM_UP_MS);
      const watch = new PauseWatch(stage.shop, stage.load);
      try {
        for await (const fault of faults()) say(await outlive(stage, watch, fault));
      } finally {
        watch.stop();
      }
      say(`${stage.load.sent.size} orders, ${stage.shop.outcomes().outcomes.length} outcomes`);
    });
  }, 500_000);
});

async function outlive({ crew, load, chance }: Stage, watch: PauseWatch, fault: Fault): Promise<string> {
  await whole(own.cluster);
  await delay(chance.integer(0, 1_000)); // the random instant
  const from = Date.now();
  await fault.goes();
  await delay(chance.integer(...AWAY));
  await crew.moved(load, ALL_LANES, Date.now());
  const back = Date.now();
  await fault.comes();
  await whole(own.cluster);
  await crew.moved(load, ALL_LANES, Date.now());
  const to = Date.now();
  return (
    `${fault.name}: ${pausesOf(watch.between(from, back))}; ` +
    `when it came back: ${pausesOf(watch.between(back, to))}`
  );
}
