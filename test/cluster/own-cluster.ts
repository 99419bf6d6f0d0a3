/** A cluster of a test file's own, and when all of it is there. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stackEnvironment } from '@holdfast/config';
import { startClusterStack, type ClusterStack } from '@holdfast/local-stack';
import { withAdmin } from '@holdfast/messaging';
import { Kafka, logLevel } from 'kafkajs';
import { mongo } from 'mongoose';

const LOOK_EVERY_MS = 200;
const WHOLE_WITHIN_MS = 90_000;

export interface OwnCluster {
  cluster: ClusterStack;
  servers: { brokers: string[]; mongoUri: string };
  stop: () => Promise<void>;
}

export async function startOwnCluster(): Promise<OwnCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-cluster-'));
  const { cacheHome } = stackEnvironment();
  const cluster = await startClusterStack({
    dataDir: folder,
    environment: { ...(cacheHome !== undefined && { cacheHome }) },
  });
  return {
    cluster,
    servers: { brokers: cluster.brokers, mongoUri: cluster.mongoUri },
    stop: async () => {
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when every partition is on all its brokers again and every member of the replica set has caught up. */
export async function whole({ brokers, mongoUri }: ClusterStack): Promise<void> {
  const give = performance.now() + WHOLE_WITHIN_MS;
  let missing = 'an answer';
  for (;;) {
    try {
      missing = (await brokersMissing(brokers)) || (await membersMissing(mongoUri));
    } catch (error) {
      missing = (error as Error).message;
    }
    if (missing === '') return;
    if (performance.now() > give)
      throw new Error(`the cluster is not whole after ${WHOLE_WITHIN_MS} ms: ${missing}`);
    await delay(LOOK_EVERY_MS);
  }
}

/** Which member is the primary, by its place in the set. @throws when there is none */
export async function primaryOf({ mongoUri, mongoNodes }: ClusterStack): Promise<number> {
  const hello = await asked(mongoUri, (admin) => admin.command({ hello: 1 }));
  const at = mongoNodes.findIndex(({ port }) => String(hello['primary']).endsWith(`:${port}`));
  if (at < 0) throw new Error(`no node is known as the primary ${hello['primary']}`);
  return at;
}

/** As an operator makes another one primary: the primary hands over, once one has all it has. */
export async function stepDownPrimary({ mongoUri }: ClusterStack): Promise<void> {
  await asked(mongoUri, (admin) => admin.command({ replSetStepDown: 20, secondaryCatchUpPeriodSecs: 10 }));
}

async function asked(
  uri: string,
  ask: (admin: mongo.Db) => Promise<mongo.Document>,
): Promise<mongo.Document> {
  const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 2_000 });
  try {
    return await ask(client.db('admin'));
  } finally {
    await client.close();
  }
}

async function brokersMissing(brokers: string[]): Promise<string> {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 2 } });
  return withAdmin(kafka, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata();
    for (const { name, partitions } of topics) {
      for (const { partitionId, isr, replicas } of partitions) {
        if (isr.length < replicas.length)
          return `${name}/${partitionId} is on brokers ${isr.join(', ')} alone`;
      }
    }
    return '';
  });
}

async function membersMissing(mongoUri: string): Promise<string> {
  const status = await asked(mongoUri, (admin) => admin.command({ replSetGetStatus: 1 }));
  const members = status['members'] as { name: string; stateStr: string; optimeDate: Date }[];
  const primary = members.find(({ stateStr }) => stateStr === 'PRIMARY');
  if (!primary) return 'a primary';
  const behind = members.find(
    ({ stateStr, optimeDate }) =>
      !['PRIMARY', 'SECONDARY'].includes(stateStr) ||
      primary.optimeDate.getTime() - optimeDate.getTime() > 2_000,
  );
  return behind ? `${behind.name} is ${behind.stateStr}, at ${behind.optimeDate.toISOString()}` : '';
}
