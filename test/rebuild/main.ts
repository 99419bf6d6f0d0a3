/**
 * `npm run rebuild:prove`: a million events through the pipeline, then the database rebuilt from the topics, audited,
 * and compared with the live one; then all of it replayed onto the live one, which must change nothing. Takes some
 * minutes, and `npm test` does not call it.
 */

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { audit, changeStockOf, connect, Sessions, SettingsCache, StoreGate } from '@holdfast/store';
import { HoldfastWorker } from '../bench/holdfast-worker.js';
import { makeLoad, type LoadRecord } from '../bench/load.js';
import { preload } from '../bench/preload.js';
import { productIdOf, PRODUCTS_PER_STORE, storeIdOf, STORES } from '../bench/catalogue.js';
import { World, type Scene } from '../bench/world.js';
import { differencesBetween } from './compare.js';

const EVENTS = Number(process.argv[2] ?? 1_000_000);
/** Records of one Kafka transaction. */
const AT_ONCE = 100_000;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const world = await World.start(say);
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-rebuild-'));
  try {
    const scene = await world.openScene('rebuild');
    await fillShops(scene);
    await runThrough(world, scene);
    await prove(world, scene, folder);
    await world.closeScene(scene);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await world.stop();
  }
}

/** The bench's shops have no ledger: their keys are taken away, and set by the merchant as ever. */
async function fillShops({ database }: Scene): Promise<void> {
  await database.stock.deleteMany({});
  await database.stockChanges.deleteMany({});
  const sessions = new Sessions(database, 2);
  const tools = { database, sessions, settings: new SettingsCache(database), gate: new StoreGate() };
  const products = Array.from({ length: PRODUCTS_PER_STORE }, (_, at) => productIdOf(at));
  for (let store = 0; store < STORES; store++) {
    const storeId = storeIdOf(store);
    const rows = products.map((productId, at) => ({
      productId,
      // Some are short, so that orders are refused.
      change: { type: 'set' as const, quantity: at % 10 === 0 ? 3 : 1_000_000 },
    }));
    await changeStockOf(tools, { storeId, changeId: 'opening', actor: 'bench', rows });
  }
  await sessions.close();
  say(`${STORES * PRODUCTS_PER_STORE} keys set`);
}

async function runThrough(world: World, scene: Scene): Promise<void> {
  const records = someEvents();
  const worker = await HoldfastWorker.start(world, scene);
  try {
    const startedAt = Date.now();
    for (let from = 0; from < records.length; from += AT_ONCE) {
      const part = { records: records.slice(from, from + AT_ONCE), orders: 0, unanswered: 0 };
      const loaded = await preload(scene, part);
      await loaded.release();
      await worker.untilIdle(loaded.ends);
      say(`${Math.min(from + AT_ONCE, records.length)} of ${records.length} events applied`);
    }
    say(`the pipeline took ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`);
  } finally {
    await worker.stop();
  }
}

/** Orders with payments, rejections and refunds; some are due at once, and expire unless they are paid in time. */
function someEvents(): LoadRecord[] {
  const records: LoadRecord[] = [];
  for (let batch = 0; records.length < EVENTS; batch++) {
    const occurredAt = new Date(Date.now() - (batch % 4 === 3 ? 3_600_000 : 0));
    const load = makeLoad({
      workload: 'mixed',
      orders: 20_000,
      tag: `b${batch}`,
      seed: batch + 1,
      occurredAt,
    });
    records.push(...load.records);
  }
  return records.slice(0, EVENTS);
}

async function prove(world: World, scene: Scene, folder: string): Promise<void> {
  const environment = {
    KAFKA_BROKERS: world.stack.brokers.join(','),
    KAFKA_TOPIC_PREFIX: scene.prefix,
    MONGODB_URI: world.stack.mongoUri,
    MONGODB_DATABASE: scene.name,
  };
  const file = join(folder, 'settings.json');
  const into = `${scene.name}-rebuilt`;
  await ops(environment, ['settings', 'export', '--file', file]);
  const rebuilt = await ops(environment, ['rebuild', '--into', into, '--settings', file, '--yes']);
  const other = await connect({ uri: world.stack.mongoUri, database: into });
  try {
    const differences = await differencesBetween(scene.database, other);
    const { clean, states, listed } = await audit(other);
    const replayed = await ops(environment, ['replay', '--from', 'start', '--yes']);
    // No worker runs any more: what the replay had published would stand in the outbox.
    const leftToPublish = await scene.database.outbox.countDocuments();
    const changed = await differencesBetween(scene.database, other);
    const same = { differences: differences.length, auditOfTheRebuiltIsClean: clean };
    const after = { differencesAfterTheReplay: changed.length, leftToPublish };
    process.stdout.write(`${JSON.stringify({ rebuilt, ...same, states, replayed, ...after }, null, 2)}\n`);
    say([...differences, ...changed, ...listed.map(({ message }) => message)].slice(0, 10).join('\n'));
    const { facts } = (replayed as { counts: { facts: number } }).counts;
    const isSame = differences.length + changed.length === 0 && clean;
    if (!isSame || facts > 0 || leftToPublish > 0) process.exitCode = 1;
  } finally {
    await other.db.dropDatabase();
    await other.close();
  }
}

/** The command line, in a process of its own. @returns its answer, without what is long in it */
async function ops(environment: Record<string, string>, words: string[]): Promise<unknown> {
  const { PATH = '', HOME = '' } = process.env;
  const program = resolve(import.meta.dirname, '..', '..', 'apps', 'ops', 'main.js');
  const child = spawn(process.execPath, [program, ...words, '--json'], {
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  for await (const text of child.stdout) out += String(text);
  const { ranges: _, what: __, ...answer } = JSON.parse(out) as Record<string, unknown>;
  if (Array.isArray(answer['listed'])) answer['listed'] = answer['listed'].slice(0, 10);
  return answer;
}

await main();
