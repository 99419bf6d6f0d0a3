/** The servers of a run, the shops' data, and a clean scene for every repetition. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { stackEnvironment } from '@holdfast/config';
import { DEFAULT_PARTITIONS, topicsFor } from '@holdfast/contracts';
import {
  kafkaClientOptions,
  startClusterStack,
  startEmbeddedStack,
  type Stack,
  type StackOptions,
  type StackSettings,
} from '@holdfast/local-stack';
import { applyTopics, planTopics } from '@holdfast/messaging';
import { connect, prepare, type Database } from '@holdfast/store';
import { catalogue } from './catalogue.js';
import { killPrograms } from './processes.js';

const TEMPLATE = 'bench_shops';
const INSERTED_AT_ONCE = 10_000;
const GIGABYTE = 2 ** 30;
/** What a scene gets a copy of. */
const SHOPS = ['stores', 'products', 'stock', 'stockChanges'] as const;

/** A database and topics of their own: no repetition sees what another left. */
export interface Scene {
  name: string;
  database: Database;
  /** of every topic */
  prefix: string;
  kafka: Kafka;
  admin: Admin;
  partitions: number;
}

/** One broker and one database, or a cluster of each. */
interface WorldStack extends Stack {
  /** of the servers, by name */
  pids(): Record<string, number | undefined>;
}

interface ServerStatus {
  wiredTiger: { cache: { 'maximum bytes configured': number } };
}

interface WorldParts {
  stack: WorldStack;
  folder: string;
  kafka: Kafka;
  admin: Admin;
  /** every shop's products and stock, untouched */
  template: Database;
}

export class World {
  #scenes = 0;

  private constructor(private readonly parts: WorldParts) {}

  get stack(): WorldStack {
    return this.parts.stack;
  }

  /** For logs of the measured programs; goes with the world. */
  get folder(): string {
    return this.parts.folder;
  }

  /** @param cluster three of each, and everything on all three */
  static async start(progress: (line: string) => void, cluster = false): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
    const { cacheHome } = stackEnvironment();
    const stack = await startServers(cluster, {
      // Servers that the environment names may hold somebody's data, and be far from idle.
      environment: cacheHome === undefined ? {} : { cacheHome },
      dataDir: join(folder, 'servers'),
      fresh: true,
      log: progress,
    }).catch(async (error: unknown) => {
      await rm(folder, { recursive: true, force: true });
      throw error;
    });
    try {
      const kafka = new Kafka({
        clientId: 'bench',
        brokers: stack.brokers,
        ...kafkaClientOptions(stack.kafkaSecurity),
        logLevel: logLevel.NOTHING,
      });
      const admin = kafka.admin();
      await admin.connect();
      const template = await connect({ uri: stack.mongoUri, ...stack.mongoSecurity, database: TEMPLATE });
      const world = new World({ stack, folder, kafka, admin, template });
      await world.#untilGroupsAnswer();
      await world.#makeShops();
      return world;
    } catch (error) {
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** A broker that is new makes its topic of offsets when first asked, which is not what is measured. */
  async #untilGroupsAnswer(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await this.parts.admin.fetchOffsets({ groupId: 'bench' });
        return;
      } catch (error) {
        if (tries > 100) throw error;
        await delay(100);
      }
    }
  }

  async #makeShops(): Promise<void> {
    await prepare(this.parts.template);
    const { stores, products, stock, changes } = catalogue(new Date());
    await insert(this.parts.template, 'stores', stores);
    await insert(this.parts.template, 'products', products);
    await insert(this.parts.template, 'stock', stock);
    await insert(this.parts.template, 'stockChanges', changes);
  }

  /** Fresh topics and a fresh database with every shop's products and stock. */
  async openScene(part: string): Promise<Scene> {
    const name = `bench${++this.#scenes}-${part.replaceAll('.', '-')}`;
    const prefix = `${name}-`;
    const { admin } = this.parts;
    const wanted = topicsFor({ prefix, partitions: DEFAULT_PARTITIONS });
    await applyTopics(admin, wanted, await planTopics(admin, wanted, { changeConsumed: true }));
    const database = await connect({ uri: this.stack.mongoUri, ...this.stack.mongoSecurity, database: name });
    await prepare(database);
    for (const collection of SHOPS) {
      const stages = [{ $match: {} }, { $out: { db: name, coll: collection } }];
      await this.parts.template.db.collection(collection).aggregate(stages).toArray();
    }
    return {
      name,
      database,
      prefix,
      kafka: this.parts.kafka,
      admin,
      partitions: DEFAULT_PARTITIONS,
    };
  }

  /** Writes out what the preparation left in memory, so that no measurement pays for it. */
  async settle(): Promise<void> {
    await this.parts.template.db.admin().command({ fsync: 1 });
  }

  async closeScene(scene: Scene): Promise<void> {
    await scene.database.db.dropDatabase();
    await scene.database.close();
    const names = topicsFor({ prefix: scene.prefix }).map((topic) => topic.name);
    await this.parts.admin.deleteTopics({ topics: names });
  }

  async mongodVersion(): Promise<string> {
    const info = (await this.parts.template.db.admin().serverInfo()) as { version: string };
    return info.version;
  }

  /** As the server itself says, to two digits. */
  async mongodCacheGigabytes(): Promise<number> {
    const status = await this.parts.template.db.admin().serverStatus();
    const bytes = (status as unknown as ServerStatus).wiredTiger.cache['maximum bytes configured'];
    return Number((bytes / GIGABYTE).toFixed(2));
  }

  /** As the broker's own class path names it. */
  async kafkaVersion(): Promise<string> {
    const { kafka, kafka1 = kafka } = this.stack.pids();
    const commandLine = await readFile(`/proc/${kafka1}/cmdline`, 'utf8').catch(() => '');
    return /kafka-(\d[\d.]*)/.exec(commandLine)?.[1] ?? 'unknown';
  }

  /** Leaves no process and no file. */
  async stop(): Promise<void> {
    killPrograms();
    await this.parts.admin.disconnect().catch(() => undefined);
    await this.parts.template.close().catch(() => undefined);
    await this.stack.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function startServers(cluster: boolean, options: StackOptions): Promise<WorldStack> {
  if (!cluster) {
    const settings: StackSettings = { mongoCacheGigabytes: "mongod's" };
    const stack = await startEmbeddedStack({ ...options, settings });
    return { ...stack, pids: () => ({ mongod: stack.mongo.pid, kafka: stack.kafka.pid }) };
  }
  const stack = await startClusterStack(options);
  const pids = (name: string, nodes: typeof stack.brokerNodes): [string, number | undefined][] =>
    nodes.map(({ pid }, at) => [`${name}${at + 1}`, pid]);
  return {
    ...stack,
    pids: () =>
      Object.fromEntries([...pids('mongod', stack.mongoNodes), ...pids('kafka', stack.brokerNodes)]),
  };
}

async function insert(database: Database, collection: string, documents: object[]): Promise<void> {
  for (let from = 0; from < documents.length; from += INSERTED_AT_ONCE) {
    const part = documents.slice(from, from + INSERTED_AT_ONCE);
    await database.db.collection(collection).insertMany(part, { ordered: false });
  }
}
