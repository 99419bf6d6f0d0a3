/**
 * What this process says of itself over HTTP, where a port is set:
 * - `GET /livez` (and `/live`): 200 while it does what it is there for, 503 when records wait in its lanes and none was
 *   applied for a minute: start it again
 * - `GET /readyz`: 200 while it can work: started, a member of its group, with both servers in reach; 503 waits
 * - `GET /startupz`: 200 once it has started
 * - `GET /metrics`: for Prometheus
 */

import { Logger } from '@nestjs/common';
import {
  ALIVE,
  lagOf,
  observed,
  type EndOffsets,
  type LaneProgress,
  type Liveness,
} from '@holdfast/messaging';
import { StatusPort, type StatusReply } from '@holdfast/telemetry';
import { isReady, type ReadinessCheck } from './readiness.js';

const LOOK_MS = 5_000;
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface HealthOptions {
  port: number;
  progress: () => LaneProgress;
  ends: Pick<EndOffsets, 'of'>;
  /** the topic as the broker names it */
  nameOf: (topic: string) => string;
  /** asked of the broker while this process has no lane, without prefix */
  topics: readonly string[];
  checks: () => ReadinessCheck[];
  isStarted: () => boolean;
  /** in Prometheus's text format */
  metrics: () => Promise<string>;
  /** epoch ms */
  now: () => number;
}

export class Health {
  readonly #log = new Logger('health');
  #liveness: Liveness = ALIVE;
  readonly #port: StatusPort;
  #timer: NodeJS.Timeout | undefined;
  #brokersAnsweredAt: number | undefined;
  /** a broker that does not answer keeps a look waiting for longer than the next one is away */
  #isLooking = false;

  constructor(private readonly options: HealthOptions) {
    this.#port = new StatusPort({
      port: options.port,
      setting: 'HOLDFAST_HEALTH_PORT',
      replyTo: (path) => this.#replyTo(path),
      onError: (path, error) => this.#log.error(`${path}: ${String(error)}`),
    });
  }

  /** @throws PortTaken */
  async start(): Promise<void> {
    await this.#port.start();
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
    void this.look();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#port.stop();
  }

  get isAlive(): boolean {
    return this.#liveness.alive;
  }

  /** How long ago the brokers last said where their topics end, ms; undefined when they never did. */
  get brokersSilentMs(): number | undefined {
    return this.#brokersAnsweredAt === undefined ? undefined : this.options.now() - this.#brokersAnsweredAt;
  }

  /** A broker that does not answer leaves the verdict as it is: an outage is waited out, not restarted away. */
  async look(): Promise<void> {
    const { progress, ends, nameOf, now, topics } = this.options;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const { positions } = progress();
      const plain = positions.size > 0 ? [...positions.keys()] : topics;
      const found = await ends.of(plain.map(nameOf));
      this.#brokersAnsweredAt = now();
      this.#judge(new Map(plain.map((topic) => [topic, found.get(nameOf(topic)) ?? []])));
    } catch (error) {
      this.#log.debug(`lag unknown: ${(error as Error).message}`);
    } finally {
      this.#isLooking = false;
    }
  }

  /** @param ends by topic without prefix */
  #judge(ends: ReadonlyMap<string, readonly number[]>): void {
    const { progress, now } = this.options;
    // Of now: what was applied while the brokers were asked counts.
    const { positions, appliedRecords } = progress();
    const before = this.#liveness;
    const observation = { lag: lagOf(positions, ends), progress: appliedRecords };
    this.#liveness = observed(before, observation, now());
    if (before.alive && !this.#liveness.alive)
      this.#log.error('records wait, and none was applied for a minute');
  }

  async #replyTo(path: string): Promise<StatusReply> {
    const { checks, isStarted, metrics } = this.options;
    switch (path) {
      case '/live':
      case '/livez': {
        const { alive, stalledSince } = this.#liveness;
        return json(alive, { alive, ...(stalledSince && { stalledSince: new Date(stalledSince) }) });
      }
      case '/readyz': {
        const made = checks();
        return json(isReady(made), { ready: isReady(made), checks: made });
      }
      case '/startupz':
        return json(isStarted(), { started: isStarted() });
      case '/metrics':
        return { status: 200, type: METRICS_TYPE, body: await metrics() };
      default:
        return { status: 404, body: '{}' };
    }
  }
}

function json(isGood: boolean, body: object): StatusReply {
  return { status: isGood ? 200 : 503, body: JSON.stringify(body) };
}
