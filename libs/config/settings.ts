/**
 * Every setting that the environment may give: its name, what it means, its default, and how its text is read.
 * The README's table is written from this list.
 */

export const ROLES = ['consume', 'expire', 'relay'] as const;
export type Role = (typeof ROLES)[number];

/** Reads a setting's text; throws a `RangeError` that says what is allowed, never the value itself. */
type Read<T> = (text: string) => T;

export interface Setting<T> {
  name: string;
  means: string;
  /** as text; undefined = required */
  default?: string;
  read: Read<T>;
}

function setting<T>(name: string, read: Read<T>, means: string, fallback?: string): Setting<T> {
  return fallback === undefined ? { name, read, means } : { name, read, means, default: fallback };
}

const text: Read<string> = (value) => value;

const list: Read<string[]> = (value) => {
  const items = value.split(',').map((item) => item.trim());
  if (items.some((item) => item === ''))
    throw new RangeError('must be a list with commas, without empty items');
  return items;
};

function integer(least: number, most: number): Read<number> {
  return (value) => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < least || number > most) {
      throw new RangeError(`must be a whole number from ${least} to ${most}`);
    }
    return number;
  };
}

function oneOf<T extends string>(choices: readonly T[]): Read<T> {
  return (value) => {
    if (!choices.includes(value as T)) throw new RangeError(`must be one of ${choices.join(', ')}`);
    return value as T;
  };
}

const roles: Read<Role[]> = (value) => list(value).map(oneOf(ROLES));

const topicPrefix: Read<string> = (value) => {
  if (!/^[A-Za-z0-9_-]{0,100}$/.test(value)) throw new RangeError('may hold letters, digits, _ and -');
  return value;
};

const mongoUri: Read<string> = (value) => {
  if (!/^mongodb(\+srv)?:\/\//.test(value))
    throw new RangeError('must start with mongodb:// or mongodb+srv://');
  return value;
};

const brokers: Read<string[]> = (value) => {
  const items = list(value);
  if (!items.every((item) => /^[^\s:]+:\d+$/.test(item)))
    throw new RangeError('must be host:port, with commas between');
  return items;
};

export const SERVERS = {
  brokers: setting('KAFKA_BROKERS', brokers, 'Kafka brokers, `host:port`, with commas between'),
  mongoUri: setting('MONGODB_URI', mongoUri, 'MongoDB replica set, as a connection string'),
  database: setting(
    'MONGODB_DATABASE',
    text,
    'the database that Holdfast keeps its collections in',
    'holdfast',
  ),
  topicPrefix: setting('KAFKA_TOPIC_PREFIX', topicPrefix, 'stands before every topic name', ''),
} as const;

export const WORKER = {
  roles: setting(
    'HOLDFAST_ROLES',
    roles,
    'what this process does: any of `consume`, `expire`, `relay`',
    'consume,expire,relay',
  ),
  workerId: setting(
    'HOLDFAST_WORKER_ID',
    text,
    'name of this process, unique among those alive; empty = made up',
    '',
  ),
  groupId: setting('KAFKA_GROUP_ID', text, 'consumer group of the workers', 'holdfast'),
  clientId: setting('KAFKA_CLIENT_ID', text, 'how the workers call themselves at the broker', 'holdfast'),
  sessionTimeoutMs: setting(
    'KAFKA_SESSION_TIMEOUT_MS',
    integer(1_000, 300_000),
    'silence after which the broker takes a worker for dead and gives its lanes to others',
    '6000',
  ),
  heartbeatIntervalMs: setting(
    'KAFKA_HEARTBEAT_INTERVAL_MS',
    integer(100, 60_000),
    'how often a worker tells the broker that it is alive',
    '1500',
  ),
  maxWaitTimeMs: setting(
    'KAFKA_MAX_WAIT_MS',
    integer(1, 30_000),
    'how long the broker may wait for records before it answers a fetch',
    '100',
  ),
  concurrentLanes: setting(
    'HOLDFAST_CONCURRENT_LANES',
    integer(1, 64),
    'lanes whose batches are applied at the same time',
    '6',
  ),
  maxBatchRecords: setting(
    'HOLDFAST_BATCH_RECORDS',
    integer(1, 10_000),
    'most records in one transaction',
    '2000',
  ),
  maxBatchBytes: setting(
    'HOLDFAST_BATCH_BYTES',
    integer(1_000, 8_000_000),
    'most bytes of records in one transaction; a larger record is a batch by itself',
    '4000000',
  ),
  expiryBatch: setting(
    'HOLDFAST_EXPIRY_BATCH',
    integer(1, 10_000),
    'most holds that one transaction lets expire',
    '2000',
  ),
  stallAlarmMs: setting(
    'HOLDFAST_STALL_ALARM_MS',
    integer(1_000, 86_400_000),
    'a partition with a backlog that makes no progress for so long no longer holds expiry back',
    '900000',
  ),
  healthPort: setting(
    'HOLDFAST_HEALTH_PORT',
    integer(0, 65_535),
    'port of `GET /live`, which fails when records wait and none is applied; 0 = none',
    '0',
  ),
  logLevel: setting(
    'HOLDFAST_LOG_LEVEL',
    oneOf(['error', 'warn', 'log', 'debug'] as const),
    'least weighty log line that is written: `error`, `warn`, `log` or `debug`',
    'log',
  ),
} as const;
