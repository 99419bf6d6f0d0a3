/**
 * Real servers in containers. Their ports are chosen here and are the same inside and outside, so that the address a
 * server gives to its clients is right on both sides; their data is in named volumes, one pair per data folder.
 */

import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { StartedTestContainer } from 'testcontainers';
import { brokerAnswers, brokerSettings } from './broker.js';
import { choosePorts, claimDataFolder, releaseDataFolder, type Ports } from './data-folder.js';
import { becomesPrimary, cacheWords, MONGOD_PARAMETERS, REPLICA_SET } from './replica-set.js';
import type { Stack, StackOptions } from './stack.js';
import { StackError } from './stack-error.js';

const KAFKA_IMAGE = 'apache/kafka:4.1.1';
const MONGO_IMAGE = 'mongo:6.0';

// Stored in the volume at the first start, and compared at each later one.
const CLUSTER_ID = 'holdfastLocalStackAAAA';

const imageLimitMs = 600_000;
const answerLimitMs = 120_000;
const stopLimitMs = 30_000; // testcontainers kills at once unless told

/** @throws StackError when an image cannot be had or a server does not answer */
export async function startDockerStack(options: StackOptions): Promise<Stack> {
  const log = options.log ?? (() => undefined);
  const folder = resolve(options.dataDir ?? '.stack');
  await claimDataFolder(folder, false, log);
  const started: StartedTestContainer[] = [];
  const lastWords = new Map<string, string>();
  const stop = async () => {
    await Promise.all(started.map((container) => container.stop({ timeout: stopLimitMs })));
    await releaseDataFolder(folder);
  };
  try {
    const engine = await Engine.connect();
    const names = { kafka: volumeName(folder, 'kafka'), mongo: volumeName(folder, 'mongodb') };
    for (const name of Object.values(names)) await engine.clear(name, options.fresh ?? false);
    const ports = await choosePorts(folder);
    const place = { host: engine.host, ports, options, log, lastWords };
    const kafka = runKafka({ ...place, name: names.kafka }).then((container) => started.push(container));
    const mongo = runMongo({ ...place, name: names.mongo }).then((container) => started.push(container));
    await Promise.allSettled([kafka, mongo]); // what starts late must not be missed by the stop that follows an error
    await Promise.all([kafka, mongo]);
    await untilBothAnswer(engine.host, ports);
    return {
      kind: 'docker',
      brokers: [`${engine.host}:${ports.kafka}`],
      mongoUri: mongoUri(engine.host, ports),
      stop,
    };
  } catch (error) {
    await stop();
    throw error instanceof StackError ? error : failed(error, lastWords);
  }
}

function failed(error: unknown, lastWords: ReadonlyMap<string, string>): StackError {
  const message = error instanceof Error ? error.message : String(error);
  const said = [...lastWords].map(([image, text]) => `\n${image} said last\n${text.trimEnd()}`).join('');
  return new StackError(
    `Docker answers, but the servers do not start in it (${message})${said}\nRemedy`,
    'set HOLDFAST_KAFKA_IMAGE and HOLDFAST_MONGO_IMAGE to images it can get, or HOLDFAST_STACK=embedded',
  );
}

function volumeName(folder: string, server: string): string {
  return `holdfast-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}-${server}`;
}

function mongoUri(host: string, ports: Ports): string {
  const local = host === 'localhost' || host === '127.0.0.1';
  // The replica set knows itself as 127.0.0.1; seen from another machine, that address must not be followed.
  return local
    ? `mongodb://127.0.0.1:${ports.mongodb}/?replicaSet=${REPLICA_SET}`
    : `mongodb://${host}:${ports.mongodb}/?directConnection=true`;
}

interface ContainerPlace {
  /** of the container and its volume */
  name: string;
  host: string;
  ports: Ports;
  options: StackOptions;
  log: (line: string) => void;
  /** is kept to what each image's container wrote last */
  lastWords: Map<string, string>;
}

async function runKafka(container: ContainerPlace): Promise<StartedTestContainer> {
  const { host, ports, options, log } = container;
  const logFolder = '/var/lib/kafka/data';
  const place = {
    host,
    port: ports.kafka,
    bind: '0.0.0.0',
    controllerPort: ports.kafkaController,
    logFolder,
  };
  const settings = { ...brokerSettings(place), ...options.settings?.kafkaProperties };
  const environment: Record<string, string> = {
    CLUSTER_ID,
    KAFKA_HEAP_OPTS: `-Xmx${options.settings?.kafkaHeapMegabytes ?? 768}m`,
  };
  for (const [setting, value] of Object.entries(settings)) environment[variable(setting)] = String(value);
  const image = options.environment?.kafkaImage ?? KAFKA_IMAGE;
  log(`Kafka: starting ${image} in Docker`);
  return (await prepare(image, ports.kafka, logFolder, container)).withEnvironment(environment).start();
}

async function runMongo(container: ContainerPlace): Promise<StartedTestContainer> {
  const { ports, options, log } = container;
  const parameters = Object.entries({ ...MONGOD_PARAMETERS, ...options.settings?.mongodParameters });
  const image = options.environment?.mongoImage ?? MONGO_IMAGE;
  log(`MongoDB: starting ${image} in Docker`);
  const command = [
    'mongod',
    '--port',
    String(ports.mongodb),
    '--bind_ip_all',
    '--replSet',
    REPLICA_SET,
    '--quiet',
  ];
  const cache = cacheWords(options.settings?.mongoCacheGigabytes);
  const set = parameters.flatMap(([parameter, value]) => ['--setParameter', `${parameter}=${value}`]);
  const prepared = await prepare(image, ports.mongodb, '/data/db', container);
  return prepared.withCommand([...command, ...cache, ...set]).start();
}

/** As the images of Kafka read their environment: `log.dirs` is KAFKA_LOG_DIRS. */
function variable(setting: string): string {
  return `KAFKA_${setting.toUpperCase().replaceAll('.', '_')}`;
}

async function prepare(image: string, port: number, data: string, { name, lastWords }: ContainerPlace) {
  const { GenericContainer, Wait } = await import('testcontainers');
  return new GenericContainer(image)
    .withName(name)
    .withExposedPorts({ container: port, host: port })
    .withBindMounts([{ source: name, target: data, mode: 'rw' }])
    .withLogConsumer((output) => {
      output.on('data', (text: Buffer | string) => {
        lastWords.set(image, `${lastWords.get(image) ?? ''}${text.toString()}`.slice(-1_000));
      });
    })
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(imageLimitMs);
}

async function untilBothAnswer(host: string, ports: Ports): Promise<void> {
  const limit = AbortSignal.timeout(answerLimitMs);
  await Promise.all([
    brokerAnswers([`${host}:${ports.kafka}`], limit),
    becomesPrimary(`${host}:${ports.mongodb}`, `127.0.0.1:${ports.mongodb}`, limit),
  ]);
  if (limit.aborted) throw new Error(`no answer within ${answerLimitMs / 1000} s`);
}

/** What is asked of the engine beyond running containers. */
class Engine {
  private constructor(private readonly client: Awaited<ReturnType<typeof runtimeClient>>) {}

  static async connect(): Promise<Engine> {
    return new Engine(await runtimeClient());
  }

  get host(): string {
    return this.client.info.containerRuntime.host;
  }

  /** Removes the container that a killed program left behind, and its volume where a fresh start is wanted. */
  async clear(name: string, volumeToo: boolean): Promise<void> {
    const { dockerode } = this.client.container;
    await dockerode.getContainer(name).remove({ force: true }).catch(ignoreMissing);
    if (volumeToo) await dockerode.getVolume(name).remove({ force: true }).catch(ignoreMissing);
  }
}

async function runtimeClient() {
  const { getContainerRuntimeClient } = await import('testcontainers');
  return getContainerRuntimeClient();
}

function ignoreMissing(error: { statusCode?: number }): void {
  if (error.statusCode !== 404) throw error;
}
