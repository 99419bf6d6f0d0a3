/** The environment of programs that this one starts. */

import { FILE_SUFFIX, givenText, type Environment } from './given.js';
import { KAFKA_SECURITY, MONGO_SECURITY } from './security-settings.js';
import type { Setting } from './setting.js';
import { API, SERVERS, WORKER } from './settings.js';

type Settable = keyof typeof SERVERS | keyof typeof WORKER | keyof typeof API;

/**
 * This process's environment with some of Holdfast's settings replaced. A secret that was given by file, and is the
 * same, stays in its file.
 * @param settings by the names of `SERVERS`, `WORKER` and `API`, as text
 * @param others `kept`: settings that are not named stay as they are, also how the servers are reached (TLS, logins);
 *   `dropped`: they fall back to their defaults
 */
export function childEnvironment(
  settings: Partial<Record<Settable, string>>,
  others: 'kept' | 'dropped',
  environment: Environment = process.env,
): Record<string, string | undefined> {
  const child: Record<string, string | undefined> = { ...environment };
  const all: Record<string, Setting<unknown>> = {
    ...SERVERS,
    ...KAFKA_SECURITY,
    ...MONGO_SECURITY,
    ...WORKER,
    ...API,
  };
  for (const [key, setting] of Object.entries(all)) {
    const { name, isSecret } = setting;
    const value = settings[key as Settable];
    if (value === undefined ? others === 'kept' : isSecret && givenText(setting, environment) === value)
      continue;
    delete child[name + FILE_SUFFIX];
    if (value === undefined) delete child[name];
    else child[name] = value;
  }
  return child;
}
