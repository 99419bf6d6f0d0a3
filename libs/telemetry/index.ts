import type { Tracing, TracingOptions } from './tracing.js';

export { endInOrder, type ProcessEnd } from './process-end.js';
export { programLogger, type LogFields, type LoggerOptions } from './program-logger.js';
export { PortTaken, StatusPort, type StatusReply } from './status-port.js';
export type { SpanOptions, Tracing, TracingOptions, WorkSpan } from './tracing.js';

/** Loads what it takes; nothing of it is there before. */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const loaded = await import('./tracing.js');
  return new loaded.Tracing(options);
}
