/** Alerts, dashboard and runbook speak of the same things, and all of these are there. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workerConfig } from '@holdfast/config';
import { createKafka } from '@holdfast/messaging';
import { Watch } from '../watch.js';

const read = (file: string): string => readFileSync(join(process.cwd(), file), 'utf8');

const alerts = read('deploy/prometheus/alerts.yml');
const dashboard = read('deploy/grafana/holdfast.json');
const runbook = read('docs/runbook.md');

const alertNames = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name as string);
const entries = new Map(
  runbook
    .split(/^### /m)
    .slice(1)
    .map((entry) => [entry.split('\n')[0] as string, entry]),
);

/** Names as they are in expressions: those of a histogram have three. */
async function known(): Promise<Map<string, string>> {
  const config = workerConfig({ KAFKA_BROKERS: 'nowhere:1', MONGODB_URI: 'mongodb://nowhere' });
  const kafka = createKafka({ brokers: config.brokers, clientId: 'none' });
  const progress = () => ({ lanes: [], appliedRecords: 0, bufferedRecords: 0, positions: new Map() });
  const { registry } = new Watch({ config, kafka, progress, onFatal: () => undefined });
  const names = new Map<string, string>();
  for (const { name, type } of await registry.getMetricsAsJSON()) {
    if (!name.startsWith('holdfast_')) continue;
    if (String(type) !== 'histogram') names.set(name, name);
    else for (const part of ['bucket', 'sum', 'count']) names.set(`${name}_${part}`, name);
  }
  return names;
}

const used = (text: string): string[] => [...new Set(text.match(/\bholdfast_[a-z0-9_]+/g))];

describe('alerts and dashboard', () => {
  it('use only metrics that a worker has', async () => {
    const names = await known();
    const expressions = [...alerts.matchAll(/expr: ((?:.|\n {10})*)/g)].map(([, text]) => text).join('\n');
    expect(used(expressions).length).toBeGreaterThan(15);
    expect(used(expressions).filter((name) => !names.has(name))).toEqual([]);
    expect(used(dashboard).filter((name) => !names.has(name))).toEqual([]);
  });

  it('leave no metric out of the dashboard', async () => {
    const names = await known();
    const shown = new Set(used(dashboard).map((name) => names.get(name)));
    const quiet = new Set(['holdfast_worker_info', 'holdfast_holds_count_duration_seconds']);
    expect([...new Set(names.values())].filter((name) => !shown.has(name) && !quiet.has(name))).toEqual([]);
  });

  it('have panels with names of their own, each with an expression', () => {
    const { panels } = JSON.parse(dashboard) as {
      panels: { id: number; type: string; targets?: { expr: string }[] }[];
    };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { type, targets } of panels) if (type !== 'row') expect(targets?.[0]?.expr).toBeTruthy();
  });
});

describe('the runbook', () => {
  it('has an entry for every alert, and no other', () => {
    expect([...entries.keys()].sort()).toEqual([...alertNames].sort());
    expect(new Set(alertNames).size).toBe(alertNames.length);
  });

  it.each(alertNames)('says of %s what it looks like, why, what to do and how that was verified', (name) => {
    const entry = entries.get(name) ?? '';
    for (const part of ['Symptom', 'Cause', 'Commands', 'Verified by'])
      expect(entry).toContain(`- **${part}**: `);
    expect(alerts).toContain(`runbook: docs/runbook.md#${name.toLowerCase()}\n`);
  });
});
