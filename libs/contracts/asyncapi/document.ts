/** The AsyncAPI 3 document of every topic, written from the same schemas and topics that the pipeline runs on. */

import { schemaDocument, MESSAGE_NAMES, type MessageName } from '../json-schema.js';
import {
  CONSUMED_TOPICS,
  deadLetterTopicOf,
  PUBLISHED_TOPICS,
  TOPICS,
  type ConsumedTopic,
  type PublishedTopic,
  type TopicDefinition,
} from '../topics.js';
import {
  CONSUMED_HEADERS,
  DEAD_LETTER_HEADERS,
  PUBLISHED_CONTENT_TYPE,
  publishedHeaders,
  publishedHeadersOf,
} from './headers.js';
import type {
  AsyncApiDocument,
  ChannelObject,
  JsonSchema,
  MessageExample,
  MessageObject,
  OperationObject,
} from './types.js';
import { MESSAGES_VERSION } from './version.js';

const KAFKA_BINDING = '0.5.0';

const ABOUT = [
  'Holdfast keeps online shops from overselling: other services publish what happens to orders, and consume what ' +
    'became of the stock and what the customer is to be told.',
  'An installation may put a prefix before every topic name. Values are JSON in UTF-8; the key is the `storeId`, ' +
    'so that a store’s messages stay in order.',
  'Whoever reads ignores fields that it does not know: they may be added. A message may come twice, with the same ' +
    'id; apart from that an order’s messages come in the order of their versions.',
  'What cannot be read or applied goes to the `.dlq` topic, byte for byte, with the reason in its headers.',
].join('\n\n');

export function asyncApiDocument(): AsyncApiDocument {
  return {
    asyncapi: '3.1.0',
    id: 'urn:holdfast:messages',
    info: {
      title: 'Holdfast messages',
      version: MESSAGES_VERSION,
      description: ABOUT,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(TOPICS.map((topic) => [topic.name, channelOf(topic)])),
    operations: Object.fromEntries(TOPICS.map(operationOf)),
    components: {
      messages: Object.fromEntries(TOPICS.map((topic) => [topic.name, messageOf(topic)])),
      schemas: Object.fromEntries(MESSAGE_NAMES.map((name) => [name, payloadOf(name)])),
    },
  };
}

/** As text for docs/asyncapi.json. */
export function asText(document: AsyncApiDocument): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function channelOf(topic: TopicDefinition): ChannelObject {
  return {
    address: topic.name,
    title: topic.name,
    description: summaryOf(topic),
    messages: { [topic.name]: { $ref: `#/components/messages/${topic.name}` } },
    bindings: {
      kafka: {
        topic: topic.name,
        partitions: topic.partitions,
        topicConfiguration: {
          'cleanup.policy': ['delete'],
          'retention.ms': topic.retentionMs,
          'retention.bytes': -1,
          'max.message.bytes': topic.maxMessageBytes,
          'message.timestamp.type': topic.timestampType,
        },
        bindingVersion: KAFKA_BINDING,
      },
    },
  };
}

function operationOf({ name, direction }: TopicDefinition): [string, OperationObject] {
  const action = direction === 'consumed' ? 'receive' : 'send';
  return [
    `${action}:${name}`,
    {
      action,
      channel: { $ref: `#/channels/${name}` },
      title: name,
      summary:
        action === 'receive'
          ? 'You publish it, Holdfast acts on it.'
          : 'Holdfast publishes it, you consume it.',
      messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
    },
  ];
}

function messageOf(topic: TopicDefinition): MessageObject {
  if (topic.direction === 'dead-letter') return deadLetterOf(topic);
  const name = topic.name as MessageName;
  return {
    name,
    title: name,
    summary: summaryOf(topic),
    contentType: PUBLISHED_CONTENT_TYPE,
    correlationId: { description: 'The order, unique in its store.', location: '$message.payload#/orderId' },
    headers: isPublished(name) ? publishedHeaders(name) : CONSUMED_HEADERS,
    payload: { $ref: `#/components/schemas/${name}` },
    bindings: { kafka: { key: storeKey(isPublished(name)), bindingVersion: KAFKA_BINDING } },
    examples: examplesOf(name),
  };
}

function storeKey(isOurs: boolean): JsonSchema {
  const others = isOurs
    ? ''
    : ' Another key, or none, is read too, but the order of a store’s events may be lost.';
  return { type: 'string', description: `The storeId, as in the value.${others}` };
}

function deadLetterOf(topic: TopicDefinition): MessageObject {
  const source = CONSUMED_TOPICS.find((name) => deadLetterTopicOf(name) === topic.name);
  return {
    name: topic.name,
    title: topic.name,
    summary: summaryOf(topic),
    contentType: 'application/octet-stream',
    headers: DEAD_LETTER_HEADERS,
    payload: { description: 'The value as it came, byte for byte, whatever it was.' },
    bindings: {
      kafka: {
        key: { description: 'The key as it came, byte for byte; none when there was none.' },
        bindingVersion: KAFKA_BINDING,
      },
    },
    examples: [
      {
        name: 'FieldMissing',
        headers: {
          'dead-letter-topic': String(source),
          'dead-letter-partition': '3',
          'dead-letter-offset': '1207',
          'dead-letter-timestamp': '1773476813589',
          'dead-letter-group': 'holdfast',
          'dead-letter-error': 'missing-field',
          'dead-letter-message':
            '/orderId is missing; it must be a string of 1 to 128 UTF-8 bytes without control characters or "/", and not "-".',
          'dead-letter-attempts': '1',
          'dead-letter-failed-at': '2026-03-14T08:26:53.702Z',
        },
        payload: '{"eventId":"evt-7f3b","occurredAt":"2026-03-14T08:26:53Z","storeId":"sole-bakery"}',
      },
    ],
  };
}

function summaryOf(topic: TopicDefinition): string {
  if (topic.direction !== 'dead-letter')
    return String(schemaDocument(topic.name as MessageName)['description']);
  const source = CONSUMED_TOPICS.find((name) => deadLetterTopicOf(name) === topic.name);
  return `Records of ${source} that could not be read or applied, each with the reason in its headers.`;
}

function payloadOf(name: MessageName): JsonSchema {
  const { $schema: _schema, $id: _id, examples: _examples, ...schema } = schemaDocument(name);
  return schema;
}

function examplesOf(name: MessageName): MessageExample[] {
  const examples = schemaDocument(name)['examples'] as Record<string, string>[];
  return examples.map((payload, at) => {
    const example: MessageExample = { name: at === 0 ? name : `${name}${at + 1}`, payload };
    if (isPublished(name))
      example.headers = publishedHeadersOf(name, idOf(payload), String(payload['occurredAt']));
    return example;
  });
}

function idOf(payload: Record<string, string>): string {
  return String(payload['outcomeId'] ?? payload['notificationId'] ?? payload['eventId']);
}

function isPublished(name: ConsumedTopic | PublishedTopic): name is PublishedTopic {
  return (PUBLISHED_TOPICS as readonly string[]).includes(name);
}
