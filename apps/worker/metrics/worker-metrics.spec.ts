import { Registry } from 'prom-client';
import type { Decision, Order, Transition } from '@holdfast/core';
import { WorkerMetrics } from './worker-metrics.js';

async function valueOf(registry: Registry, series: string): Promise<number | undefined> {
  const line = (await registry.metrics()).split('\n').find((text) => text.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.split(' ')[1]);
}

describe('what a worker counts', () => {
  it('has every series from the start, so that the first of a kind is an increase', async () => {
    const registry = new Registry();
    const metrics = new WorkerMetrics(registry);
    const letter = 'holdfast_dead_letters_total{topic="OrderPlaced",reason="not-json"}';
    expect(await valueOf(registry, letter)).toBe(0);
    expect(await valueOf(registry, 'holdfast_guard_misses_total{source="consume"}')).toBe(0);
    expect(await valueOf(registry, 'holdfast_outcomes_total{outcome="Reinstated"}')).toBe(0);
    metrics.deadLetter('OrderPlaced', 'not-json');
    expect(await valueOf(registry, letter)).toBe(1);
  });

  it('knows few reasons of dead letters by name, whatever an error may call itself', async () => {
    const registry = new Registry();
    new WorkerMetrics(registry).deadLetter('OrderPlaced', 'some-error-nobody-knows');
    expect(await valueOf(registry, 'holdfast_dead_letters_total{topic="OrderPlaced",reason="other"}')).toBe(
      1,
    );
  });

  it('sums a batch by what came of it', async () => {
    const registry = new Registry();
    const metrics = new WorkerMetrics(registry);
    const outcomes = (['Sold', 'RefundRequired'] as const).map((outcome) => ({ outcome, deltas: [] }));
    const transition: Transition = { version: 1, from: 'held', to: 'paid', outcomes };
    const fact: Decision = { kind: 'fact', order: {} as Order, deltas: [], transition };
    metrics.batch({
      source: 'consume',
      records: 4,
      durationMs: 30,
      decisions: [fact, fact, { kind: 'unchanged' }, { kind: 'conflicting' }],
    });
    expect(await valueOf(registry, 'holdfast_outcomes_total{outcome="Sold"}')).toBe(2);
    expect(await valueOf(registry, 'holdfast_outcomes_total{outcome="RefundRequired"}')).toBe(2);
    expect(await valueOf(registry, 'holdfast_decisions_total{kind="unchanged"}')).toBe(1);
    expect(await valueOf(registry, 'holdfast_batch_records_sum{source="consume"}')).toBe(4);
    expect(
      await valueOf(registry, 'holdfast_batch_duration_seconds_bucket{le="0.025",source="consume"}'),
    ).toBe(0);
    expect(
      await valueOf(registry, 'holdfast_batch_duration_seconds_bucket{le="0.05",source="consume"}'),
    ).toBe(1);
  });
});
