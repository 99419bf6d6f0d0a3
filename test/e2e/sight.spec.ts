/** What people on call see: the state of everything at a glance, and of a worker its health, metrics, lines and traces. */

import { setTimeout as delay } from 'node:timers/promises';
import { line, startPipeline, type Pipeline } from '../support/pipeline.js';
import { freePort, healthOf, metricsOf } from '../support/scrape.js';
import { TraceCollector } from '../support/trace-collector.js';

const PLACING = '4bf92f3577b34da6a3ce929d0e0e4736';

let shop: Pipeline;
let port: number;
let collector: TraceCollector;
/** before there was a worker */
let atFirst: { code: number; stdout: string };

beforeAll(async () => {
  port = await freePort();
  collector = await TraceCollector.start();
  shop = await startPipeline({ workers: 0 });
  await publish();
  atFirst = (await shop.ops('status').catch((error: unknown) => error)) as typeof atFirst;
  await shop.startWorker({
    HOLDFAST_HEALTH_PORT: String(port),
    HOLDFAST_LOG_FORMAT: 'json',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
  });
});
afterAll(async () => {
  await shop?.finish();
  await collector?.stop();
});

async function publish(): Promise<void> {
  await shop.product('sight', 'mug');
  await shop.stock('sight', { mug: 2 });
  await shop.store('traced', { holdMs: 1_500 });
  const traced = {
    eventId: 'e-traced',
    occurredAt: new Date().toISOString(),
    storeId: 'traced',
    orderId: 'traced',
    lines: [{ productId: 'mug', quantity: 1 }],
  };
  await shop.publish.placed([
    { storeId: 'sight', orderId: 'paid', lines: [line('mug')] },
    { storeId: 'sight', orderId: 'held', lines: [line('mug')] },
    { storeId: 'sight', orderId: 'short', lines: [line('mug')] },
  ]);
  await shop.publish.paid([{ storeId: 'sight', orderId: 'paid', paymentId: 'p' }]);
  await shop.publish.raw('OrderPlaced', { key: 'sight', value: 'no JSON' });
  await shop.publish.raw('OrderPlaced', {
    key: 'traced',
    value: JSON.stringify(traced),
    headers: { traceparent: `00-${PLACING}-00f067aa0ba902b7-01` },
  });
}

/** Looks again until the series are there and have these values; nothing tells when the next sample is taken. */
async function untilMetrics(expected: Record<string, unknown>): Promise<Map<string, number>> {
  for (let tries = 0; ; tries++) {
    const values = await metricsOf(port);
    const found = Object.fromEntries(Object.keys(expected).map((series) => [series, values.get(series)]));
    if (tries >= 150) expect(found).toEqual(expected);
    if (JSON.stringify(found) === JSON.stringify(expected)) return values;
    await delay(100);
  }
}

describe('a worker at work', () => {
  it('is alive and started, and ready when everything answers', async () => {
    const good = { name: expect.any(String) as string, ok: true };
    expect(await healthOf(port, '/livez')).toEqual({ status: 200, body: { alive: true } });
    expect(await healthOf(port, '/live')).toEqual({ status: 200, body: { alive: true } });
    expect(await healthOf(port, '/startupz')).toEqual({ status: 200, body: { started: true } });
    expect(await healthOf(port, '/readyz')).toEqual({
      status: 200,
      body: { ready: true, checks: [good, good, good, good] },
    });
    expect((await healthOf(port, '/else')).status).toBe(404);
  });

  it('counts what it does, and samples what is', async () => {
    await shop.drained();
    const values = await untilMetrics({
      'holdfast_outcomes_total{outcome="Sold"}': 1,
      'holdfast_outcomes_total{outcome="Refused"}': 1,
      'holdfast_outcomes_total{outcome="Released"}': 1,
      'holdfast_dead_letters_total{topic="OrderPlaced",reason="not-json"}': 1,
      'holdfast_dead_letter_records{topic="OrderPlaced.dlq"}': 1,
      holdfast_expiry_lateness_seconds_count: 1,
      holdfast_outbox_documents: 0,
      holdfast_lanes: 6,
      holdfast_lanes_unowned: 0,
      holdfast_workers: 1,
      holdfast_expiry_paused: 0,
      holdfast_expiry_watermark_lag_seconds: 0,
    });
    const sumOf = (name: string): number =>
      [...values]
        .filter(([series]) => series.startsWith(`${name}{`))
        .reduce((sum, [, value]) => sum + value, 0);
    expect(values.get('holdfast_batch_records_sum{source="consume"}')).toBe(6);
    expect(sumOf('holdfast_lag_records')).toBe(0);
    expect([...values.keys()].filter((series) => series.startsWith('holdfast_lag_seconds{'))).toHaveLength(
      24,
    );
    expect(values.get('holdfast_published_messages_total')).toBeGreaterThanOrEqual(6);
  });

  it('says JSON by the line, with where a dead letter came from and nothing of what it says', () => {
    const lines = shop.workers[0]?.log.map((said) => JSON.parse(said) as Record<string, unknown>) ?? [];
    expect(lines.find(({ errorClass }) => errorClass === 'not-json')).toMatchObject({
      level: 'warn',
      context: 'consume',
      topic: `${shop.topicPrefix}OrderPlaced`,
      partition: expect.any(Number) as number,
      offset: 3,
    });
    expect(JSON.stringify(lines)).not.toContain('no JSON');
  });
});

describe('a trace', () => {
  it('goes from a record through the transaction to what is published, and is linked to when the hold expires', async () => {
    const isPart = ({ traceId, links }: { traceId: string; links: string[] }): boolean =>
      traceId === PLACING || links.includes(PLACING);
    const applied = await collector.until(
      (span) => span.name === 'apply batch' && isPart(span),
      'the placing',
    );
    await collector.until((span) => span.name === 'publish' && isFrom(span, applied), 'publishing it');
    const expired = await collector.until(({ name }) => name === 'expire holds', 'its expiry');
    expect(expired).toMatchObject({ links: [PLACING], parentSpanId: undefined });
    await shop.until(({ of }) => of('traced', 'traced').length === 2, 'it has expired');
    const [held, released] = shop
      .outcomes()
      .published.filter(({ topic, key }) => topic === 'StockOutcome' && key === 'traced');
    expect(held?.headers['traceparent']).toBe(`00-${applied.traceId}-${applied.spanId}-01`);
    expect(released?.headers['traceparent']).toContain(expired.traceId);
  });

  /** Alone among what was sent at the time, or one of several. */
  function isFrom(
    span: { parentSpanId: string | undefined; links: string[] },
    applied: { spanId: string; traceId: string },
  ): boolean {
    return span.parentSpanId === applied.spanId || span.links.includes(applied.traceId);
  }
});

describe('the state at a glance', () => {
  it('needs no worker, and says what is wrong without one', () => {
    expect(atFirst.code).toBe(1);
    expect(JSON.parse(atFirst.stdout)).toMatchObject({
      group: { members: 0 },
      workers: [],
      lanesWithoutWorker: [0, 1, 2, 3, 4, 5],
      topics: expect.arrayContaining([
        expect.objectContaining({ topic: 'PaymentReceived', records: 1, deadLetters: 0 }),
        expect.objectContaining({ topic: 'OrderPlaced', records: 5, deadLetters: 0 }),
      ]) as unknown,
      problems: ['no worker is alive'],
    });
  });

  it('shows lanes and their workers, lag, W, outbox, holds and dead letters', async () => {
    const [worker] = shop.workers;
    const needy = (await shop.ops('status').catch((error: unknown) => error)) as typeof atFirst;
    expect(needy.code).toBe(1);
    expect(JSON.parse(needy.stdout)).toMatchObject({
      servers: { kafka: { answers: true }, mongodb: { answers: true } },
      group: { id: shop.name, state: 'Stable', members: 1 },
      workers: [{ worker: worker?.id, lanes: [0, 1, 2, 3, 4, 5] }],
      lanesWithoutWorker: [],
      topics: expect.arrayContaining([
        expect.objectContaining({ topic: 'OrderPlaced', records: 0, seconds: 0, deadLetters: 1 }),
      ]) as unknown,
      watermark: { secondsBehind: 0 },
      holds: { open: 1, overdue: 0 },
      expiry: { paused: false },
      problems: ['dead letters are open, 1 of OrderPlaced: ops dlq list'],
    });
  });
});
