/** A little of `npm run fuzz`: the seed is printed with what fails. */

import { CONSUMED_TOPICS } from '@holdfast/contracts';
import { createKafka } from '@holdfast/messaging';
import { createApiKey } from '@holdfast/store';
import { Random } from '../../apps/demo/traffic/random.js';
import { fuzzHttp } from '../fuzz/http-fuzz.js';
import { differences, fuzzRecords, lettersIn, sizesOf } from '../fuzz/record-fuzz.js';
import { STORES } from '../fuzz/records.js';
import { RequestMaker, type ApiDocument } from '../fuzz/requests.js';
import { openShops } from '../fuzz/shops.js';
import { ApiProcess } from '../support/pipeline-api-process.js';
import { startPipeline } from '../support/pipeline.js';
import { testStack } from '../support/stack.js';

const RECORDS = 2_000;
const REQUESTS = 300;

it('takes random records and requests: each is answered, applied or a dead letter, and the counts add up', async () => {
  const seed = process.env['HOLDFAST_TEST_SEED'] ?? '1';
  const shop = await startPipeline();
  await openShops(shop.database);
  const api = await ApiProcess.start(shop);
  const silent = {
    debug: () => undefined,
    log: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  };
  const kafka = createKafka({ brokers: testStack().brokers, clientId: 'fuzz', log: silent });
  try {
    const [storeId = ''] = STORES;
    const keys = await Promise.all([
      createApiKey(shop.database, { scope: 'operator', storeId: null, name: 'fuzz' }),
      createApiKey(shop.database, { scope: 'merchant', storeId, name: 'fuzz' }),
    ]);
    const document = (await (await fetch(`${api.url}/openapi.json`)).json()) as ApiDocument;
    const maker = new RequestMaker(
      document,
      keys.map(({ key }) => `Bearer ${key}`),
    );
    const [sent, http] = await Promise.all([
      fuzzRecords(kafka, shop.topicPrefix, new Random(`${seed}-records`), RECORDS),
      fuzzHttp(api.url, maker, new Random(`${seed}-requests`), REQUESTS),
    ]);
    await shop.drained();
    const letters = await lettersIn(kafka, shop.topicPrefix);
    const names = CONSUMED_TOPICS.map((topic) => shop.topicPrefix + topic);
    const sizes = await sizesOf(kafka, names);
    const byTopic = new Map(
      CONSUMED_TOPICS.map((topic) => [topic, sizes.get(shop.topicPrefix + topic) ?? 0]),
    );
    expect({
      seed,
      wrong: [...http.findings, ...differences(sent, letters, byTopic, http.rejected)],
    }).toEqual({
      seed,
      wrong: [],
    });
    expect(http.sent).toBe(REQUESTS);
  } finally {
    await api.stop();
  }
  await shop.finish();
});
