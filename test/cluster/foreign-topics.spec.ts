/** Topics of others on the same brokers, one of which was on a single broker that is away. */

import { Patience } from '../support/pipeline-patience.js';
import { line, startPipeline } from '../support/pipeline.js';
import { startOwnCluster, type OwnCluster } from './own-cluster.js';

let own: OwnCluster;

beforeAll(async () => {
  own = await startOwnCluster();
}, 180_000);

afterAll(() => own?.stop(), 60_000);

const WITHIN_MS = 60_000;
const FOREIGN = 'of-somebody-else';

describe('a topic of somebody else that has lost its only broker', () => {
  it('keeps no worker from starting, and no operator from his topics', async () => {
    const shop = await startPipeline({ workers: 0, servers: own.servers });
    await shop.admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic: FOREIGN, numPartitions: 6, replicationFactor: 1 }],
    });
    const leaders = async (): Promise<number[]> => {
      const { topics } = await shop.admin.fetchTopicMetadata();
      const found = topics.find(({ name }) => name === FOREIGN);
      return (found?.partitions ?? []).map(({ leader }) => leader);
    };
    const patience = new Patience(() => shop.showLogs());
    const until = (what: string, isSo: (leaders: number[]) => boolean): Promise<void> =>
      patience.untilNothingIsLeft(WITHIN_MS, what, async () => {
        const all = await leaders();
        return isSo(all) ? '' : `led by ${all.join(', ')}`;
      });
    await until('each broker leads some', (all) => all.length === 6 && new Set(all).size === 3);
    await own.cluster.brokerNodes[2]?.kill();
    await until('some have no leader', (all) => all.includes(-1));

    await shop.startWorker();
    await shop.product('bakery', 'mug');
    await shop.stock('bakery', { mug: 5 });
    await shop.publish.placed({ storeId: 'bakery', orderId: 'o-1', lines: [line('mug')] });
    await shop.until(({ story }) => story('bakery', 'o-1').includes('Held'), 'the order is held');
    expect(await shop.ops('topics', 'apply')).toMatchObject({ steps: [] });
    expect(await leaders()).toContain(-1);
    await shop.finish();
  }, 240_000);
});
