/** CloudEvents 1.0 attributes as Kafka headers (binary mode): the value stays the bare message. */

import type { PublishedMessage } from './encode.js';

export const CLOUD_EVENTS_SOURCE = '/holdfast';

/** `holdfast.<topic>.v1`; the number rises when a message changes so that its readers must. */
export function cloudEventType(topic: PublishedMessage['topic']): string {
  return `holdfast.${topic}.v1`;
}

export function cloudEventHeaders(message: PublishedMessage): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: message.id,
    ce_type: cloudEventType(message.topic),
    ce_source: CLOUD_EVENTS_SOURCE,
    ce_time: message.time,
    'content-type': 'application/json',
  };
}
