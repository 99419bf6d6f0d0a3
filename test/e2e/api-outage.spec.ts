/** The broker goes away under open pages and waiting checkouts: both go on when it is back. On servers of its own. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stackEnvironment } from '@holdfast/config';
import { startEmbeddedStack, type EmbeddedStack } from '@holdfast/local-stack';
import { line, startPipeline } from '../support/pipeline.js';
import { PipelineApi } from '../support/pipeline-api.js';

let folder: string;
let stack: EmbeddedStack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-outage-'));
  const { cacheHome } = stackEnvironment();
  stack = await startEmbeddedStack({
    dataDir: folder,
    environment: { ...(cacheHome !== undefined && { cacheHome }) },
  });
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

it('tells pages to load anew, and answers who waited through it', async () => {
  const shop = await startPipeline({ servers: { brokers: stack.brokers, mongoUri: stack.mongoUri } });
  await shop.product('s', 'mug');
  await shop.stock('s', { mug: 10 });
  const api = await PipelineApi.start(shop, 's');
  const page = await api.events();
  await page.until(() => page.lastEventId !== undefined);

  await stack.kafka.kill();
  const duringOutage = await api.get('/stock');
  expect(duringOutage.status).toBe(200);
  const waited = api.get('/orders/o1?wait=25', { as: 'storefront' });
  const late = await api.events(page.lastEventId);
  await stack.kafka.start();
  await shop.publish.placed({ storeId: 's', orderId: 'o1', lines: [line('mug', 2)] });

  let answer = await waited;
  // The broker may take longer than one wait lasts; a checkout asks again.
  while (answer.status === 404) answer = await api.get('/orders/o1?wait=25', { as: 'storefront' });
  expect(answer.body).toMatchObject({ state: 'held' });
  await page.until(() => page.events.some(({ event }) => event === 'reset'));
  await late.until(() => late.events.some(({ event }) => event === 'reset'));

  await shop.publish.paid({ storeId: 's', orderId: 'o1', paymentId: 'p' });
  const isSold = ({ data }: { data: unknown }): boolean => (data as { outcome?: string }).outcome === 'Sold';
  await page.until(() => page.events.some(isSold));
  await late.until(() => late.events.some(isSold));
  page.close();
  late.close();
  await api.stop();
  await shop.finish();
});
