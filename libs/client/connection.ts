/** The way to the brokers, with every setting said that kafkajs would otherwise take from `NODE_ENV`. */

import kafkajs, { type Kafka, type KafkaConfig, type RetryOptions } from 'kafkajs';
import { wholeFrameSocket } from '../messaging/kafkajs/whole-frames.js';

export interface ConnectionOptions {
  /** brokers, TLS and SASL as kafkajs has them; what is given here counts before what is preset */
  kafka: KafkaConfig;
  /** what the installation puts before every topic name; empty unless given */
  topicPrefix?: string;
  /** takes a line for the people on call; standard error unless given */
  log?: (line: string) => void;
}

/** A broker that restarts is back within some 20 s; what lasts longer is told to the caller. */
export const RETRY: RetryOptions = {
  initialRetryTime: 100,
  maxRetryTime: 3_000,
  factor: 0.2,
  multiplier: 2,
  retries: 10,
};

export function logOf({ log }: ConnectionOptions): (line: string) => void {
  return log ?? ((line) => console.error(line));
}

export function kafkaOf(options: ConnectionOptions): Kafka {
  const log = logOf(options);
  return new kafkajs.Kafka({
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    enforceRequestTimeout: true,
    retry: RETRY,
    // A connection that breaks in the middle of an answer would otherwise not be understood any more.
    socketFactory: wholeFrameSocket,
    logLevel: kafkajs.logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, log: { message, error } }) =>
        log(`${namespace}: ${message}${typeof error === 'string' ? `: ${error}` : ''}`),
    ...options.kafka,
  });
}
