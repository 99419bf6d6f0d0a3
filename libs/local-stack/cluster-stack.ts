/** Three brokers and a replica set of three, as child processes of this program: what a cluster does, on one machine. */

import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { all } from './all.js';
import { clusterBrokerSettings } from './cluster-kafka.js';
import { answers, electsPrimary, replicaSetUri } from './cluster-mongo.js';
import { choosePortsFor, claimDataFolder, releaseDataFolder } from './data-folder.js';
import { fetchServers } from './fetch-servers.js';
import { newClusterId, prepareKafka } from './kafka-server.js';
import { prepareMongo } from './mongo-server.js';
import type { ServerHandle, ServerProcess } from './server-process.js';
import type { Stack, StackOptions } from './stack.js';
import { StackError } from './stack-error.js';

/** A stack of several nodes each, which tests may break one by one. */
export interface ClusterStack extends Stack {
  kind: 'embedded';
  /** the broker with `node.id` n is at n - 1 */
  brokerNodes: ServerHandle[];
  /** in the order of the replica set's members */
  mongoNodes: ServerHandle[];
}

const NODES = [1, 2, 3] as const;
type Node = (typeof NODES)[number];

/** Six servers share a machine with what is tried on them: what each takes is modest. */
const HEAP_MEGABYTES = 448;
const CACHE_GIGABYTES = 0.5;

const electionLimitMs = 120_000;

type PortName = `kafka-${Node}` | `controller-${Node}` | `mongodb-${Node}`;
const PORT_NAMES = NODES.flatMap((node): PortName[] => [
  `kafka-${node}`,
  `controller-${node}`,
  `mongodb-${node}`,
]);
const SERVER_FOLDERS = NODES.flatMap((node) => [`kafka-${node}`, `mongodb-${node}`]);
/** the cluster's own, which every node's storage is formatted with */
const CLUSTER_ID_FILE = 'cluster-id';

interface Preparing {
  folder: string;
  ports: Record<PortName, number>;
  jars: string;
  mongod: string;
  clusterId: string;
  settings: NonNullable<StackOptions['settings']>;
}

/**
 * Starts all six, fetching the programs the first time. Data is kept in `.stack/cluster` unless said otherwise.
 * @throws StackError when something is missing here, the data folder is in use, or other servers were asked for
 */
export async function startClusterStack(options: StackOptions): Promise<ClusterStack> {
  refuseOtherServers(options);
  const log = options.log ?? (() => undefined);
  const folder = resolve(options.dataDir ?? join('.stack', 'cluster'));
  const { jars, mongod } = await fetchServers(options, log);
  await claimDataFolder(folder, options.fresh ?? false, log, SERVER_FOLDERS);
  const servers: ServerProcess[] = [];
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await releaseDataFolder(folder);
  };
  try {
    const preparing: Preparing = {
      folder,
      ports: await choosePortsFor(folder, PORT_NAMES),
      jars,
      mongod,
      clusterId: await clusterIdOf(folder),
      settings: options.settings ?? {},
    };
    const start = async (preparation: Promise<ServerProcess>): Promise<ServerProcess> => {
      const server = await preparation;
      servers.push(server);
      await server.start();
      return server;
    };
    // All at once: a controller answers only when it has found another.
    const [brokerNodes, mongoNodes] = await all([
      all(NODES.map((node) => start(prepareBroker(node, preparing)))),
      startReplicaSet(preparing, start),
    ]);
    return {
      kind: 'embedded',
      brokers: brokerNodes.map(({ port }) => address(port)),
      mongoUri: replicaSetUri(mongoNodes.map(({ port }) => address(port))),
      brokerNodes,
      mongoNodes,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function refuseOtherServers({ environment = {} }: StackOptions): void {
  if ((environment.brokers?.length ?? 0) > 0 || environment.mongoUri !== undefined) {
    throw new StackError(
      'a cluster is started here, and KAFKA_BROKERS and MONGODB_URI name servers that run already',
      'unset both, or use those without --cluster',
    );
  }
  if (environment.kind === 'docker') {
    throw new StackError(
      'a cluster runs as child processes, and HOLDFAST_STACK asks for Docker',
      'unset HOLDFAST_STACK, or set it to embedded',
    );
  }
}

function prepareBroker(
  node: Node,
  { folder, ports, jars, clusterId, settings }: Preparing,
): Promise<ServerProcess> {
  const brokers = NODES.map((id) => ({ id, controllerPort: ports[`controller-${id}`] }));
  return prepareKafka({
    folder: join(folder, `kafka-${node}`),
    port: ports[`kafka-${node}`],
    controllerPort: ports[`controller-${node}`],
    jars,
    properties: { ...clusterBrokerSettings(node, brokers), ...settings.kafkaProperties },
    heapMegabytes: settings.kafkaHeapMegabytes ?? HEAP_MEGABYTES,
    name: `Kafka's node ${node}`,
    clusterId,
  });
}

async function startReplicaSet(
  { folder, ports, mongod, settings }: Preparing,
  start: (preparation: Promise<ServerProcess>) => Promise<ServerProcess>,
): Promise<ServerProcess[]> {
  const nodes = await all(
    NODES.map((node) => {
      const port = ports[`mongodb-${node}`];
      const preparation = prepareMongo({
        folder: join(folder, `mongodb-${node}`),
        port,
        mongod,
        parameters: settings.mongodParameters,
        cacheGigabytes: settings.mongoCacheGigabytes ?? CACHE_GIGABYTES,
        name: `MongoDB's node ${node}`,
        ready: (signal) => answers(address(port), signal),
      });
      return start(preparation);
    }),
  );
  const limit = AbortSignal.timeout(electionLimitMs);
  await electsPrimary(
    nodes.map(({ port }) => address(port)),
    limit,
  );
  if (!limit.aborted) return nodes;
  throw new StackError(
    `the replica set has no primary after ${electionLimitMs / 1000} s`,
    `see the logs in ${join(folder, 'mongodb-1')} and beside it, or start with --fresh`,
  );
}

function address(port: number): string {
  return `127.0.0.1:${port}`;
}

/** Kept beside the nodes, so that one whose storage is made later belongs to the same cluster. */
async function clusterIdOf(folder: string): Promise<string> {
  const file = join(folder, CLUSTER_ID_FILE);
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept) return kept;
  const made = newClusterId();
  await writeFile(file, made);
  return made;
}
