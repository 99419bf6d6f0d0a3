/** Connections for as long as one command takes. */

import { once } from 'node:events';
import { createConnection } from 'node:net';
import { kafkaServerConfig, mongoServerConfig, type Environment } from '@holdfast/config';
import { createKafka, type KafkaPort } from '@holdfast/messaging';
import { connect, prepare, Sessions, SettingsCache, StoreGate, type BatchTools } from '@holdfast/store';
import { ServerAway } from './failures.js';

const ANSWER_MS = 5_000;

/**
 * Opens the database, does the work, and closes it whatever comes of it.
 * @param use `write` makes missing collections and indexes first
 * @param instead of the database that the environment names, on the same server
 */
export async function withDatabase<T>(
  environment: Environment | undefined,
  use: 'read' | 'write',
  work: (tools: BatchTools) => Promise<T>,
  instead?: string,
): Promise<T> {
  const { mongoUri, database: name, mongoSecurity } = mongoServerConfig(environment);
  const database = await connect({
    uri: mongoUri,
    ...mongoSecurity,
    database: instead ?? name,
    maxPoolSize: 5,
    serverSelectionTimeoutMs: ANSWER_MS,
  });
  try {
    if (use === 'write') await prepare(database);
    const sessions = new Sessions(database, 1);
    try {
      return await work({
        database,
        sessions,
        settings: new SettingsCache(database),
        gate: new StoreGate(),
      });
    } finally {
      await sessions.close();
    }
  } finally {
    await database.close();
  }
}

/**
 * What the environment says of Kafka.
 * @throws ServerAway when no broker takes a connection: the client would try for half a minute
 */
export async function kafkaOf(
  environment: Environment | undefined,
): Promise<{ kafka: KafkaPort; topicPrefix: string }> {
  const { brokers, topicPrefix, kafkaSecurity } = kafkaServerConfig(environment);
  const answers = await Promise.allSettled(brokers.map(reach));
  const failed = answers[0];
  if (failed?.status === 'rejected' && answers.every(({ status }) => status === 'rejected')) {
    throw new ServerAway('Kafka', failed.reason);
  }
  // What the client has to say of its retries is of no use here; what it gives up on, it throws.
  const silent = (): void => undefined;
  const log = { debug: silent, log: silent, warn: silent, error: silent };
  return { kafka: createKafka({ brokers, clientId: 'holdfast-ops', log, ...kafkaSecurity }), topicPrefix };
}

/** Resolves when somebody listens there. */
async function reach(broker: string): Promise<void> {
  const colon = broker.lastIndexOf(':');
  const socket = createConnection({ host: broker.slice(0, colon), port: Number(broker.slice(colon + 1)) });
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_MS / 1_000} s`)));
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
