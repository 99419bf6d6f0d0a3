/**
 * The pipeline as its users have it: the built worker program in processes of its own, on the test run's real
 * broker and replica set, with topics, group and database of its own.
 *
 * Wait with `until` (for something to be published) and `drained` (for everything sent to be applied and
 * published), never for a time. End every file with `finish`, which audits all that happened.
 */

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { KafkaSecurity, MongoSecurity } from '@holdfast/config';
import { topicsFor } from '@holdfast/contracts';
import type { Inventory, MerchantChange } from '@holdfast/core';
import { kafkaClientOptions } from '@holdfast/local-stack';
import { applyTopics, planTopics, wholeFrameSocket } from '@holdfast/messaging';
import {
  changeStockOf,
  connect,
  isExpiryPaused,
  prepare,
  Sessions,
  setProduct,
  setStore,
  SettingsCache,
  StoreGate,
  type BatchTools,
  type Database,
  type ProductChanged,
  type StockChangeReport,
  type StockDoc,
  type StoreChange,
  type StoreChanged,
} from '@holdfast/store';
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { rowOf } from '../../libs/store/testing/test-database.js';
import { Arrivals, type Outcomes } from './pipeline-arrivals.js';
import { differencesAtTheEnd } from './pipeline-ending.js';
import { Patience } from './pipeline-patience.js';
import { endsOf, leftOf, uncommittedOf } from './pipeline-progress.js';
import { Publishing } from './pipeline-publish.js';
import { WorkerProcess, type WorkerExit } from './pipeline-worker.js';
import { testStack } from './stack.js';

export { line } from './pipeline-publish.js';
export type { DeadLetterArrived, Outcomes, Published } from './pipeline-arrivals.js';
export type { WorkerExit, WorkerProcess } from './pipeline-worker.js';

export interface PipelineOptions {
  /** worker processes at the start; 1 unless given */
  workers?: number;
  /** settings of every worker, over those that the pipeline gives */
  env?: Record<string, string>;
  /** of every topic; 6 unless given */
  partitions?: number;
  /** other servers than the test run's own, for tests that break them */
  servers?: PipelineServers;
}

export interface PipelineServers extends ConnectionSecurity {
  brokers: string[];
  mongoUri: string;
}

/** how the test itself logs in; the programs are told by `env` */
interface ConnectionSecurity {
  kafkaSecurity?: KafkaSecurity;
  mongoSecurity?: MongoSecurity;
}

const DRAINED_WITHIN_MS = 90_000;

/** Pipelines of this test file that are not finished; what their workers said is shown when a test fails. */
const running = new Set<Pipeline>();

export async function startPipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  const pipeline = await Pipeline.open(options);
  try {
    await Promise.all(Array.from({ length: options.workers ?? 1 }, () => pipeline.startWorker()));
  } catch (error) {
    await pipeline.close();
    throw error;
  }
  return pipeline;
}

// Enough for a machine that does other work at the same time; `until` and `drained` give up earlier, and say why.
jest.setTimeout(150_000);

// Of expect's own count: Jest tells a hook nothing of how its test went.
afterEach(() => {
  const { assertionCalls, numPassingAsserts } = expect.getState() as unknown as Record<string, number>;
  if (assertionCalls === numPassingAsserts) return;
  for (const pipeline of running) pipeline.showLogs();
});

interface Parts {
  tools: BatchTools;
  kafka: Kafka;
  admin: Admin;
  publish: Publishing;
  arrivals: Arrivals;
}

export class Pipeline {
  /** started so far, in order, the dead among them */
  readonly workers: WorkerProcess[] = [];
  readonly #patience = new Patience(() => this.showLogs());

  /** for everything of libs/store that a merchant or an operator does */
  readonly tools: BatchTools;
  readonly database: Database;
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly publish: Publishing;
  readonly #arrivals: Arrivals;

  private constructor(
    private readonly options: PipelineOptions,
    /** names database, group and topics */
    readonly name: string,
    { tools, kafka, admin, publish, arrivals }: Parts,
  ) {
    this.tools = tools;
    this.database = tools.database;
    this.kafka = kafka;
    this.admin = admin;
    this.publish = publish;
    this.#arrivals = arrivals;
  }

  static async open(options: PipelineOptions): Promise<Pipeline> {
    const { brokers, mongoUri, kafkaSecurity, mongoSecurity }: PipelineServers =
      options.servers ?? testStack();
    const name = `e2e-${randomUUID().slice(0, 8)}`;
    const prefix = `${name}-`;
    const kafka = new kafkajs.Kafka({
      brokers,
      ...kafkaClientOptions(kafkaSecurity),
      clientId: name,
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 30 },
      socketFactory: wholeFrameSocket,
    });
    const admin = kafka.admin();
    await admin.connect();
    const wanted = topicsFor({
      prefix,
      ...(options.partitions !== undefined && { partitions: options.partitions }),
    });
    await applyTopics(admin, wanted, await planTopics(admin, wanted, { changeConsumed: true }));
    const database = await connect({ uri: mongoUri, ...mongoSecurity, database: name });
    await prepare(database);
    const tools: BatchTools = {
      database,
      sessions: new Sessions(database, 4),
      settings: new SettingsCache(database),
      gate: new StoreGate(),
    };
    const publish = new Publishing(kafka, prefix);
    await publish.connect();
    const arrivals = new Arrivals(kafka, prefix);
    await arrivals.start();
    const pipeline = new Pipeline(options, name, { tools, kafka, admin, publish, arrivals });
    running.add(pipeline);
    return pipeline;
  }

  get topicPrefix(): string {
    return `${this.name}-`;
  }

  /** What a worker of this pipeline finds in its environment; for other programs too. */
  get environment(): Record<string, string> {
    const { brokers, mongoUri } = this.options.servers ?? testStack();
    return {
      KAFKA_BROKERS: brokers.join(','),
      MONGODB_URI: mongoUri,
      MONGODB_DATABASE: this.name,
      KAFKA_TOPIC_PREFIX: this.topicPrefix,
      KAFKA_GROUP_ID: this.name,
      ...this.options.env,
    };
  }

  /** Resolves when it is ready. */
  async startWorker(environment: Record<string, string> = {}): Promise<WorkerProcess> {
    const id = `${this.name}-worker-${this.workers.length + 1}`;
    const settings = { ...this.environment, HOLDFAST_WORKER_ID: id, ...environment };
    const worker = new WorkerProcess(id, settings, (ended) => this.#ended(ended));
    this.workers.push(worker);
    await worker.ready();
    return worker;
  }

  /** Stops the last one that runs, or the given one, as an operator does. @throws when it did not end with 0 */
  async stopWorker(worker = this.alive.at(-1)): Promise<void> {
    if (!worker) throw new Error('no worker runs');
    const exit = await worker.stop();
    if (exit.code !== 0) {
      this.showLogs();
      throw new Error(`${worker.id} was asked to stop, and ended with ${saidOf(exit)}`);
    }
  }

  get alive(): WorkerProcess[] {
    return this.workers.filter((worker) => !worker.exit);
  }

  store(storeId: string, change: StoreChange): Promise<StoreChanged> {
    return setStore(this.database, storeId, change);
  }

  product(
    storeId: string,
    productId: string,
    inventory: Inventory = 'product',
    variants?: string[],
  ): Promise<ProductChanged> {
    return setProduct(this.database, storeId, productId, { inventory, ...(variants && { variants }) });
  }

  /**
   * Sets (a number, or null for unlimited) or adjusts stock; keys as in a stock key, without the store: `mug`,
   * `shirt/M`, `cake/-/2026-02-14`. @throws when a row is refused
   */
  async stock(
    storeId: string,
    changes: Record<string, MerchantChange | number | null>,
  ): Promise<StockChangeReport> {
    const rows = Object.entries(changes).map(([key, change]) => rowOf(key, change));
    const report = await changeStockOf(this.tools, { storeId, changeId: randomUUID(), actor: 'test', rows });
    if (report.refused > 0) throw new Error(`stock refused: ${JSON.stringify(report.rows)}`);
    return report;
  }

  /** `[free, held, sold, refunded]` of a key as in `stock`; undefined when it has no document */
  async balance(
    storeId: string,
    key: string,
  ): Promise<[free: number | null, held: number, sold: number, refunded: number] | undefined> {
    const doc = await this.stockDoc(storeId, key);
    return doc && [doc.free, doc.held, doc.sold, doc.refunded];
  }

  async stockDoc(storeId: string, key: string): Promise<StockDoc | undefined> {
    const [productId = '', variantId = '-', date = '-'] = key.split('/');
    const doc = await this.database.stock.findOne({ _id: `${storeId}/${productId}/${variantId}/${date}` });
    return doc ?? undefined;
  }

  /** The operators' command line, as they run it. @returns what it printed with `--json`; @throws when it fails */
  async ops(...words: string[]): Promise<unknown> {
    const { PATH = '', HOME = '' } = process.env;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [resolve('dist/apps/ops/main.js'), ...words, '--json'],
      { env: { PATH, HOME, ...this.environment } },
    );
    return JSON.parse(stdout);
  }

  /** What has been published so far; grows by itself. */
  outcomes(): Outcomes {
    return this.#arrivals.all;
  }

  /** Resolves when the predicate holds; looked at after everything that arrives. @throws in time, with logs */
  async until(predicate: (outcomes: Outcomes) => boolean, what: string, timeoutMs = 30_000): Promise<void> {
    const arrivals = this.#arrivals;
    let stopWatching: (() => void) | undefined;
    try {
      await this.#patience.within(timeoutMs, what, () => {
        return new Promise<void>((resolve, reject) => {
          const look = (): void => {
            try {
              if (predicate(arrivals.all)) resolve();
            } catch (error) {
              reject(error as Error);
            }
          };
          stopWatching = arrivals.watch(look);
          look();
        });
      });
    } finally {
      stopWatching?.();
    }
  }

  /** Resolves when everything sent so far is applied, published, and has arrived here. */
  async drained(timeoutMs = DRAINED_WITHIN_MS): Promise<void> {
    let ends: Map<string, number[]> | undefined;
    await this.#patience.untilNothingIsLeft(timeoutMs, 'drained', async () => {
      if (!ends) {
        const left = await leftOf(this.database, this.admin, this.topicPrefix);
        if (left !== '') return left;
        ends = await endsOf(this.admin, this.#arrivals.topics);
      }
      return this.#notArrived(ends);
    });
  }

  /** Resolves when the group's offsets are committed, which follow what is applied by a tenth of a second. */
  async committed(timeoutMs = 10_000): Promise<void> {
    await this.#patience.untilNothingIsLeft(timeoutMs, 'committed', () =>
      uncommittedOf(this.database, this.admin, this.name, this.topicPrefix),
    );
  }

  /** Resolves when no hold is due any more. */
  async expired(timeoutMs = 30_000): Promise<void> {
    await this.#patience.untilNothingIsLeft(timeoutMs, 'every hold that is due has expired', async () => {
      const due = await this.database.orders.countDocuments({ due: { $lte: new Date() } }, { limit: 1 });
      return due === 0 ? '' : 'a hold that is due';
    });
  }

  /** Drains, stops the workers, audits the database and what was published, and takes everything away. */
  async finish(): Promise<void> {
    let differences: string[];
    try {
      for (const worker of this.alive) await worker.kill('SIGCONT');
      if (this.alive.length === 0) await this.startWorker();
      await this.drained();
      if (!(await isExpiryPaused(this.database))) await this.expired();
      const settled = Date.now();
      await this.drained();
      while (this.alive.length > 0) await this.stopWorker();
      // A stopping worker publishes what it had committed.
      let ends: Map<string, number[]> | undefined;
      await this.#patience.untilNothingIsLeft(10_000, 'what the last worker published', async () => {
        ends ??= await endsOf(this.admin, this.#arrivals.topics);
        return this.#notArrived(ends);
      });
      differences = await differencesAtTheEnd(this.database, this.outcomes(), Date.now() - settled);
      if (differences.length > 0) this.showLogs();
    } finally {
      await this.close();
    }
    if (differences.length > 0) {
      const shown = differences.slice(0, 30).join('\n');
      throw new Error(`${differences.length} differences at the end of ${this.name}:\n${shown}`);
    }
  }

  /** Takes everything away without looking at it. */
  async close(): Promise<void> {
    running.delete(this);
    await Promise.all(this.alive.map((worker) => worker.kill('SIGKILL')));
    await Promise.allSettled([this.#arrivals.stop(), this.publish.disconnect()]);
    const topics = topicsFor({ prefix: this.topicPrefix }).map(({ name }) => name);
    await Promise.allSettled([this.admin.deleteTopics({ topics }), this.database.db.dropDatabase()]);
    await Promise.allSettled([this.admin.disconnect(), this.tools.sessions.close()]);
    await this.database.close();
  }

  showLogs(lines = 60): void {
    for (const worker of this.workers) {
      const how = worker.exit ? `ended with ${saidOf(worker.exit)}` : 'runs';
      process.stderr.write(`--- ${worker.id} (${how})\n${worker.log.slice(-lines).join('\n')}\n`);
    }
  }

  #notArrived(ends: Map<string, number[]>): string {
    return this.#arrivals.hasReached(ends) ? '' : 'what is published has not arrived';
  }

  #ended(worker: WorkerProcess): void {
    if (worker.mayExit) return;
    const tail = worker.log.slice(-10).join('\n');
    this.#patience.giveUp(new Error(`${worker.id} ended by itself with ${saidOf(worker.exit)}:\n${tail}`));
  }
}

function saidOf(exit: WorkerExit | undefined): string {
  return exit ? `${exit.signal ?? exit.code}` : 'nothing yet';
}
