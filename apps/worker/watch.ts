/** Health and metrics of one worker process, from its first moment on: a worker that waits for its servers is alive. */

import { Logger } from '@nestjs/common';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { WorkerConfig } from '@holdfast/config';
import { CONSUMED_TOPICS } from '@holdfast/contracts';
import { EndOffsets, type KafkaPort, type LaneProgress } from '@holdfast/messaging';
import type { Database } from '@holdfast/store';
import { ActiveLoop } from './active-loop.js';
import { Health } from './health.js';
import { SampledMetrics } from './metrics/sampled-metrics.js';
import { Sampler } from './metrics/sampler.js';
import { askedGauge, WorkerMetrics } from './metrics/worker-metrics.js';
import type { Pulse } from './pulse.js';
import { readinessChecks, isReady, type ReadinessCheck } from './readiness.js';
import { Signal } from './signal.js';

/** Whoever has it samples for all. */
export const SAMPLER_LEASE = 'sampler';

export interface WatchOptions {
  config: WorkerConfig;
  kafka: KafkaPort;
  progress: () => LaneProgress;
  onFatal: (error: unknown) => void;
}

export class Watch {
  readonly registry = new Registry();
  readonly metrics = new WorkerMetrics(this.registry);
  readonly #sampled = new SampledMetrics(
    this.registry,
    () => this.#pulse?.holds(SAMPLER_LEASE) ?? false,
    () => performance.now(),
  );
  readonly #ends: EndOffsets;
  readonly #health: Health;
  #pulse: Pulse | undefined;
  #loop: ActiveLoop | undefined;
  #isStarted = false;

  constructor(private readonly options: WatchOptions) {
    const { config, kafka, progress } = options;
    this.#ends = new EndOffsets(kafka);
    this.#health = new Health({
      port: config.healthPort,
      progress,
      ends: this.#ends,
      nameOf: (topic) => config.topicPrefix + topic,
      topics: CONSUMED_TOPICS,
      checks: () => this.#checks(),
      isStarted: () => this.#isStarted,
      metrics: () => this.registry.metrics(),
      // Not the clock, which can be set.
      now: () => performance.now(),
    });
    this.#askedMetrics();
    collectDefaultMetrics({ register: this.registry });
  }

  /** @throws when the port is taken */
  start(): Promise<void> {
    return this.#health.start();
  }

  /** From now on this process may be the one that samples. */
  sample(database: Database, pulse: Pulse): void {
    this.#pulse = pulse;
    const log = new Logger('sampler');
    const sampler = new Sampler({
      database,
      ends: this.#ends,
      topicPrefix: this.options.config.topicPrefix,
      metrics: this.#sampled,
      log,
    });
    this.#loop = new ActiveLoop({
      log,
      wake: new Signal(),
      isActive: () => pulse.holds(SAMPLER_LEASE),
      turn: () => sampler.turn(),
      onFatal: this.options.onFatal,
    });
    this.#loop.start();
  }

  /** Every role is at work. */
  started(): void {
    this.#isStarted = true;
  }

  /** Before the database closes. */
  async stopSampling(): Promise<void> {
    await this.#loop?.stop();
  }

  async stop(): Promise<void> {
    await this.#health.stop();
    await this.#ends.disconnect();
  }

  #checks(): ReadinessCheck[] {
    const { config, progress } = this.options;
    const { memberAt } = progress();
    return readinessChecks({
      isStarted: this.#isStarted,
      consumes: config.roles.includes('consume'),
      groupSilentMs: memberAt === undefined ? undefined : Date.now() - memberAt,
      sessionTimeoutMs: config.sessionTimeoutMs,
      databaseSilentMs: this.#pulse?.silentMs,
      brokersSilentMs: this.#health.brokersSilentMs,
    });
  }

  #askedMetrics(): void {
    const { config, progress } = this.options;
    const { registry } = this;
    const asked = (name: string, help: string, ask: () => number | undefined): void =>
      askedGauge(registry, name, help, ask);
    const info = new Gauge({
      name: 'holdfast_worker_info',
      help: '1, with the name of this worker and its roles.',
      labelNames: ['worker', 'roles'],
      registers: [registry],
    });
    info.set({ worker: config.workerId, roles: config.roles.join(',') }, 1);
    asked('holdfast_alive', '0 when records wait in its lanes and none was applied for a minute.', () =>
      Number(this.#health.isAlive),
    );
    asked('holdfast_ready', '1 while every check of /readyz is passed.', () =>
      Number(isReady(this.#checks())),
    );
    asked('holdfast_lanes', 'Lanes that this worker has.', () => progress().lanes.length);
    asked(
      'holdfast_buffered_records',
      'Records that were fetched and are not taken into a batch yet.',
      () => progress().bufferedRecords,
    );
    const up = new Gauge({
      name: 'holdfast_server_up',
      help: '1 while this process is answered by the server.',
      labelNames: ['server'],
      registers: [registry],
      collect: () => {
        for (const { name, ok } of this.#checks()) {
          if (name === 'mongodb' || name === 'kafka') up.set({ server: name }, Number(ok));
        }
      },
    });
    const lease = new Gauge({
      name: 'holdfast_lease_held',
      help: '1 while this process is the one that does it: relay, expire, or sample for all.',
      labelNames: ['lease'],
      registers: [registry],
      collect: () => {
        for (const name of this.#pulse?.leases ?? []) {
          lease.set({ lease: name }, Number(this.#pulse?.holds(name) ?? false));
        }
      },
    });
  }
}
