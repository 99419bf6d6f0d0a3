/** Every topic, as data: what other programs send, what Holdfast sends, and where unreadable records go. */

import { DAY_MS } from './text.js';

export const CONSUMED_TOPICS = ['OrderPlaced', 'PaymentReceived', 'OrderRejected', 'OrderRefunded'] as const;

/** Topics whose backlog holds expiry back (W, docs/order-life.md). */
export const WATERMARK_TOPICS = ['PaymentReceived', 'OrderRejected'] as const;
export type ConsumedTopic = (typeof CONSUMED_TOPICS)[number];

export const PUBLISHED_TOPICS = ['OrderExpired', 'StockOutcome', 'CustomerNotification'] as const;
export type PublishedTopic = (typeof PUBLISHED_TOPICS)[number];

export type DeadLetterTopic = `${ConsumedTopic}.dlq`;

export const DEFAULT_PARTITIONS = 6;

/** Kafka's own default: 1 MiB and the overhead of a record batch. */
const CONSUMED_MAX_BYTES = 1_048_588;
/** Holds for a whole batch on the wire, not for one message: the relay sends up to 4 MB of outcomes at once. */
const PUBLISHED_MAX_BYTES = 8 * 1024 * 1024;
/** Headers of the original record, and the nine that a dead letter adds. */
const DEAD_LETTER_HEADER_BYTES = 64 * 1024;

export interface TopicDefinition {
  name: ConsumedTopic | PublishedTopic | DeadLetterTopic;
  direction: 'consumed' | 'published' | 'dead-letter';
  partitions: number;
  /** how long the broker keeps a record; -1 = for good */
  retentionMs: number;
  /** largest record batch the topic takes */
  maxMessageBytes: number;
  /**
   * `LogAppendTime`: the broker's clock stamps the record. Expiry compares these stamps with due times, so a
   * producer whose clock is ahead must not be able to move them.
   */
  timestampType: 'CreateTime' | 'LogAppendTime';
}

export function deadLetterTopicOf(topic: ConsumedTopic): DeadLetterTopic {
  return `${topic}.dlq`;
}

function consumed(name: ConsumedTopic): TopicDefinition {
  return {
    name,
    direction: 'consumed',
    partitions: DEFAULT_PARTITIONS,
    retentionMs: 7 * DAY_MS,
    maxMessageBytes: CONSUMED_MAX_BYTES,
    timestampType: 'LogAppendTime',
  };
}

function published(name: PublishedTopic, retentionMs: number): TopicDefinition {
  return {
    name,
    direction: 'published',
    partitions: DEFAULT_PARTITIONS,
    retentionMs,
    maxMessageBytes: PUBLISHED_MAX_BYTES,
    timestampType: 'CreateTime',
  };
}

function deadLetters(source: TopicDefinition & { name: ConsumedTopic }): TopicDefinition {
  return {
    name: deadLetterTopicOf(source.name),
    direction: 'dead-letter',
    partitions: source.partitions,
    retentionMs: 30 * DAY_MS,
    maxMessageBytes: 2 * source.maxMessageBytes + DEAD_LETTER_HEADER_BYTES,
    timestampType: 'CreateTime',
  };
}

export const TOPICS: readonly TopicDefinition[] = [
  ...CONSUMED_TOPICS.map(consumed),
  published('OrderExpired', 7 * DAY_MS),
  // The ledger: the sum of its deltas is the stock, so nothing of it may age out.
  published('StockOutcome', -1),
  published('CustomerNotification', 7 * DAY_MS),
  ...CONSUMED_TOPICS.map((name) => deadLetters({ ...consumed(name), name })),
];

export interface WantedTopic {
  /** with the prefix */
  name: string;
  partitions: number;
  /** -1 = the broker's default */
  replicationFactor: number;
  configs: Record<string, string>;
  /** false: consumed, so others' to configure; created when missing, changed only on request */
  owned: boolean;
}

export interface TopicOptions {
  /** put before every name: several installations, or tests, on one broker */
  prefix?: string;
  partitions?: number;
  replicationFactor?: number;
}

/** What the broker should have. */
export function topicsFor(options: TopicOptions = {}): WantedTopic[] {
  return TOPICS.map((topic) => ({
    name: topicName(topic.name, options.prefix),
    partitions: options.partitions ?? topic.partitions,
    replicationFactor: options.replicationFactor ?? -1,
    configs: {
      'cleanup.policy': 'delete',
      'compression.type': 'producer',
      'max.message.bytes': String(topic.maxMessageBytes),
      'message.timestamp.type': topic.timestampType,
      'retention.bytes': '-1',
      'retention.ms': String(topic.retentionMs),
    },
    owned: topic.direction !== 'consumed',
  }));
}

export function topicName(topic: TopicDefinition['name'], prefix = ''): string {
  return prefix + topic;
}

/** The consumed topic that a name on the broker stands for; undefined when it is none of ours. */
export function consumedTopicOf(name: string, prefix = ''): ConsumedTopic | undefined {
  return CONSUMED_TOPICS.find((topic) => prefix + topic === name);
}
