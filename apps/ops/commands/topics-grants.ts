/** What each kind of process has to be allowed at Kafka and MongoDB, and nothing beyond. Pure. */

import { CONSUMED_TOPICS, PUBLISHED_TOPICS, topicsFor } from '@holdfast/contracts';

export const GRANT_ROLES = ['worker', 'api', 'ops', 'publisher', 'consumer'] as const;
export type GrantRole = (typeof GRANT_ROLES)[number];

export interface GrantOptions {
  topicPrefix: string;
  /** of the workers */
  groupId: string;
  /** of those who consume what Holdfast publishes */
  consumerGroup: string;
  database: string;
  /** stands before the role in the user's name */
  userPrefix: string;
}

/** Reading and writing imply that the resource may be described. */
export type KafkaOperation =
  'Read' | 'Write' | 'Create' | 'Describe' | 'Alter' | 'DescribeConfigs' | 'AlterConfigs';

export interface KafkaGrant {
  resourceType: 'topic' | 'group';
  patternType: 'literal';
  names: string[];
  operations: KafkaOperation[];
}

export interface MongoPrivilege {
  resource: { db: string; collection: string } | { cluster: true };
  actions: string[];
}

export interface Grants {
  role: GrantRole;
  /** at Kafka and at MongoDB alike */
  user: string;
  kafka: KafkaGrant[];
  /** of a role in the database `admin`; none: this process has nothing to do with MongoDB */
  mongo?: { role: string; privileges: MongoPrivilege[] };
}

export function grantsOf(role: GrantRole, options: GrantOptions): Grants {
  const user = options.userPrefix + role;
  const privileges = mongoPrivileges(role, options.database);
  return {
    role,
    user,
    kafka: kafkaGrants(role, options),
    ...(privileges.length > 0 && { mongo: { role: user, privileges } }),
  };
}

function kafkaGrants(role: GrantRole, options: GrantOptions): KafkaGrant[] {
  const named = (names: readonly string[]): string[] => names.map((name) => options.topicPrefix + name);
  const topics = (names: string[], ...operations: KafkaOperation[]): KafkaGrant => ({
    resourceType: 'topic',
    patternType: 'literal',
    names,
    operations,
  });
  const group = (name: string, ...operations: KafkaOperation[]): KafkaGrant => ({
    resourceType: 'group',
    patternType: 'literal',
    names: [name],
    operations,
  });
  const consumed = named(CONSUMED_TOPICS);
  const published = named(PUBLISHED_TOPICS);
  const deadLetters = consumed.map((name) => `${name}.dlq`);
  switch (role) {
    case 'worker':
      return [
        topics(consumed, 'Read'),
        // What a merchant rejects at the API goes to Kafka like anybody's rejection.
        topics([...published, ...deadLetters, ...named(['OrderRejected'])], 'Write'),
        group(options.groupId, 'Read'),
      ];
    case 'api':
      return [topics(named(['StockOutcome']), 'Read')];
    case 'ops':
      return [
        topics(
          topicsFor({ prefix: options.topicPrefix }).map(({ name }) => name),
          'Read',
          'Create',
          'Alter',
          'DescribeConfigs',
          'AlterConfigs',
        ),
        topics(consumed, 'Write'),
        group(options.groupId, 'Describe'),
      ];
    case 'publisher':
      return [topics(consumed, 'Write')];
    case 'consumer':
      return [topics(published, 'Read'), group(options.consumerGroup, 'Read')];
  }
}

const READ = ['find'];
const INSERT = ['find', 'insert'];
const CHANGE = ['find', 'insert', 'update'];
const ALL = ['find', 'insert', 'update', 'remove'];

/** By collection. */
const COLLECTIONS: Partial<Record<GrantRole, Record<string, string[]>>> = {
  worker: {
    orders: CHANGE,
    orderFacts: INSERT,
    stock: CHANGE,
    stores: READ,
    products: READ,
    // What the background's reconciliation looks at, and where it has come to.
    stockChanges: READ,
    merchantChanges: READ,
    prunedUnits: READ,
    horizons: READ,
    repairs: READ,
    reconciliation: CHANGE,
    // Watched, so that what other processes commit is published at once.
    outbox: [...INSERT, 'remove', 'changeStream'],
    lanes: CHANGE,
    workers: ALL,
    leases: ALL,
    switches: READ,
    'deadLetters.files': [...INSERT, 'remove'],
    'deadLetters.chunks': [...INSERT, 'remove'],
  },
  api: {
    orders: ['find', 'update'],
    orderFacts: READ,
    stock: CHANGE,
    stockChanges: INSERT,
    merchantChanges: CHANGE,
    stores: CHANGE,
    products: CHANGE,
    outbox: INSERT,
    workers: ALL,
    leases: ['find', 'update'],
    switches: READ,
    prunedUnits: READ,
    horizons: READ,
    apiKeys: ['find', 'update'],
    apiSessions: ALL,
    apiRequests: ALL,
  },
  ops: {
    orders: ALL,
    orderFacts: ALL,
    stock: ALL,
    stockChanges: ALL,
    merchantChanges: ALL,
    prunedUnits: ALL,
    horizons: CHANGE,
    repairs: CHANGE,
    reconciliation: READ,
    stores: CHANGE,
    products: CHANGE,
    outbox: ALL,
    lanes: READ,
    workers: READ,
    leases: READ,
    switches: ALL,
    apiKeys: CHANGE,
    apiSessions: ALL,
    deadLetterActs: CHANGE,
    replays: CHANGE,
    'deadLetters.files': READ,
    'deadLetters.chunks': READ,
  },
};

/** Each makes collections and indexes that are missing at its start. */
const OF_THE_DATABASE = ['createCollection', 'createIndex', 'listCollections', 'listIndexes'];

function mongoPrivileges(role: GrantRole, db: string): MongoPrivilege[] {
  const collections = COLLECTIONS[role];
  if (collections === undefined) return [];
  return [
    { resource: { db, collection: '' }, actions: OF_THE_DATABASE },
    ...Object.entries(collections).map(([collection, actions]) => ({
      resource: { db, collection },
      actions: [...actions],
    })),
    // A worker ends what processes that died left open, also those of another user.
    ...(role === 'worker' ? [{ resource: { cluster: true } as const, actions: ['killAnySession'] }] : []),
  ];
}

/** For a shell with Kafka's own tools; the administrator's login is in admin.properties. */
export function kafkaCommands({ user, kafka }: Grants): string[] {
  return kafka.map(({ resourceType, names, operations }) => {
    const words = [
      'kafka-acls --bootstrap-server "$KAFKA_BROKERS" --command-config admin.properties --add',
      `--allow-principal ${quoted(`User:${user}`)}`,
      ...operations.map((operation) => `--operation ${operation}`),
      ...names.map((name) => `--${resourceType} ${quoted(name)}`),
    ];
    return words.join(' ');
  });
}

/** For mongosh, as an administrator. The user is there already. */
export function mongoCommands({ user, mongo }: Grants): string[] {
  if (mongo === undefined) return [];
  const { role, privileges } = mongo;
  const admin = "db.getSiblingDB('admin')";
  return [
    `${admin}.runCommand(${JSON.stringify({ createRole: role, privileges, roles: [] })})`,
    `${admin}.runCommand(${JSON.stringify({ grantRolesToUser: user, roles: [{ role, db: 'admin' }] })})`,
  ];
}

function quoted(word: string): string {
  return /^[\w.:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
