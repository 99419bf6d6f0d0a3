/** Which traces records and messages belong to: W3C traceparents in their headers. Only where somebody traces. */

import type { OrderEvent } from '@holdfast/core';
import type { ConsumedRecord, OutgoingMessage, Translated } from '@holdfast/messaging';

const HEADER = 'traceparent';

/**
 * The traceparents of a batch. Each event is given its own, so that its fact keeps it: what follows from a placing
 * half an hour later is linked to it.
 */
export function tracesOfRecords(items: readonly Translated<OrderEvent>[]): string[] {
  const traces: string[] = [];
  for (const item of items) {
    const trace = traceOf(item.record.headers);
    if (trace === undefined) continue;
    traces.push(trace);
    if ('event' in item) item.event.cause.trace = trace;
  }
  return traces;
}

/** Of messages on their way out: a transaction's messages have the same. */
export function tracesOfMessages(messages: readonly OutgoingMessage[]): string[] {
  const traces = new Set<string>();
  for (const { headers } of messages) {
    const [name, value] = (Array.isArray(headers) ? headers.at(-1) : undefined) ?? [];
    if (name === HEADER && value) traces.add(String(value));
  }
  return [...traces];
}

/** Longer ones are none, and are not kept. */
const MAX_BYTES = 200;

function traceOf(headers: ConsumedRecord['headers']): string | undefined {
  const value = headers.find(([name]) => name === HEADER)?.[1];
  return value && value.length <= MAX_BYTES ? value.toString('latin1') : undefined;
}
