/** Servers that the environment names, for programs that start their own where it names none. */

import { readSettings, type Environment } from './environment.js';
import { SERVERS } from './settings.js';

export interface StackEnvironment {
  brokers?: string[];
  mongoUri?: string;
  /** where downloads are kept, when the environment says so */
  cacheHome?: string;
}

/** @throws ConfigError when only one of the two servers is named, or wrongly */
export function stackEnvironment(environment: Environment = process.env): StackEnvironment {
  const cacheHome = environment['XDG_CACHE_HOME'];
  const cache = cacheHome ? { cacheHome } : {};
  if (!environment[SERVERS.brokers.name] && !environment[SERVERS.mongoUri.name]) return cache;
  const { brokers, mongoUri } = readSettings(
    { brokers: SERVERS.brokers, mongoUri: SERVERS.mongoUri },
    environment,
  );
  return { ...cache, brokers, mongoUri };
}
