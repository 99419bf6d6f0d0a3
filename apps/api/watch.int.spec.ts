import { Logger } from '@nestjs/common';
import { openTestDatabase, type TestDatabase } from '../../libs/store/testing/test-database.js';
import { freePort, healthOf, metricsOf } from '../../test/support/scrape.js';
import { startApi, type RunningApi } from './api.js';
import { configOf } from './testing/test-api.js';

let shop: TestDatabase;
let api: RunningApi;
let port: number;

beforeAll(async () => {
  Logger.overrideLogger(['warn', 'error']);
  shop = await openTestDatabase();
  port = await freePort();
  api = await startApi({ ...configOf(shop), apiHealthPort: port });
});
afterAll(async () => {
  await api.stop();
  await shop.drop();
});

describe('the health port of the API', () => {
  it('is named when something else has it, and not the API’s own', async () => {
    await expect(startApi({ ...configOf(shop), apiHealthPort: port })).rejects.toThrow(
      `HOLDFAST_API_HEALTH_PORT: something else has port ${port}; choose another, or 0 for none`,
    );
  });

  it('says that it is alive and ready', async () => {
    expect(await healthOf(port, '/livez')).toEqual({ status: 200, body: { alive: true } });
    expect(await healthOf(port, '/readyz')).toEqual({ status: 200, body: { ready: true } });
    expect((await healthOf(port, '/else')).status).toBe(404);
  });

  it('counts requests by route, whatever ids are in them, and is not on the API’s own port', async () => {
    for (const store of ['one', 'other']) await fetch(`${api.url}/v1/stores/${store}/stock`);
    expect((await fetch(`${api.url}/v1/metrics`)).status).toBe(404);
    const counts = [...(await metricsOf(port))].filter(([series]) =>
      series.startsWith('holdfast_api_request_duration_seconds_count'),
    );
    expect(counts).toContainEqual([
      'holdfast_api_request_duration_seconds_count{method="GET",route="/v1/stores/:storeId/stock",status="401"}',
      2,
    ]);
    expect(counts.map(([series]) => series).join()).not.toContain('other/');
  });
});
