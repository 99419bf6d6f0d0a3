/** The headers of each kind of message, as schemas; all of them are text. */

import { CLOUD_EVENTS_SOURCE, cloudEventType } from '../cloud-events.js';
import type { PublishedTopic } from '../topics.js';
import type { JsonSchema } from './types.js';

const text = (description: string, rest: object = {}): JsonSchema => ({
  type: 'string',
  ...rest,
  description,
});

export const PUBLISHED_CONTENT_TYPE = 'application/json';

/** CloudEvents 1.0, binary mode. */
export function publishedHeaders(topic: PublishedTopic): JsonSchema {
  return {
    type: 'object',
    required: ['ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_time', 'content-type'],
    properties: {
      ce_specversion: text('The version of CloudEvents.', { const: '1.0' }),
      ce_id: text('The same id as in the value: the same however often the message is sent.', {
        minLength: 1,
      }),
      ce_type: text('What it is; the number rises when readers must change.', {
        const: cloudEventType(topic),
      }),
      ce_source: text('Who says so.', { const: CLOUD_EVENTS_SOURCE }),
      ce_time: text('The value’s `occurredAt`.', { format: 'date-time' }),
      'content-type': text('What the value is.', { const: PUBLISHED_CONTENT_TYPE }),
    },
  };
}

/** What the headers of one message are, given its value. */
export function publishedHeadersOf(topic: PublishedTopic, id: string, time: string): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: cloudEventType(topic),
    ce_source: CLOUD_EVENTS_SOURCE,
    ce_time: time,
    'content-type': PUBLISHED_CONTENT_TYPE,
  };
}

/** No header is asked for or looked at. */
export const CONSUMED_HEADERS: JsonSchema = {
  type: 'object',
  description:
    'Any, or none: headers are not looked at, and a dead letter keeps them. CloudEvents 1.0 attributes ' +
    '(binary mode) are welcome.',
};

export const DEAD_LETTER_HEADERS: JsonSchema = {
  type: 'object',
  description: 'The record’s own headers as they were, and these.',
  required: [
    'dead-letter-topic',
    'dead-letter-partition',
    'dead-letter-offset',
    'dead-letter-timestamp',
    'dead-letter-group',
    'dead-letter-error',
    'dead-letter-message',
    'dead-letter-attempts',
    'dead-letter-failed-at',
  ],
  properties: {
    'dead-letter-topic': text('The topic that the record came from, prefix included.'),
    'dead-letter-partition': text('Its partition there.', { pattern: '^\\d+$' }),
    'dead-letter-offset': text('Its offset there.', { pattern: '^\\d+$' }),
    'dead-letter-timestamp': text('When the broker had it, epoch ms; -1 when it does not say.', {
      pattern: '^-?\\d+$',
    }),
    'dead-letter-group': text('The consumer group that gave it up.'),
    'dead-letter-error': text('The class of the error, kebab-case: `missing-field`, `too-many-facts`, ….'),
    'dead-letter-message': text(
      'What is wrong with which field, and the remedy; at most 500 bytes, no customer data.',
    ),
    'dead-letter-attempts': text('How often it was tried.', { pattern: '^\\d+$' }),
    'dead-letter-failed-at': text('When it was given up.', { format: 'date-time' }),
    'dead-letter-file': text(
      'Only of a value that its topic does not take: the name of the GridFS file that has it; the value here ' +
        'is `{"file", "bytes"}` then.',
    ),
  },
};
