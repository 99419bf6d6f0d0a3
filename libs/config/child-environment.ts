/** The environment of programs that this one starts. */

import type { Environment } from './environment.js';
import { SERVERS, WORKER } from './settings.js';

type Settable = keyof typeof SERVERS | keyof typeof WORKER;

/**
 * This process's environment with some of Holdfast's settings replaced.
 * @param settings by the names of `SERVERS` and `WORKER`, as text
 * @param others `kept`: settings that are not named stay as they are; `dropped`: they fall back to their defaults
 */
export function childEnvironment(
  settings: Partial<Record<Settable, string>>,
  others: 'kept' | 'dropped',
  environment: Environment = process.env,
): Record<string, string | undefined> {
  const child: Record<string, string | undefined> = { ...environment };
  for (const [key, { name }] of Object.entries({ ...SERVERS, ...WORKER })) {
    const value = settings[key as Settable];
    if (value !== undefined) child[name] = value;
    else if (others === 'dropped') delete child[name];
  }
  return child;
}
