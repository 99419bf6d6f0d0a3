/** CloudEvents 1.0 attributes as Kafka headers (binary mode): the value stays the bare message. */

import type { ConsumedTopic, PublishedTopic } from './topics.js';

export const CLOUD_EVENTS_SOURCE = '/holdfast';

/** `holdfast.<topic>.v1`; the number rises when a message changes so that its readers must. */
export function cloudEventType(topic: ConsumedTopic | PublishedTopic): string {
  return `holdfast.${topic}.v1`;
}

type Header = [name: string, value: Buffer];

/**
 * The headers of messages that share topic and time, given the id of each: only the id is made anew.
 * @param time ISO 8601: the message's occurredAt
 * @param source who says so, as a path or URI
 * @param trace W3C traceparent of what published them, when there is one
 */
export function cloudEventHeaders(
  topic: ConsumedTopic | PublishedTopic,
  time: string,
  { source = CLOUD_EVENTS_SOURCE, trace }: { source?: string; trace?: string | undefined } = {},
): (id: Buffer) => readonly Header[] {
  const header = (name: string, value: string): Header => [name, Buffer.from(value)];
  const version = header('ce_specversion', '1.0');
  const type = header('ce_type', cloudEventType(topic));
  const sender = header('ce_source', source);
  const moment = header('ce_time', time);
  const content = header('content-type', 'application/json');
  if (trace !== undefined) {
    const parent = header('traceparent', trace);
    return (id) => [version, ['ce_id', id], type, sender, moment, content, parent];
  }
  return (id) => [version, ['ce_id', id], type, sender, moment, content];
}
