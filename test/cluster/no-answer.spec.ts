/** A replica set that does not answer, though its connections stand. */

import { startPipeline } from '../support/pipeline.js';
import { startOwnCluster, whole, type OwnCluster } from './own-cluster.js';

let own: OwnCluster;
beforeAll(async () => {
  own = await startOwnCluster();
}, 180_000);
afterAll(() => own?.stop(), 60_000);

/** A stop that is given up (apps/worker/main.ts), and some time for a machine that is busy. */
const STOPPED_WITHIN_MS = 20_000;

describe('a worker that is asked to stop while no member answers', () => {
  it('ends all the same, in order', async () => {
    const shop = await startPipeline({ servers: own.servers });
    await whole(own.cluster);
    const [worker] = shop.workers;
    const signalAll = (signal: NodeJS.Signals): void => {
      for (const { pid } of own.cluster.mongoNodes) if (pid !== undefined) process.kill(pid, signal);
    };
    signalAll('SIGSTOP');
    const asked = performance.now();
    const exit = await worker?.stop();
    const tookMs = performance.now() - asked;
    signalAll('SIGCONT');
    expect(exit).toEqual({ code: 0, signal: null });
    expect(tookMs).toBeLessThan(STOPPED_WITHIN_MS);
    await shop.finish();
  }, 120_000);
});
