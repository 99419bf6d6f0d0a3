/**
 * What the API says of itself, on a port of its own, where one is set: `GET /livez`, `GET /readyz` (200 while a primary
 * takes its writes) and, for Prometheus, `GET /metrics`. Not on the API's own port, which is open to the world.
 */

import { Logger } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { StatusPort, type StatusReply } from '@holdfast/telemetry';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The presence beats every second, and a beat gives up after 5 s. */
const DATABASE_SILENT_MS = 6_000;
const SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface ApiWatchOptions {
  port: number;
  /** since the primary last took a write of this process, ms; undefined when it never did */
  databaseSilentMs: () => number | undefined;
}

export class ApiWatch {
  readonly registry = new Registry();
  readonly #requestSeconds: Histogram<'method' | 'route' | 'status'>;
  readonly #port: StatusPort;

  constructor(private readonly options: ApiWatchOptions) {
    const log = new Logger('health');
    this.#port = new StatusPort({
      port: options.port,
      setting: 'HOLDFAST_API_HEALTH_PORT',
      replyTo: (path) => this.#answer(path),
      onError: (path, error) => log.error(`${path}: ${String(error)}`),
    });
    const registers = [this.registry];
    this.#requestSeconds = new Histogram({
      name: 'holdfast_api_request_duration_seconds',
      help: 'From a request to the end of its answer; open streams are not among them.',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    });
    const ready: Gauge = new Gauge({
      name: 'holdfast_api_ready',
      help: '1 while a primary of MongoDB takes the writes of this API process.',
      registers,
      collect: (): void => ready.set(Number(this.#isReady())),
    });
    collectDefaultMetrics({ register: this.registry });
  }

  /** @throws PortTaken */
  start(): Promise<void> {
    return this.#port.start();
  }

  stop(): Promise<void> {
    return this.#port.stop();
  }

  /** Express middleware. The route is its template, so that ids make no series of their own. */
  readonly times = (request: Request, response: Response, next: NextFunction): void => {
    const asked = performance.now();
    response.once('finish', () => {
      const route = (request.route as { path?: unknown } | undefined)?.path;
      this.#requestSeconds.observe(
        {
          method: request.method,
          route: typeof route === 'string' ? route : 'other',
          status: response.statusCode,
        },
        (performance.now() - asked) / 1_000,
      );
    });
    next();
  };

  #isReady(): boolean {
    return (this.options.databaseSilentMs() ?? Infinity) <= DATABASE_SILENT_MS;
  }

  async #answer(path: string): Promise<StatusReply> {
    switch (path) {
      case '/livez':
        return { status: 200, body: '{"alive":true}' };
      case '/readyz': {
        const ready = this.#isReady();
        return { status: ready ? 200 : 503, body: JSON.stringify({ ready }) };
      }
      case '/metrics':
        return { status: 200, type: this.registry.contentType, body: await this.registry.metrics() };
      default:
        return { status: 404, body: '{}' };
    }
  }
}
