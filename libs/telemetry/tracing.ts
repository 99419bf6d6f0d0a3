/**
 * Spans of what a worker does, as OpenTelemetry has them: one a batch, with links to the records that it applied. Loaded
 * only where somebody wants them; without, none of this is there to cost anything.
 */

import {
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import type { Attributes, Link, Span, SpanContext, Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** Most links of one span: a batch of thousands says where some of its records came from. */
export const MAX_LINKS = 64;

const SEND_EVERY_MS = 1_000;

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;

export interface TracingOptions {
  /** of a collector, such as `http://collector:4318` */
  endpoint: string;
  serviceName: string;
  /** names this process */
  instanceId: string;
}

export interface SpanOptions {
  kind: 'consumer' | 'producer' | 'internal';
  attributes?: Attributes;
  /** W3C traceparents of what it comes from; those that are none are passed over */
  from?: readonly string[];
  /** begins a trace of its own also where it comes from one place alone: what is long ago */
  isOwn?: boolean;
}

const KINDS = { consumer: SpanKind.CONSUMER, producer: SpanKind.PRODUCER, internal: SpanKind.INTERNAL };

export class Tracing {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;

  constructor({ endpoint, serviceName, instanceId }: TracingOptions) {
    const url = `${endpoint.replace(/\/$/, '')}/v1/traces`;
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({
        'service.name': serviceName,
        'service.instance.id': instanceId,
      }),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: new OTLPTraceExporter({ url }),
          scheduledDelayMillis: SEND_EVERY_MS,
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer('holdfast');
  }

  /**
   * Of one piece of work, which is told its own traceparent. Where it comes from one place alone it goes on with that
   * trace; where from many, it begins one of its own and links to them.
   */
  async span<T>(name: string, options: SpanOptions, work: (span: WorkSpan) => Promise<T>): Promise<T> {
    const { kind, attributes = {}, from = [], isOwn = false } = options;
    const contexts = contextsOf(from);
    const [parent] = contexts;
    const alone = !isOwn && contexts.length === 1 && parent !== undefined;
    const span = this.#tracer.startSpan(
      name,
      {
        kind: KINDS[kind],
        attributes,
        links: alone ? [] : contexts.map((linked): Link => ({ context: linked })),
      },
      alone ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
    );
    try {
      return await work(workSpan(span));
    } catch (error) {
      // Not its text, which may quote what it is about.
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).name });
      throw error;
    } finally {
      span.end();
    }
  }

  /** Sends what is left. Never throws: a collector that is away is no reason not to end. */
  async stop(): Promise<void> {
    await this.#provider.shutdown().catch(() => undefined);
  }
}

export interface WorkSpan {
  traceparent: string;
  set(attributes: Attributes): void;
}

function workSpan(span: Span): WorkSpan {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    set: (attributes) => void span.setAttributes(attributes),
  };
}

/** Different ones, as many as a span may have links. */
function contextsOf(traceparents: readonly string[]): SpanContext[] {
  const contexts: SpanContext[] = [];
  for (const text of new Set(traceparents)) {
    const found = spanContextOf(text);
    if (found && contexts.push(found) >= MAX_LINKS) break;
  }
  return contexts;
}

export function spanContextOf(traceparent: string): SpanContext | undefined {
  const parts = TRACEPARENT.exec(traceparent);
  if (!parts) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = parts;
  const traceFlags = parseInt(flags, 16) & TraceFlags.SAMPLED;
  const found: SpanContext = { traceId, spanId, traceFlags, isRemote: true };
  return isSpanContextValid(found) ? found : undefined;
}
