/** A real Prometheus with the rules of deploy/, which does not wait before it fires, on the workers of a test. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../support/scrape.js';

const LOOK_EVERY_MS = 250;

export interface Alert {
  name: string;
  labels: Record<string, string>;
  value: number;
}

interface AlertsAnswer {
  data: { alerts: { labels: Record<string, string>; state: string; value: string }[] };
}

interface RulesAnswer {
  data: { groups: { lastEvaluation: string }[] };
}

interface QueryAnswer {
  status: string;
  error?: string;
  data: { result: unknown[] };
}

export class Prometheus {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly port: number,
  ) {}

  /** @param ports of the workers, of which each may be not there yet */
  static async start(ports: readonly number[]): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-prometheus-'));
    const rules = await readFile('deploy/prometheus/alerts.yml', 'utf8');
    // How long a fault has to last is a matter of taste; that it is seen at all is what is tested.
    await writeFile(join(folder, 'alerts.yml'), rules.replace(/^( +for:) .*$/gm, '$1 0s'));
    const targets = ports.map((port) => `'127.0.0.1:${port}'`).join(', ');
    await writeFile(
      join(folder, 'prometheus.yml'),
      `global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
rule_files: [alerts.yml]
scrape_configs: [{ job_name: holdfast, static_configs: [{ targets: [${targets}] }] }]
`,
    );
    const port = await freePort();
    const own = resolve('.stack/prometheus/usr/bin/prometheus');
    const words = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ];
    const child = spawn(existsSync(own) ? own : 'prometheus', words, {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await once(child, 'spawn');
    const prometheus = new Prometheus(child, folder, port);
    await prometheus.#ready();
    return prometheus;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      this.child.kill('SIGKILL');
      await once(this.child, 'exit');
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  async firing(): Promise<Alert[]> {
    const { data } = (await (await fetch(this.#url('/api/v1/alerts'))).json()) as AlertsAnswer;
    return data.alerts
      .filter(({ state }) => state === 'firing')
      .map(({ labels, value }) => ({ name: labels['alertname'] ?? '', labels, value: Number(value) }));
  }

  /** Resolves with the alert when it fires. @throws with what fires instead */
  async fires(name: string, withinMs = 60_000): Promise<Alert> {
    const found = await this.#until(`${name} fires`, withinMs, (alerts) =>
      alerts.find((alert) => alert.name === name),
    );
    process.stderr.write(`${name} fires: ${JSON.stringify(found.labels)} ${found.value}\n`);
    return found;
  }

  /** Resolves when none of these fires. */
  async goneAre(names: readonly string[], withinMs = 60_000): Promise<void> {
    await this.#until(`${names.join(', ')} are over`, withinMs, (alerts) =>
      alerts.some(({ name }) => names.includes(name)) ? undefined : true,
    );
  }

  /** Resolves when every rule was looked at once more. */
  async rulesLookedAt(withinMs = 30_000): Promise<void> {
    const asked = Date.now();
    for (const give = performance.now() + withinMs; ; await delay(LOOK_EVERY_MS)) {
      const { data } = (await (await fetch(this.#url('/api/v1/rules'))).json()) as RulesAnswer;
      if (data.groups.every(({ lastEvaluation }) => Date.parse(lastEvaluation) > asked)) return;
      if (performance.now() > give) throw new Error(`the rules were not looked at within ${withinMs} ms`);
    }
  }

  /** What an expression comes to now. @throws when Prometheus does not understand it */
  async query(expression: string): Promise<unknown[]> {
    const answer = await fetch(this.#url(`/api/v1/query?query=${encodeURIComponent(expression)}`));
    const { status, error, data } = (await answer.json()) as QueryAnswer;
    if (status !== 'success') throw new Error(`${expression}: ${error}`);
    return data.result;
  }

  async #until<T>(what: string, withinMs: number, look: (alerts: Alert[]) => T | undefined): Promise<T> {
    for (const give = performance.now() + withinMs; ; await delay(LOOK_EVERY_MS)) {
      const alerts = await this.firing();
      const found = look(alerts);
      if (found !== undefined) return found;
      if (performance.now() > give) {
        throw new Error(`after ${withinMs} ms, not: ${what}; there fire ${JSON.stringify(alerts)}`);
      }
    }
  }

  async #ready(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const answer = await fetch(this.#url('/-/ready')).catch(() => undefined);
      if (answer?.ok) return;
      if (tries > 120 || this.child.exitCode !== null) throw new Error('Prometheus does not start');
      await delay(LOOK_EVERY_MS);
    }
  }

  #url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }
}
