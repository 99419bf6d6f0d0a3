/**
 * `npm run bench:audit`: how long `ops audit` takes on a million orders, and how much memory. With `--keep FOLDER` the
 * servers' data stays there, and the next run finds its orders.
 */

import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { stackEnvironment } from '@holdfast/config';
import { startEmbeddedStack } from '@holdfast/local-stack';
import { connect } from '@holdfast/store';
import { seedDatabase } from './seed.js';

interface Options {
  orders: number;
  seed: number;
  rounds: number;
  keep?: string;
  profile?: string;
}

const progress = (line: string): void => void process.stderr.write(`${line}\n`);

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1 on');
  return number;
}

async function main(): Promise<void> {
  const options = new Command('bench:audit')
    .option('--orders <n>', 'orders in the database', wholeNumber, 1_000_000)
    .option('--seed <n>', 'of the random numbers', wholeNumber, 1)
    .option('--rounds <n>', 'audits', wholeNumber, 3)
    .option('--keep <folder>', 'where the data stays for the next run')
    .option('--profile <folder>', "runs the audit under Node's profiler, with its files there")
    .parse()
    .opts<Options>();
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'holdfast-audit-'));
  const { cacheHome } = stackEnvironment();
  const stack = await startEmbeddedStack({
    environment: cacheHome === undefined ? {} : { cacheHome },
    dataDir: folder,
  });
  try {
    const name = `audit_${options.orders}_${options.seed}`;
    await seeded(stack.mongoUri, name, options);
    for (let round = 1; round <= options.rounds; round++) {
      const measured = await audited(stack.mongoUri, name, options.profile);
      process.stdout.write(JSON.stringify(measured) + '\n');
      if (!measured.clean) process.exitCode = 1;
    }
  } finally {
    await stack.stop();
    if (options.keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** Unless an earlier run has made it. */
async function seeded(uri: string, name: string, options: Options): Promise<void> {
  const database = await connect({ uri, database: name });
  try {
    if ((await database.stock.estimatedDocumentCount()) > 0) return;
    await database.db.dropDatabase();
    const started = performance.now();
    const { orders, seed } = options;
    let told = 0;
    await seedDatabase(database, {
      orders,
      seed,
      now: Date.now(),
      onProgress: (done) => {
        if (done < told) return;
        told += 100_000;
        progress(`${done} of ${orders} orders after ${((performance.now() - started) / 1_000).toFixed(1)} s`);
      },
    });
    await database.db.admin().command({ fsync: 1 });
  } finally {
    await database.close();
  }
}

interface Measured {
  seconds: number;
  clean: boolean;
  orders: number;
  ordersPerSecond: number;
  /** of the audit's process, most at any time */
  megabytes: number;
  /** processor time of the audit's process, s */
  processor: number;
}

/** As people run it: a process of its own. */
async function audited(uri: string, name: string, profile: string | undefined): Promise<Measured> {
  const nodeOptions = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child = spawn(process.execPath, [...nodeOptions, 'dist/apps/ops/main.js', 'audit', '--json'], {
    env: { ...process.env, MONGODB_URI: uri, MONGODB_DATABASE: name },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  let megabytes = 0;
  let processor = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (out += text));
  const watch = setInterval(() => {
    void usageOf(child.pid as number).then((usage) => {
      if (!usage) return;
      megabytes = Math.max(megabytes, usage.megabytes);
      processor = usage.processor;
    });
  }, 200);
  await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  const report = JSON.parse(out) as { durationMs: number; clean: boolean; checked: { orders: number } };
  const seconds = report.durationMs / 1_000;
  const { orders } = report.checked;
  const { clean } = report;
  return { seconds, clean, orders, ordersPerSecond: Math.round(orders / seconds), megabytes, processor };
}

const TICKS_PER_SECOND = 100;

async function usageOf(pid: number): Promise<{ megabytes: number; processor: number } | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const processor = (Number(ticks[11]) + Number(ticks[12])) / TICKS_PER_SECOND;
    return { megabytes: Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1_024), processor };
  } catch {
    // It has ended.
    return undefined;
  }
}

await main();
