/** Real servers without Docker, as child processes of this program. */

import { join, resolve } from 'node:path';
import { all } from './all.js';
import { choosePorts, claimDataFolder, releaseDataFolder } from './data-folder.js';
import { fetchServers } from './fetch-servers.js';
import { prepareKafka } from './kafka-server.js';
import { prepareMongo } from './mongo-server.js';
import { REPLICA_SET } from './replica-set.js';
import type { ServerProcess } from './server-process.js';
import type { EmbeddedStack, StackOptions } from './stack.js';

/**
 * Starts a broker and a replica set as child processes, fetching them the first time.
 * @throws StackError when something is missing here or the data folder is in use
 */
export async function startEmbeddedStack(options: StackOptions): Promise<EmbeddedStack> {
  const log = options.log ?? (() => undefined);
  const folder = resolve(options.dataDir ?? '.stack');
  const { jars, mongod } = await fetchServers(options, log);
  await claimDataFolder(folder, options.fresh ?? false, log);
  const servers: ServerProcess[] = [];
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await releaseDataFolder(folder);
  };
  try {
    const ports = await choosePorts(folder);
    const settings = options.settings ?? {};
    const startMongo = async () => {
      const mongo = await prepareMongo({
        folder: join(folder, 'mongodb'),
        port: ports.mongodb,
        mongod,
        parameters: settings.mongodParameters,
        cacheGigabytes: settings.mongoCacheGigabytes,
      });
      servers.push(mongo);
      await mongo.start();
      return mongo;
    };
    const startKafka = async () => {
      const kafka = await prepareKafka({
        folder: join(folder, 'kafka'),
        port: ports.kafka,
        controllerPort: ports.kafkaController,
        jars,
        properties: settings.kafkaProperties,
        heapMegabytes: settings.kafkaHeapMegabytes,
      });
      servers.push(kafka);
      await kafka.start();
      return kafka;
    };
    const [kafka, mongo] = await all([startKafka(), startMongo()]);
    return {
      kind: 'embedded',
      brokers: [`127.0.0.1:${ports.kafka}`],
      mongoUri: `mongodb://127.0.0.1:${ports.mongodb}/?replicaSet=${REPLICA_SET}`,
      kafka,
      mongo,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
