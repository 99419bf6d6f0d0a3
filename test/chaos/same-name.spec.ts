/** Two processes that were given one name, which must be a mistake; or a supervisor that starts too early. */

import { printSeed } from './chance.js';
import { ALL_LANES } from './crew.js';
import { playScene } from './scene.js';

beforeAll(printSeed);

describe('two live processes of one name', () => {
  it('end with the later one at work and the earlier one stopped, which says why', async () => {
    await playScene(
      'same name',
      { workers: 1, load: { ordersPerSecond: 30 } },
      async ({ shop, crew, load, members }) => {
        const [earlier] = members as [(typeof members)[number]];
        await crew.hasLanes(earlier);
        earlier.process.mayExit = true;
        const later = await crew.start(earlier.name);
        expect((await earlier.process.exited).code).toBe(1);
        const said = earlier.process.log.join('\n');
        expect(said).toMatch(
          /HOLDFAST_WORKER_ID: another process has started as .* give each process a name of its own/,
        );
        await crew.moved(load, ALL_LANES, Date.now());
        const worker = await shop.database.workers.findOne({ _id: later.name });
        const leases = await shop.database.leases.find().toArray();
        expect(leases.map(({ _id, owner, incarnation }) => [_id, owner, incarnation])).toEqual(
          expect.arrayContaining([
            ['relay', later.name, worker?.incarnation],
            ['expire', later.name, worker?.incarnation],
          ]),
        );
        const lanes = await shop.database.lanes.find().toArray();
        expect(lanes.map(({ owner }) => owner.split('/').slice(0, 2).join('/'))).toEqual(
          lanes.map(() => `${later.name}/${worker?.incarnation}`),
        );
        expect(later.process.exit).toBeUndefined();
      },
    );
  }, 120_000);
});
