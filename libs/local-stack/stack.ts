import type { CacheSize } from './replica-set.js';
import type { KafkaSecurity, MongoSecurity } from './secure-clients.js';
import type { ServerHandle } from './server-process.js';

/** A broker and a replica set to work with. */
export interface Stack {
  /** where the servers come from */
  kind: 'environment' | 'docker' | 'embedded';
  /** `host:port` of each */
  brokers: string[];
  mongoUri: string;
  /** what clients need besides the addresses, where the servers ask for it */
  kafkaSecurity?: KafkaSecurity;
  mongoSecurity?: MongoSecurity;
  /** Stops what was started; servers that the environment named are left alone. Data stays. */
  stop(): Promise<void>;
}

/** A stack whose servers are child processes, which tests may break one by one. */
export interface EmbeddedStack extends Stack {
  kind: 'embedded';
  kafka: ServerHandle;
  mongo: ServerHandle;
}

/** What a process's environment says, as `stackEnvironment()` of config reads it. */
export interface StackEnvironment {
  /** servers that run already; both or none */
  brokers?: readonly string[];
  mongoUri?: string;
  kafkaSecurity?: KafkaSecurity;
  mongoSecurity?: MongoSecurity;
  /** the user's folder of caches, `~/.cache` unless given; fetched programs go to `holdfast` in it */
  cacheHome?: string;
  /** where the Docker engine listens: `unix://…`, `tcp://…`; the usual sockets are tried unless given */
  dockerHost?: string;
  /** asks for one kind instead of the first that works */
  kind?: 'docker' | 'embedded';
  /** must understand the environment of `apache/kafka` */
  kafkaImage?: string;
  mongoImage?: string;
}

export interface StackOptions {
  environment?: StackEnvironment | undefined;
  /** where data is kept; `.stack` in the working folder unless given */
  dataDir?: string | undefined;
  /** starts without the data of the last time */
  fresh?: boolean | undefined;
  /** is given progress, a line at a time */
  log?: ((line: string) => void) | undefined;
  settings?: StackSettings | undefined;
}

/** What a test or a measurement wants different about its servers. */
export interface StackSettings {
  /** lines of Kafka's server.properties */
  kafkaProperties?: Readonly<Record<string, string | number | boolean>>;
  kafkaHeapMegabytes?: number;
  /** `--setParameter` of mongod */
  mongodParameters?: Readonly<Record<string, string | number | boolean>>;
  mongoCacheGigabytes?: CacheSize;
}
