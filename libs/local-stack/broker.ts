/** What a broker of a local stack is told, as a child process and in Docker alike, and how to see that it answers. */

import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { kafkaClientOptions, type KafkaSecurity } from './secure-clients.js';

export type BrokerSettings = Readonly<Record<string, string | number | boolean>>;

export interface BrokerPlace {
  /** under which clients reach it */
  host: string;
  port: number;
  /** the interface it listens on */
  bind: string;
  controllerPort: number;
  logFolder: string;
}

/** The settings of a node that is broker and controller (KRaft), by their names in server.properties. */
export function brokerSettings({ host, port, bind, controllerPort, logFolder }: BrokerPlace): BrokerSettings {
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://${bind}:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${host}:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': logFolder,
    ...SINGLE_BROKER,
  };
}

const largestMessageBytes = 36 * 1024 * 1024;

const SINGLE_BROKER: BrokerSettings = {
  'auto.create.topics.enable': false,
  'default.replication.factor': 1,
  'min.insync.replicas': 1,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 4,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'share.coordinator.state.topic.num.partitions': 1,
  // Workers join one after the other here; waiting for more of them only delays the first.
  'group.initial.rebalance.delay.ms': 0,
  // A broker that comes back after a kill is let in when the session of its former self has run out (9 s by default).
  'broker.session.timeout.ms': 3000,
  'broker.heartbeat.interval.ms': 500,
  // Dead-letter topics take messages twice as large as their sources, up to 32 MB with headers on top.
  'message.max.bytes': largestMessageBytes,
  'replica.fetch.max.bytes': largestMessageBytes,
  'socket.request.max.bytes': 104857600,
  // 128 MB by default, more than what the offsets topic will ever need here.
  'log.cleaner.dedupe.buffer.size': 16777216,
  'num.network.threads': 2,
  'num.io.threads': 4,
  'background.threads': 2,
};

const MOST_REFUSALS = 20;

/** Resolves when a broker answers, or when the signal is aborted. @throws when it refuses the login, again and again */
export async function brokerAnswers(
  addresses: readonly string[],
  signal: AbortSignal,
  security: KafkaSecurity = {},
): Promise<void> {
  const kafka = new Kafka({
    clientId: 'holdfast-local-stack',
    brokers: [...addresses],
    ...kafkaClientOptions(security),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
  });
  let refusals = 0;
  while (!signal.aborted) {
    const admin = kafka.admin();
    try {
      await admin.connect();
      const { brokers } = await admin.describeCluster();
      if (brokers.length > 0) return;
    } catch (error) {
      // It answers, and refuses: no use in asking again. A broker that starts knows nobody yet.
      const isRefusal = error instanceof Error && error.name === 'KafkaJSSASLAuthenticationError';
      if (isRefusal && (refusals += 1) >= MOST_REFUSALS) throw error;
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
    await delay(50);
  }
}
