/** The one place that reads `process.env`. Every mistake is named at once, by the setting, never with its value. */

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { SERVERS, WORKER, type Setting } from './settings.js';

/** The process's environment, as a value. */
export type Environment = Readonly<Record<string, string | undefined>>;

type Settings = Readonly<Record<string, Setting<unknown>>>;
export type Values<T extends Settings> = { -readonly [K in keyof T]: ReturnType<T[K]['read']> };

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
  const values: Record<string, unknown> = {};
  for (const [key, { name, means, default: fallback, read }] of Object.entries(settings)) {
    const given = environment[name]?.trim();
    const value = given === undefined || given === '' ? fallback : given;
    if (value === undefined) {
      mistakes.push(`${name} is not set: ${means}`);
      continue;
    }
    try {
      values[key] = read(value);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      mistakes.push(`${name} ${error.message} (${means})`);
    }
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return values as Values<T>;
}

export type ServerConfig = Values<typeof SERVERS>;
export type WorkerConfig = ServerConfig & Values<typeof WORKER>;

/** @throws ConfigError */
export function workerConfig(environment: Environment = process.env): WorkerConfig {
  const config = readSettings({ ...SERVERS, ...WORKER }, environment);
  if (config.workerId === '') config.workerId = `${hostname()}-${randomBytes(4).toString('hex')}`;
  return config;
}

/** @throws ConfigError */
export function serverConfig(environment: Environment = process.env): ServerConfig {
  return readSettings(SERVERS, environment);
}
