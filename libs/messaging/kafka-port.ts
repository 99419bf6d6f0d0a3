/**
 * The only door to kafkajs. Its edges are dealt with here: retry defaults that depend on NODE_ENV, a log of its
 * own, codecs that are not registered, an offset out of range that it resets in silence.
 */

import kafkajs, { type Admin, type Consumer, type Kafka, type KafkaConfig, type Producer } from 'kafkajs';
import { registerCodecs } from './codecs.js';

export type { Admin, Consumer, Producer } from 'kafkajs';

export interface KafkaOptions {
  brokers: readonly string[];
  clientId: string;
  ssl?: KafkaConfig['ssl'];
  sasl?: KafkaConfig['sasl'];
  /** what the client has to say; silent where left out */
  log?: (level: 'error' | 'warn' | 'log' | 'debug', message: string) => void;
}

/** A consumer's committed offset is not in the log any more, or not yet. */
export class OffsetOutOfRangeError extends Error {
  override name = 'OffsetOutOfRangeError';
}

export interface KafkaPort {
  consumer(options: ConsumerOptions): Consumer;
  producer(): Producer;
  admin(): Admin;
}

export interface ConsumerOptions {
  groupId: string;
  sessionTimeoutMs: number;
  heartbeatIntervalMs: number;
  maxWaitTimeMs: number;
  assigner: NonNullable<Parameters<Kafka['consumer']>[0]>['partitionAssigners'];
  /** instead of starting over at the beginning in silence */
  onOffsetOutOfRange: (error: OffsetOutOfRangeError) => void;
}

const { logLevel } = kafkajs;
const LEVELS = { [logLevel.ERROR]: 'error', [logLevel.WARN]: 'warn', [logLevel.INFO]: 'debug' } as const;
// kafkajs picks other defaults under NODE_ENV=test; these hold everywhere.
const RETRY = { initialRetryTime: 100, maxRetryTime: 2_000, factor: 0.2, multiplier: 2, retries: 8 };
const CONNECTION_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_BYTES_PER_PARTITION = 1_048_576;
/** All partitions of one fetch; a larger single record still arrives, the broker sees to that. */
const MAX_BYTES = 12_582_912;

export function createKafka(options: KafkaOptions): KafkaPort {
  registerCodecs();
  let onOffsetOutOfRange: ConsumerOptions['onOffsetOutOfRange'] | undefined;
  const config: KafkaConfig = {
    brokers: [...options.brokers],
    clientId: options.clientId,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: RETRY,
    logLevel: logLevel.INFO,
    logCreator:
      () =>
      ({ level, log }) => {
        const place =
          log['topic'] === undefined ? '' : ` (${String(log['topic'])}/${String(log['partition'])})`;
        if (log.message.startsWith('Offset out of range, resetting')) {
          onOffsetOutOfRange?.(
            new OffsetOutOfRangeError(
              `the group's offset is outside the log${place}: records were deleted before they were applied, or the ` +
                'topic was made anew; decide with `npm run ops -- topics` and your broker’s tools where to go on',
            ),
          );
        }
        options.log?.(LEVELS[level as keyof typeof LEVELS] ?? 'debug', log.message + place);
      },
  };
  if (options.ssl !== undefined) config.ssl = options.ssl;
  if (options.sasl !== undefined) config.sasl = options.sasl;
  const kafka = new kafkajs.Kafka(config);
  return {
    consumer: (consumer) => {
      onOffsetOutOfRange = consumer.onOffsetOutOfRange;
      return kafka.consumer({
        groupId: consumer.groupId,
        sessionTimeout: consumer.sessionTimeoutMs,
        rebalanceTimeout: Math.max(10_000, consumer.sessionTimeoutMs),
        heartbeatInterval: consumer.heartbeatIntervalMs,
        maxWaitTimeInMs: consumer.maxWaitTimeMs,
        minBytes: 1,
        maxBytes: MAX_BYTES,
        maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
        allowAutoTopicCreation: false,
        retry: { ...RETRY, retries: Number.MAX_SAFE_INTEGER },
        ...(consumer.assigner && { partitionAssigners: consumer.assigner }),
      });
    },
    producer: () => kafka.producer({ allowAutoTopicCreation: false, idempotent: false }),
    admin: () => kafka.admin(),
  };
}
