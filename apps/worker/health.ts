/**
 * `GET /live`: 200 while this worker does what it is there for, 503 when records wait in its lanes and none was
 * applied for a minute. Only where a port is set.
 */

import { createServer, type Server } from 'node:http';
import { Logger } from '@nestjs/common';
import {
  ALIVE,
  lagOf,
  observed,
  type EndOffsets,
  type LaneProgress,
  type Liveness,
} from '@holdfast/messaging';

const LOOK_MS = 5_000;

export interface HealthOptions {
  port: number;
  progress: () => LaneProgress;
  ends: Pick<EndOffsets, 'of'>;
  /** the topic as the broker names it */
  nameOf: (topic: string) => string;
  /** epoch ms */
  now: () => number;
}

export class Health {
  readonly #log = new Logger('health');
  #liveness: Liveness = ALIVE;
  #server: Server | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: HealthOptions) {}

  /** @throws when the port is taken */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      const known = request.url === '/live';
      const { alive, stalledSince } = this.#liveness;
      const body = known ? { alive, ...(stalledSince && { stalledSince: new Date(stalledSince) }) } : {};
      response.writeHead(known ? (alive ? 200 : 503) : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.options.port, resolve);
    });
    this.#server = server;
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()));
  }

  get isAlive(): boolean {
    return this.#liveness.alive;
  }

  /** A broker that does not answer leaves the verdict as it is: an outage is waited out, not restarted away. */
  async look(): Promise<void> {
    const { progress, ends, nameOf, now } = this.options;
    const { positions, appliedRecords } = progress();
    try {
      const found = await ends.of([...positions.keys()].map(nameOf));
      const byPlainName = new Map(
        [...positions.keys()].map((topic) => [topic, found.get(nameOf(topic)) ?? []]),
      );
      const before = this.#liveness;
      this.#liveness = observed(
        before,
        { lag: lagOf(positions, byPlainName), progress: appliedRecords },
        now(),
      );
      if (before.alive && !this.#liveness.alive)
        this.#log.error('records wait, and none was applied for a minute');
    } catch (error) {
      this.#log.debug(`lag unknown: ${(error as Error).message}`);
    }
  }
}
