/** The one place that reads `process.env`. Every mistake is named at once, by the setting, never with its value. */

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { givenText, isGiven, Mistake, type Environment } from './given.js';
import { kafkaSecurity, mongoSecurity, type KafkaSecurity, type MongoSecurity } from './security.js';
import { KAFKA_SECURITY, MONGO_SECURITY } from './security-settings.js';
import type { Settings, Values } from './setting.js';
import { API, SERVERS, WORKER } from './settings.js';

export type { Environment } from './given.js';

/** All settings that are missing or wrong. The message names each with its remedy. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  constructor(readonly mistakes: readonly string[]) {
    super(`settings to mend:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
  }
}

/** @throws ConfigError */
export function readSettings<T extends Settings>(
  settings: T,
  environment: Environment = process.env,
): Values<T> {
  const mistakes: string[] = [];
  const values = collect(settings, environment, mistakes);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return values as Values<T>;
}

/** @param mistakes is added to; what is wrong is missing from the values */
function collect<T extends Settings>(
  settings: T,
  environment: Environment,
  mistakes: string[],
): Partial<Values<T>> {
  const values: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(settings)) {
    const { name, means, default: fallback, read } = one;
    try {
      const value = givenText(one, environment) ?? fallback;
      if (value === undefined) mistakes.push(`${name} is not set: ${means}`);
      else values[key] = read(value);
    } catch (error) {
      if (error instanceof Mistake) mistakes.push(`${error.message} (${means})`);
      else if (error instanceof RangeError) mistakes.push(`${name} ${error.message} (${means})`);
      else throw error;
    }
  }
  return values as Partial<Values<T>>;
}

/** How the servers are reached. */
export interface ServerSecurity {
  kafkaSecurity: KafkaSecurity;
  mongoSecurity: MongoSecurity;
}

/** Settings of servers, with the security of those among them that are asked for. @throws ConfigError */
function readServers<T extends Settings>(
  settings: T,
  servers: { kafka?: boolean; mongo?: boolean },
  environment: Environment,
): Values<T> & ServerSecurity {
  const mistakes: string[] = [];
  const values = collect(settings, environment, mistakes);
  const before = mistakes.length;
  const kafka = servers.kafka ? collect(KAFKA_SECURITY, environment, mistakes) : {};
  const mongo = servers.mongo ? collect(MONGO_SECURITY, environment, mistakes) : {};
  // What hangs together is looked at when each by itself can be read.
  const readable = mistakes.length === before;
  const security: ServerSecurity = {
    kafkaSecurity: readable && servers.kafka ? kafkaSecurity(kafka as KafkaValues, mistakes) : {},
    mongoSecurity: readable && servers.mongo ? mongoSecurity(mongo as MongoValues, mistakes) : {},
  };
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return { ...(values as Values<T>), ...security };
}

type KafkaValues = Values<typeof KAFKA_SECURITY>;
type MongoValues = Values<typeof MONGO_SECURITY>;

const BOTH = { kafka: true, mongo: true };

export type ServerConfig = Values<typeof SERVERS> & ServerSecurity;
export type WorkerConfig = ServerConfig & Values<typeof WORKER>;

/** @throws ConfigError */
export function workerConfig(environment: Environment = process.env): WorkerConfig {
  const config = readServers({ ...SERVERS, ...WORKER }, BOTH, environment);
  if (config.workerId === '') config.workerId = `${hostname()}-${randomBytes(4).toString('hex')}`;
  return config;
}

/** @throws ConfigError */
export function serverConfig(environment: Environment = process.env): ServerConfig {
  return readServers(SERVERS, BOTH, environment);
}

const KAFKA = { brokers: SERVERS.brokers, topicPrefix: SERVERS.topicPrefix } as const;
const MONGO = { mongoUri: SERVERS.mongoUri, database: SERVERS.database } as const;

export type KafkaServerConfig = Values<typeof KAFKA> & Pick<ServerSecurity, 'kafkaSecurity'>;
export type MongoServerConfig = Values<typeof MONGO> & Pick<ServerSecurity, 'mongoSecurity'>;

/** Of Kafka alone. @throws ConfigError */
export function kafkaServerConfig(environment: Environment = process.env): KafkaServerConfig {
  return readServers(KAFKA, { kafka: true }, environment);
}

/** Of MongoDB alone. @throws ConfigError */
export function mongoServerConfig(environment: Environment = process.env): MongoServerConfig {
  return readServers(MONGO, { mongo: true }, environment);
}

/** How the servers are reached, whatever their addresses. @throws ConfigError */
export function serverSecurity(environment: Environment = process.env): ServerSecurity {
  const { kafkaSecurity, mongoSecurity } = readServers({}, BOTH, environment);
  return { kafkaSecurity, mongoSecurity };
}

/** Names of the settings of security that are set: they make no sense without servers. */
export function givenSecurity(environment: Environment = process.env): string[] {
  return Object.values({ ...KAFKA_SECURITY, ...MONGO_SECURITY })
    .filter((one) => isGiven(one, environment))
    .map(({ name }) => name);
}

export type ApiConfig = ServerConfig & Values<typeof API> & Pick<WorkerConfig, 'logLevel' | 'logFormat'>;

/** @throws ConfigError */
export function apiConfig(environment: Environment = process.env): ApiConfig {
  const settings = { ...SERVERS, ...API, logLevel: WORKER.logLevel, logFormat: WORKER.logFormat };
  return readServers(settings, BOTH, environment);
}
