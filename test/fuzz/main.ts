/**
 * `npm run fuzz -- --count N --seed S`: random and mutated records to every consumed topic and requests to every
 * route of the API, on real servers of its own. Nothing may stop; everything is answered, applied or dead-lettered;
 * the counts and the audit have to add up. Ends with 1 when they do not.
 */

import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { stackEnvironment } from '@holdfast/config';
import { CONSUMED_TOPICS, topicsFor } from '@holdfast/contracts';
import { startEmbeddedStack, type EmbeddedStack } from '@holdfast/local-stack';
import { applyTopics, createKafka, planTopics, withAdmin, type KafkaPort } from '@holdfast/messaging';
import { appliedPositions, audit, connect, createApiKey, prepare, type Database } from '@holdfast/store';
import { Random } from '../../apps/demo/traffic/random.js';
import { Program } from '../bench/processes.js';
import { fuzzHttp, type HttpTally } from './http-fuzz.js';
import { differences, fuzzRecords, lettersIn, sizesOf, type Letters, type Sent } from './record-fuzz.js';
import { STORES } from './records.js';
import { RequestMaker, type ApiDocument } from './requests.js';
import { openShops } from './shops.js';

const PREFIX = 'fuzz-';
const DATABASE = 'fuzz';
const LOOK_EVERY_MS = 200;
/** Of a hundred inputs, so many are requests. */
const REQUESTS_PERCENT = 10;
const program = (name: string): string => join(import.meta.dirname, '..', '..', 'apps', name, 'main.js');
const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Options {
  count: number;
  seed: string;
}

interface Scene {
  kafka: KafkaPort;
  database: Database;
  worker: Program;
  api: Program;
  url: string;
}

async function run({ count, seed }: Options): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-fuzz-'));
  const { cacheHome } = stackEnvironment();
  const environment = cacheHome === undefined ? {} : { cacheHome };
  const stack = await startEmbeddedStack({ environment, dataDir: join(folder, 'servers'), log: say });
  try {
    const scene = await openScene(stack, folder);
    const requests = Math.round((count * REQUESTS_PERCENT) / 100);
    say(`${count - requests} records and ${requests} requests, seed ${seed}`);
    const maker = await makerFor(scene);
    const from = performance.now();
    const [sent, http] = await Promise.all([
      fuzzRecords(scene.kafka, PREFIX, new Random(`${seed}-records`), count - requests),
      fuzzHttp(scene.url, maker, new Random(`${seed}-requests`), requests),
    ]);
    await settled(scene);
    const seconds = (performance.now() - from) / 1_000;
    const letters = await lettersIn(scene.kafka, PREFIX);
    const wrong = await whatIsWrong(scene, { sent, http, letters, maker });
    const result = { seed, inputs: count, seconds, perSecond: count / seconds, sent, letters, http, wrong };
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    await scene.api.stop();
    await scene.worker.stop();
    await scene.database.close();
    return wrong.length === 0;
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function openScene(stack: EmbeddedStack, folder: string): Promise<Scene> {
  const kafka = createKafka({ brokers: stack.brokers, clientId: 'fuzz', ...stack.kafkaSecurity });
  const topics = topicsFor({ prefix: PREFIX });
  await withAdmin(kafka, async (admin) =>
    applyTopics(admin, topics, await planTopics(admin, topics, { changeConsumed: true })),
  );
  const database = await connect({ uri: stack.mongoUri, ...stack.mongoSecurity, database: DATABASE });
  await prepare(database);
  await openShops(database);
  const environment = {
    KAFKA_BROKERS: stack.brokers.join(','),
    KAFKA_TOPIC_PREFIX: PREFIX,
    MONGODB_URI: stack.mongoUri,
    MONGODB_DATABASE: DATABASE,
    HOLDFAST_API_PORT: '0',
  };
  const started = async (name: string, flag: string): Promise<[Program, unknown]> => {
    const one = await Program.start({
      program: program(name),
      nodeOptions: [flag],
      environment,
      logFile: join(folder, `${name}.log`),
    });
    return [one, await one.message()];
  };
  const [worker] = await started('worker', '--max-semi-space-size=128');
  const [api, said] = await started('api', '--max-semi-space-size=64');
  return { kafka, database, worker, api, url: (said as { ready: string }).ready };
}

async function makerFor({ database, url }: Scene): Promise<RequestMaker> {
  const scopes = [
    { scope: 'operator', storeId: null },
    ...(['merchant', 'read-only', 'storefront'] as const).map((scope) => ({
      scope,
      storeId: STORES[0] ?? '',
    })),
  ] as const;
  const keys = await Promise.all(scopes.map((one) => createApiKey(database, { ...one, name: one.scope })));
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as ApiDocument;
  // The operator's twice: more of it reaches what is behind the door.
  const credentials = [...keys, ...keys.slice(0, 1)].map(({ key }) => `Bearer ${key}`);
  return new RequestMaker(document, credentials);
}

/** Resolves when every record is applied, no hold is due and everything is published. @throws when a program ended */
async function settled({ kafka, database, worker, api }: Scene): Promise<void> {
  for (let looks = 0; ; looks++) {
    worker.check();
    api.check();
    const left = await leftOf(kafka, database);
    if (left === '') return;
    if (looks % 50 === 49) say(`left: ${left}`);
    await delay(LOOK_EVERY_MS);
  }
}

async function leftOf(kafka: KafkaPort, database: Database): Promise<string> {
  const sizes = await sizesOf(
    kafka,
    CONSUMED_TOPICS.map((topic) => PREFIX + topic),
  );
  const positions = await appliedPositions(database);
  for (const topic of CONSUMED_TOPICS) {
    const applied = [...(positions.get(topic)?.values() ?? [])].reduce((sum, { next }) => sum + next, 0);
    const size = sizes.get(PREFIX + topic) ?? 0;
    if (applied < size) return `${size - applied} records of ${topic}`;
  }
  const due = await database.orders.countDocuments({ due: { $lte: new Date() } });
  if (due > 0) return `${due} holds that are due`;
  const outbox = await database.outbox.countDocuments();
  return outbox === 0 ? '' : `${outbox} documents of the outbox`;
}

interface Found {
  sent: Sent;
  http: HttpTally;
  letters: Letters;
  maker: RequestMaker;
}

async function whatIsWrong({ kafka, database }: Scene, found: Found): Promise<string[]> {
  const { sent, http, letters, maker } = found;
  const names = CONSUMED_TOPICS.map((topic) => [topic, PREFIX + topic] as const);
  const sizes = await sizesOf(
    kafka,
    names.map(([, name]) => name),
  );
  const byTopic = new Map(names.map(([topic, name]) => [topic, sizes.get(name) ?? 0]));
  const report = await audit(database, { unpublishedAfterMs: 0, overdueAfterMs: 60_000 });
  const missed = maker.routes.length - http.routes;
  return [
    ...http.findings,
    ...differences(sent, letters, byTopic, http.rejected),
    ...report.listed.map(({ kind, message }) => `audit: ${kind}: ${message}`),
    ...(http.sent > 50 * maker.routes.length && missed > 0 ? [`${missed} routes were never asked`] : []),
  ];
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('must be a whole number from 1.');
  return number;
}

await new Command('npm run fuzz --')
  .description(
    'Random and mutated input to every consumed topic and every route, on real servers of its own.',
  )
  .option('--count <n>', 'inputs in all; one in ten is a request', wholeNumber, 100_000)
  .option('--seed <text>', 'makes the same input again', String(Date.now()))
  .action(async (options: Options) => {
    process.exitCode = (await run(options)) ? 0 : 1;
  })
  .parseAsync();
