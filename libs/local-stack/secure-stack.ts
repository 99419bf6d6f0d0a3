/**
 * The embedded stack, secured: a broker with TLS, logins and ACLs, and a replica set with TLS and users, to see that
 * a deployment of that kind works. Certificates are made at each start, passwords once; all of it lies beside the
 * data, in `<folder>/security`.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { choosePorts, claimDataFolder, releaseDataFolder, type Ports } from './data-folder.js';
import { fetchServers } from './fetch-servers.js';
import { prepareKafka } from './kafka-server.js';
import { prepareMongo } from './mongo-server.js';
import { REPLICA_SET } from './replica-set.js';
import { makeAuthority } from './secure-certificates.js';
import type { KafkaSecurity, MongoSecurity } from './secure-clients.js';
import { scramFile, secureBrokerSettings, type SecureFiles } from './secure-kafka.js';
import { secureMongo } from './secure-mongo.js';
import { passwordFile, passwordsIn, type Passwords, type SecureUser } from './secure-users.js';
import type { ServerProcess } from './server-process.js';
import type { EmbeddedStack, StackOptions } from './stack.js';

export { SECURE_USERS, type SecureUser } from './secure-users.js';

export interface SecureStack extends EmbeddedStack {
  /** the administrator's */
  kafkaSecurity: KafkaSecurity;
  mongoSecurity: MongoSecurity;
  /** Settings for a program that logs in as this user; passwords by file. */
  environmentOf(user: SecureUser): Record<string, string>;
  /** of a client, for servers that want to see one: paths of certificate and key */
  client: { certificate: string; key: string };
}

/** @throws StackError when something is missing here or the data folder is in use */
export async function startSecureStack(options: StackOptions): Promise<SecureStack> {
  const log = options.log ?? (() => undefined);
  const folder = resolve(options.dataDir ?? join('.stack', 'secure'));
  const { jars, mongod } = await fetchServers(options, log);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await claimDataFolder(folder, options.fresh ?? false, log);
  const servers: ServerProcess[] = [];
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await releaseDataFolder(folder);
  };
  try {
    const ports = await choosePorts(folder);
    const secrets = await makeSecrets(join(folder, 'security'));
    const [kafka, mongo] = await Promise.all([
      kafkaOf(join(folder, 'kafka'), ports, jars, secrets, options),
      mongoOf(join(folder, 'mongodb'), ports, mongod, secrets, options),
    ]);
    servers.push(kafka, mongo);
    const started = await Promise.allSettled([kafka.start(), mongo.start()]);
    for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason as Error;
    return { kind: 'embedded', kafka, mongo, stop, ...clientSide(ports, secrets) };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Secrets {
  files: SecureFiles;
  ca: string;
  passwords: Passwords;
  client: { certificate: string; key: string };
}

async function makeSecrets(folder: string): Promise<Secrets> {
  const passwords = await passwordsIn(folder);
  const authority = makeAuthority('Holdfast local stack');
  const hosts = ['127.0.0.1', 'localhost'];
  const server = authority.issue({ name: 'server', hosts });
  const client = authority.issue({ name: 'client', hosts });
  const write = async (name: string, content: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  };
  return {
    passwords,
    ca: authority.certificate,
    files: {
      folder,
      ca: await write('ca.pem', authority.certificate),
      server: await write('server.pem', server.key + server.certificate),
    },
    client: {
      certificate: await write('client.pem', client.certificate),
      key: await write('client.key', client.key),
    },
  };
}

async function kafkaOf(
  folder: string,
  ports: Ports,
  jars: string,
  { files, passwords, ca }: Secrets,
  { settings = {} }: StackOptions,
): Promise<ServerProcess> {
  return prepareKafka({
    folder,
    port: ports.kafka,
    controllerPort: ports.kafkaController,
    jars,
    properties: { ...secureBrokerSettings(ports, files, passwords), ...settings.kafkaProperties },
    heapMegabytes: settings.kafkaHeapMegabytes,
    security: adminAtKafka(ca, passwords),
    formatFile: await scramFile(files.folder, passwords),
  });
}

async function mongoOf(
  folder: string,
  ports: Ports,
  mongod: string,
  { files, passwords, ca }: Secrets,
  { settings = {} }: StackOptions,
): Promise<ServerProcess> {
  const secure = await secureMongo(files, ca, passwords);
  return prepareMongo({
    folder,
    port: ports.mongodb,
    mongod,
    parameters: settings.mongodParameters,
    cacheGigabytes: settings.mongoCacheGigabytes,
    arguments: secure.arguments,
    ready: (signal) => secure.ready(ports.mongodb, signal),
  });
}

function adminAtKafka(ca: string, { admin: password }: Passwords): KafkaSecurity {
  return { ssl: { ca }, sasl: { mechanism: 'scram-sha-512', username: 'admin', password } };
}

type ClientSide = Omit<SecureStack, 'kind' | 'kafka' | 'mongo' | 'stop'>;

function clientSide(ports: Ports, { files, ca, passwords, client }: Secrets): ClientSide {
  const brokers = [`127.0.0.1:${ports.kafka}`];
  const mongoUri = `mongodb://127.0.0.1:${ports.mongodb}/?replicaSet=${REPLICA_SET}`;
  const login = { username: 'admin', password: passwords.admin, authSource: 'admin' };
  return {
    brokers,
    mongoUri,
    kafkaSecurity: adminAtKafka(ca, passwords),
    mongoSecurity: { tls: { ca }, login },
    client,
    environmentOf: (user) => ({
      KAFKA_BROKERS: brokers.join(','),
      KAFKA_TLS: 'on',
      KAFKA_TLS_CA_FILE: files.ca,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: user,
      KAFKA_SASL_PASSWORD_FILE: passwordFile(files.folder, user),
      MONGODB_URI: mongoUri,
      MONGODB_TLS: 'on',
      MONGODB_TLS_CA_FILE: files.ca,
      MONGODB_USERNAME: user,
      MONGODB_PASSWORD_FILE: passwordFile(files.folder, user),
    }),
  };
}
