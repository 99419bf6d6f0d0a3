/** Workers that are started before their servers: they wait, say so, can be stopped meanwhile, and then work. */

import type { ServerHandle } from '@holdfast/local-stack';
import { line, startPipeline, type Pipeline } from '../support/pipeline.js';
import { startOwnStack, type OwnStack } from './own-stack.js';

/** Far less than any time-out of a client. */
const PROMPT_MS = 5_000;

let own: OwnStack;
beforeAll(async () => {
  own = await startOwnStack();
}, 120_000);
afterAll(() => own?.stop(), 60_000);

const ROLES = ['consume', 'expire', 'relay', 'consume,expire,relay'];
const SERVERS: [name: string, pick: (stack: OwnStack['stack']) => ServerHandle][] = [
  ['Kafka', ({ kafka }) => kafka],
  ['MongoDB', ({ mongo }) => mongo],
];

describe.each(SERVERS)('a worker that is started while %s is away', (name, pick) => {
  it('waits whatever its roles, stops at once when asked to, and works when the server comes', async () => {
    const shop = await startPipeline({ workers: 0, servers: own.servers });
    await shop.product('bakery', 'mug');
    await shop.stock('bakery', { mug: 10 });
    await shop.publish.placed([{ storeId: 'bakery', orderId: 'o-1', lines: [line('mug', 2)] }]);
    const server = pick(own.stack);
    await server.stop();
    try {
      await Promise.all(ROLES.map((roles) => stopWhileWaiting(shop, name, roles)));
    } finally {
      // Nobody is ready before: the promise of this one is awaited when the server is there.
      const started = shop.startWorker();
      const waiting = shop.workers.at(-1);
      started.catch(() => undefined);
      await waiting?.says(waitingFor(name));
      await server.start();
      await started;
    }
    await shop.until(({ story }) => story('bakery', 'o-1').includes('Held'), 'the order is held');
    expect(await shop.balance('bakery', 'mug')).toEqual([8, 2, 0, 0]);
    await shop.finish();
  }, 180_000);
});

function waitingFor(name: string): RegExp {
  return new RegExp(`waiting for ${name}`);
}

async function stopWhileWaiting(shop: Pipeline, name: string, roles: string): Promise<void> {
  const started = shop.startWorker({ HOLDFAST_ROLES: roles });
  const worker = shop.workers.at(-1);
  const ended = expect(started).rejects.toThrow(/it ended with 0/);
  await worker?.says(waitingFor(name));
  const asked = performance.now();
  expect(await worker?.stop()).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(PROMPT_MS);
  await ended;
}
