/**
 * Every setting that the environment may give: its name, what it means, its default, and how its text is read.
 * The README's table is written from this list.
 */

import { integer, list, oneOf, setting, text, type Read, type Setting } from './setting.js';

export const ROLES = ['consume', 'expire', 'relay', 'reconcile'] as const;
export type Role = (typeof ROLES)[number];

const roles: Read<Role[]> = (value) => list(value).map(oneOf(ROLES));

const topicPrefix: Read<string> = (value) => {
  if (!/^[A-Za-z0-9_-]{0,100}$/.test(value)) throw new RangeError('may hold letters, digits, _ and -');
  return value;
};

const mongoUri: Read<string> = (value) => {
  if (!/^mongodb(\+srv)?:\/\//.test(value))
    throw new RangeError('must start with mongodb:// or mongodb+srv://');
  // Said here, for the driver's own messages may quote a part of it.
  if (!/^[^/]+\/\/([^:@/?]+(:[^:@/?]*)?@)?[^@/?]+(\/[^/?]*)?(\?.*)?$/.test(value)) {
    throw new RangeError(
      'must be mongodb://user:password@host:port/?options; in user and password : / ? @ % are written ' +
        'percent-encoded, or they are given as MONGODB_USERNAME and MONGODB_PASSWORD_FILE',
    );
  }
  return value;
};

const httpUrl: Read<string> = (value) => {
  if (value !== '' && !/^https?:\/\/[^\s/]+/.test(value))
    throw new RangeError('must start with http:// or https://');
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
  mongoUri: {
    ...setting('MONGODB_URI', mongoUri, 'MongoDB replica set, as a connection string'),
    isSecret: true,
  } as Setting<string>,
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
    'what this process does: any of `consume`, `expire`, `relay`, `reconcile`',
    'consume,expire,relay,reconcile',
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
  lingerMs: setting(
    'HOLDFAST_LINGER_MS',
    integer(0, 1_000),
    'small batches of several lanes are gathered for so long after their last transaction began; 0 = not',
    '20',
  ),
  concurrentLanes: setting(
    'HOLDFAST_CONCURRENT_LANES',
    integer(1, 64),
    'lanes whose batches are applied at the same time, those of fewer than 100 records aside',
    '3',
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
  reconcileEveryMs: setting(
    'HOLDFAST_RECONCILE_EVERY_MS',
    integer(1_000, 604_800_000),
    'how often the reconciliation in the background begins anew, from begin to begin',
    '3600000',
  ),
  reconcileSlice: setting(
    'HOLDFAST_RECONCILE_SLICE',
    integer(10, 10_000),
    'orders that the reconciliation looks at in one go',
    '250',
  ),
  reconcilePauseMs: setting(
    'HOLDFAST_RECONCILE_PAUSE_MS',
    integer(0, 60_000),
    'how long the reconciliation rests after each slice; less where a store has very many orders',
    '100',
  ),
  healthPort: setting(
    'HOLDFAST_HEALTH_PORT',
    integer(0, 65_535),
    'port of `/livez`, `/readyz`, `/startupz` and, for Prometheus, `/metrics`; 0 = none',
    '0',
  ),
  logLevel: setting(
    'HOLDFAST_LOG_LEVEL',
    oneOf(['error', 'warn', 'log', 'debug'] as const),
    'least weighty log line that is written: `error`, `warn`, `log` or `debug`',
    'log',
  ),
  logFormat: setting(
    'HOLDFAST_LOG_FORMAT',
    oneOf(['text', 'json'] as const),
    'log lines as `text` for people, or as `json`: one object a line, with lane, topic, partition and offset',
    'text',
  ),
  otlpEndpoint: setting(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    httpUrl,
    'where OpenTelemetry traces go over OTLP/HTTP, such as `http://collector:4318`; empty = nothing is traced',
    '',
  ),
} as const;

/** Of the merchant's API alone. */
export const API = {
  apiPort: setting(
    'HOLDFAST_API_PORT',
    integer(0, 65_535),
    'port of the API and the page; 0 = any that is free',
    '8080',
  ),
  apiHealthPort: setting(
    'HOLDFAST_API_HEALTH_PORT',
    integer(0, 65_535),
    'port of the API’s `/livez`, `/readyz` and, for Prometheus, `/metrics`; 0 = none',
    '0',
  ),
  apiHost: setting(
    'HOLDFAST_API_HOST',
    text,
    'address that the API listens on; `0.0.0.0` = every one of this machine',
    '127.0.0.1',
  ),
  apiProxies: setting(
    'HOLDFAST_API_PROXIES',
    integer(0, 10),
    'reverse proxies in front of the API, whose `X-Forwarded-*` headers it believes',
    '0',
  ),
  apiMaxWaiting: setting(
    'HOLDFAST_API_MAX_WAITING',
    integer(1, 100_000),
    'requests that may wait for an order to be decided at the same time; more are told to come back',
    '1000',
  ),
  apiMaxStreams: setting(
    'HOLDFAST_API_MAX_STREAMS',
    integer(1, 100_000),
    'open streams of live changes; more are told to come back',
    '1000',
  ),
} as const;
