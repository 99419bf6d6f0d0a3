/** A collector of OpenTelemetry traces on loopback: what programs send it over OTLP/HTTP, as JSON. */

import { createServer, type Server } from 'node:http';

export interface CollectedSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  /** trace ids */
  links: string[];
  attributes: Record<string, string>;
}

interface Exported {
  resourceSpans: {
    scopeSpans: {
      spans: {
        name: string;
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        links?: { traceId: string }[];
        attributes?: { key: string; value: Record<string, string | number> }[];
      }[];
    }[];
  }[];
}

export class TraceCollector {
  readonly spans: CollectedSpan[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.#keep(JSON.parse(Buffer.concat(chunks).toString()) as Exported);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
  }

  static async start(): Promise<TraceCollector> {
    const collector = new TraceCollector();
    await new Promise<void>((listening) => collector.#server.listen(0, '127.0.0.1', listening));
    return collector;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** Resolves with the first span, come already or to come, for which it holds. */
  until(holds: (span: CollectedSpan) => boolean, what: string, withinMs = 20_000): Promise<CollectedSpan> {
    return new Promise((found, failed) => {
      const look = (): void => {
        const span = this.spans.find(holds);
        if (!span) return;
        this.#watchers.delete(look);
        clearTimeout(timer);
        found(span);
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        failed(new Error(`no span of ${what}; there are ${JSON.stringify(this.spans)}`));
      }, withinMs);
      this.#watchers.add(look);
      look();
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  #keep({ resourceSpans }: Exported): void {
    for (const span of resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))) {
      this.spans.push({
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        links: (span.links ?? []).map(({ traceId }) => traceId),
        attributes: Object.fromEntries(
          (span.attributes ?? []).map(({ key, value }) => [key, String(Object.values(value)[0])]),
        ),
      });
    }
    for (const look of this.#watchers) look();
  }
}
