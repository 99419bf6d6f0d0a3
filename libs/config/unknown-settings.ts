/** Names in the environment that begin as our settings do and are none: mistyped, most likely, and read by nobody. */

import { FILE_SUFFIX, type Environment } from './given.js';
import { KAFKA_SECURITY, MONGO_SECURITY } from './security-settings.js';
import type { Setting } from './setting.js';
import { API, SERVERS, WORKER } from './settings.js';
import { STACK } from './stack-environment.js';

const PREFIX = 'HOLDFAST_';
/** Kubernetes tells containers so of a service that is called `holdfast-…`. */
const SERVICE_LINK = /_SERVICE_(HOST|PORT)|_PORT(_\d+_.*)?$/;

/** Of every program. */
export const ALL_SETTINGS: readonly Setting<unknown>[] = Object.values<Setting<unknown>>({
  ...SERVERS,
  ...KAFKA_SECURITY,
  ...MONGO_SECURITY,
  ...WORKER,
  ...API,
  ...STACK,
});

export function unknownSettings(environment: Environment = process.env): string[] {
  const known = new Set(
    ALL_SETTINGS.flatMap(({ name, isSecret }) => (isSecret ? [name, name + FILE_SUFFIX] : [name])),
  );
  return Object.keys(environment)
    .filter((name) => name.startsWith(PREFIX) && !known.has(name) && !SERVICE_LINK.test(name))
    .sort();
}

/** What to say of each. */
export function unknownSettingText(name: string): string {
  return `${name} is no setting, and does nothing; README.md lists those that there are`;
}
