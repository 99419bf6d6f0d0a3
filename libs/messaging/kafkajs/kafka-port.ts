/**
 * The narrow port around kafkajs: everything that this library uses of it is made here, with every setting that
 * it would otherwise take from the process's environment (`NODE_ENV=test` changes its retries) said aloud.
 */

import kafkajs, {
  type Admin,
  type Cluster,
  type Consumer,
  type ConsumerConfig,
  type ISocketFactory,
  type Kafka,
  type KafkaConfig,
  type LogEntry,
  type RetryOptions,
  type SASLOptions,
} from 'kafkajs';
import { Logger } from '@nestjs/common';
import { ClusterChannel } from './cluster-channel.js';
import type { Log } from '../records.js';
import { RepeatedLines } from './repeated-lines.js';
import { sendingBodies } from './uncopied-bodies.js';
import { wholeFrameSocket } from './whole-frames.js';
// What kafkajs does otherwise from now on, for all clients of this process.
import './compression.js';
import './connecting-once.js';
import '../protocol/fetch-answer.js';
import './foreign-topics.js';
import './greeted-brokers.js';

export type { Admin, Consumer } from 'kafkajs';

export interface SaslLogin {
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  username: string;
  password: string;
}

export interface KafkaOptions {
  /** `host:port` */
  brokers: readonly string[];
  clientId: string;
  ssl?: KafkaConfig['ssl'];
  sasl?: SaslLogin;
  /** default 3,000 */
  connectionTimeoutMs?: number;
  /** default 30,000 */
  requestTimeoutMs?: number;
  log?: Log;
  /** another way to the brokers than a socket of ours; for tests */
  socketFactory?: ISocketFactory;
}

export interface ConsumerSettings extends Omit<ConsumerConfig, 'retry' | 'allowAutoTopicCreation'> {
  /**
   * Called when the broker has nothing at the offset that is to be fetched. kafkajs is about to go on at the
   * beginning without a word, and to commit that.
   */
  onOffsetOutOfRange?: (topic: string, partition: number) => void;
}

type OutOfRangeListener = NonNullable<ConsumerSettings['onOffsetOutOfRange']>;

export interface KafkaPort {
  admin(): Admin;
  consumer(settings: ConsumerSettings): Consumer;
  /** For requests that kafkajs has no call for, or only a slow one. */
  channel(): ClusterChannel;
}

/** A broker that restarts is back within some 20 s; what lasts longer is told to the caller. */
const RETRY: RetryOptions = {
  initialRetryTime: 100,
  maxRetryTime: 3_000,
  factor: 0.2,
  multiplier: 2,
  retries: 10,
};
/** How soon a new leader or a broker that came back is seen by those who do not fail. */
const METADATA_MAX_AGE_MS = 60_000;

export function createKafka(options: KafkaOptions): KafkaPort {
  const log = options.log ?? new Logger('kafka');
  const lines = { log, repeated: new RepeatedLines() };
  // One client each: kafkajs shares committed offsets among the consumers of a client.
  const client = (onOutOfRange?: OutOfRangeListener): Kafka =>
    new kafkajs.Kafka(configOf(options, lines, onOutOfRange));
  return {
    admin: () => client().admin({ retry: RETRY }),
    consumer: ({ onOffsetOutOfRange, ...settings }) =>
      client(onOffsetOutOfRange).consumer({
        metadataMaxAge: METADATA_MAX_AGE_MS,
        ...settings,
        allowAutoTopicCreation: false,
        retry: { ...RETRY, restartOnFailure: () => Promise.resolve(true) },
      }),
    channel: () => new ClusterChannel(clusterOf(client()), log),
  };
}

function configOf(
  options: KafkaOptions,
  { log, repeated }: { log: Log; repeated: RepeatedLines },
  onOutOfRange?: OutOfRangeListener,
): KafkaConfig {
  const socketTo = options.socketFactory ?? wholeFrameSocket;
  const config: KafkaConfig = {
    brokers: [...options.brokers],
    clientId: options.clientId,
    socketFactory: (to) => sendingBodies(socketTo(to)),
    connectionTimeout: options.connectionTimeoutMs ?? 3_000,
    authenticationTimeout: 10_000,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    enforceRequestTimeout: true,
    retry: RETRY,
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => (entry) => {
      const line = repeated.pass(lineOf(entry), Date.now());
      if (line !== undefined) log.warn(line);
      // There is no event for it.
      const { message, topic, partition } = entry.log;
      if (message.startsWith('Offset out of range, resetting'))
        onOutOfRange?.(String(topic), Number(partition));
    },
  };
  if (options.ssl !== undefined) config.ssl = options.ssl;
  // A copy: kafkajs notes in it how it logs in.
  if (options.sasl !== undefined) config.sasl = { ...options.sasl } as SASLOptions;
  return config;
}

/** What kafkajs calls an error it mostly retries; those that end it come to us as a crash. */
function lineOf({ namespace, log: content }: LogEntry): string {
  const where = [content['topic'], content['partition'], content['broker']].filter((part) => part != null);
  const cause = typeof content['error'] === 'string' ? `: ${content['error']}` : '';
  return `${namespace}: ${content.message}${cause}${where.length > 0 ? ` (${where.join(' ')})` : ''}`;
}

/**
 * kafkajs hands its view of the cluster to partition assigners alone. A consumer that is never started gives it
 * to us, without a group, a subscription or a connection of its own.
 */
function clusterOf(kafka: Kafka): Cluster {
  let found: Cluster | undefined;
  kafka.consumer({
    groupId: 'never-joined',
    allowAutoTopicCreation: false,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    retry: RETRY,
    partitionAssigners: [
      ({ cluster }) => {
        found = cluster;
        return {
          name: 'never-joined',
          version: 0,
          assign: () => Promise.resolve([]),
          protocol: () => ({ name: 'never-joined', metadata: Buffer.alloc(0) }),
        };
      },
    ],
  });
  if (!found) throw new Error('this version of kafkajs does not show its cluster');
  return found;
}
