/** What the environment says about the local stack, for programs that start their own servers where it names none. */

import {
  ConfigError,
  givenSecurity,
  readSettings,
  serverSecurity,
  type Environment,
  type ServerSecurity,
} from './environment.js';
import { isGiven } from './given.js';
import type { Setting } from './setting.js';
import { SERVERS } from './settings.js';

export interface StackEnvironment extends Partial<ServerSecurity> {
  brokers?: string[];
  mongoUri?: string;
  /** where downloads are kept, when the environment says so */
  cacheHome?: string;
  /** where the Docker engine listens, when the environment says so */
  dockerHost?: string;
  /** asks for one kind of servers instead of the first that works */
  kind?: 'docker' | 'embedded';
  kafkaImage?: string;
  mongoImage?: string;
}

const KINDS = ['auto', 'docker', 'embedded'] as const;

const kind: Setting<(typeof KINDS)[number]> = {
  name: 'HOLDFAST_STACK',
  means:
    'where local servers run: `docker`, `embedded` (child processes), or `auto`: Docker where an engine answers',
  default: 'auto',
  read(text) {
    const found = KINDS.find((candidate) => candidate === text);
    if (found === undefined) throw new RangeError(`must be one of ${KINDS.join(', ')}`);
    return found;
  },
};

function image(name: string, of: string): Setting<string> {
  return {
    name,
    means: `the image of ${of} for local servers in Docker; empty = a pinned one`,
    default: '',
    read: (text) => text,
  };
}

/** Settings of the local stack alone. */
export const STACK = {
  kind,
  kafkaImage: image('HOLDFAST_KAFKA_IMAGE', 'Kafka'),
  mongoImage: image('HOLDFAST_MONGO_IMAGE', 'MongoDB'),
} as const;

/** @throws ConfigError when a setting is wrong, or only one of the two servers is named */
export function stackEnvironment(environment: Environment = process.env): StackEnvironment {
  const named = isGiven(SERVERS.brokers, environment) || isGiven(SERVERS.mongoUri, environment);
  const servers = named
    ? {
        ...readSettings({ brokers: SERVERS.brokers, mongoUri: SERVERS.mongoUri }, environment),
        ...serverSecurity(environment),
      }
    : {};
  const pointless = named ? [] : givenSecurity(environment);
  if (pointless.length > 0) {
    throw new ConfigError(
      pointless.map(
        (name) => `${name} is set, but neither KAFKA_BROKERS nor MONGODB_URI: set these, or unset it`,
      ),
    );
  }
  const { kind: wanted, kafkaImage, mongoImage } = readSettings(STACK, environment);
  return {
    ...servers,
    ...present('cacheHome', environment['XDG_CACHE_HOME']),
    ...present('dockerHost', environment['DOCKER_HOST']),
    ...(wanted === 'auto' ? {} : { kind: wanted }),
    ...present('kafkaImage', kafkaImage),
    ...present('mongoImage', mongoImage),
  };
}

/** A field with its value, or no field at all where the value is missing or empty. */
function present<K extends string>(field: K, value: string | undefined): Partial<Record<K, string>> {
  return value ? ({ [field]: value } as Record<K, string>) : {};
}
