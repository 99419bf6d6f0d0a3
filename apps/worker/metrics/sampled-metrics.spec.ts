import { Registry } from 'prom-client';
import { SampledMetrics } from './sampled-metrics.js';

function setUp() {
  const registry = new Registry();
  const state = { isOurs: true, now: 0 };
  const metrics = new SampledMetrics(
    registry,
    () => state.isOurs,
    () => state.now,
  );
  const series = async (): Promise<string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return { state, metrics, series };
}

describe('sampled metrics', () => {
  it('are there as they were last looked up', async () => {
    const { metrics, series } = setUp();
    expect(await series()).toEqual([]);
    metrics.keep('mongodb', [{ gauge: 'outboxDocuments', value: 3 }]);
    metrics.keep('both', [{ gauge: 'lagRecords', value: 7, labels: { topic: 'OrderPlaced', partition: 0 } }]);
    expect(await series()).toEqual([
      'holdfast_lag_records{topic="OrderPlaced",partition="0"} 7',
      'holdfast_outbox_documents 3',
    ]);
    metrics.keep('mongodb', [{ gauge: 'outboxDocuments', value: 0 }]);
    expect(await series()).toContain('holdfast_outbox_documents 0');
  });

  it('are not there where another process looks, nor once nobody has looked for long', async () => {
    const { metrics, series, state } = setUp();
    metrics.keep('mongodb', [{ gauge: 'outboxDocuments', value: 3 }]);
    metrics.keep('holds', [{ gauge: 'holdsOpen', value: 5 }], 60_000);
    state.isOurs = false;
    expect(await series()).toEqual([]);
    state.isOurs = true;
    state.now = 30_000;
    expect(await series()).toEqual(['holdfast_holds_open 5']);
  });
});
