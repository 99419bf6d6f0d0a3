/** `npm run bench`: Holdfast beside the idiomatic worker and beside the bare writes, in one run on one machine. */

import { availableParallelism, cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { StackError } from '@holdfast/local-stack';
import { availabilityPart } from './availability.js';
import { bareGrouped, barePerKey } from './bare-writes.js';
import { PRODUCTS_PER_STORE, STORES } from './catalogue.js';
import { expiryPart } from './expiry.js';
import { holdfastParts } from './holdfast.js';
import { AuditDiffers } from './holdfast-worker.js';
import { idiomaticParts } from './idiomatic.js';
import { latencyPart } from './latency.js';
import type { Measured, Part, RunOptions } from './parts.js';
import { reportOf, tables, type Results } from './report.js';
import { workersParts } from './workers.js';
import { World } from './world.js';

// In this order in every round: what is compared runs close together, so that the machine's drift hits both.
const PARTS: Part[] = [
  ...idiomaticParts,
  barePerKey,
  bareGrouped,
  ...holdfastParts,
  latencyPart,
  availabilityPart,
  expiryPart,
  ...workersParts,
];

interface Options {
  only?: Part[];
  cluster: boolean;
  quick: boolean;
  json: boolean;
  rounds?: number;
  seed: number;
  profile?: string;
}

const progress = (line: string): void => void process.stderr.write(`${line}\n`);

function partsNamed(text: string): Part[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !PARTS.some((part) => isNamed(part, name)));
  if (unknown.length > 0) {
    const known = PARTS.map((part) => part.name).join(', ');
    throw new InvalidArgumentError(`no such part: ${unknown.join(', ')}; there are ${known}`);
  }
  return PARTS.filter((part) => names.some((name) => isNamed(part, name)));
}

function isNamed(part: Part, name: string): boolean {
  return part.name === name || part.name.startsWith(`${name}.`) || part.name.replace(/[16]$/, '') === name;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1 on');
  return number;
}

async function measureAll(world: World, parts: Part[], options: Options): Promise<Results> {
  const results: Results = new Map();
  const roundsOf = ({ rounds }: Part) => options.rounds ?? (options.quick ? rounds.quick : rounds.full);
  const rounds = Math.max(...parts.map(roundsOf));
  for (let round = 0; round < rounds; round++) {
    for (const part of parts) {
      if (round >= roundsOf(part)) continue;
      const runOptions: RunOptions = { quick: options.quick, seed: options.seed + round, round };
      if (options.profile !== undefined) runOptions.profileFolder = resolve(options.profile);
      const measured = await part.run(world, runOptions);
      progress(`${part.name} (${round + 1} of ${roundsOf(part)}): ${describe(measured)}`);
      const before = results.get(part.name);
      if (before) before.push(measured);
      else results.set(part.name, [measured]);
    }
  }
  return results;
}

function describe({ figures, details, processor }: Measured): string {
  const pairs = (values: Record<string, number | string>) =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toFixed(2)) : value}`)
      .join(', ');
  const entries = Object.entries(details);
  const long = entries.filter(([, value]) => typeof value === 'string');
  const short = entries.filter(([, value]) => typeof value === 'number');
  const profile = long.map(([name, value]) => `\n    ${String(value).padEnd(20)} ${name}`).join('');
  return `${pairs(figures)} (${pairs(Object.fromEntries(short))}; processor s: ${pairs(processor)})${profile}`;
}

async function conditionsOf(world: World, results: Results, options: Options): Promise<object> {
  const counts = Object.fromEntries(
    [...results].map(([name, measured]) => {
      const { orders, events, holds } = measured[0]?.details ?? {};
      return [
        name,
        { rounds: measured.length, orders: orders ?? holds, ...(events === undefined ? {} : { events }) },
      ];
    }),
  );
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    kafka: await world.kafkaVersion(),
    mongod: await world.mongodVersion(),
    mongodCacheGigabytes: await world.mongodCacheGigabytes(),
    durability: options.cluster
      ? { mongodb: 'w: majority, j: true, replica set of three', kafka: 'acks: all, three brokers' }
      : { mongodb: 'w: majority, j: true, replica set of one', kafka: 'acks: all, one broker' },
    allOnThisMachine: 'broker, database, worker and load generator',
    shops: { stores: STORES, productsEach: PRODUCTS_PER_STORE, inventory: 'product', linesPerOrder: 2 },
    partitions: 6,
    quick: options.quick,
    seed: options.seed,
    counts,
  };
}

/** @returns the exit code */
async function run(options: Options): Promise<number> {
  const parts = options.only ?? PARTS.filter(({ onlyByName }) => !onlyByName);
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked.abort());
  progress(`seed ${options.seed}; parts: ${parts.map((part) => part.name).join(', ')}`);
  const world = await World.start(progress, options.cluster);
  const cutOff = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new Error('stopped'));
    if (asked.signal.aborted) stop();
    asked.signal.addEventListener('abort', stop);
  });
  try {
    const results = await Promise.race([measureAll(world, parts, options), cutOff]);
    const report = reportOf(results, await conditionsOf(world, results, options));
    process.stdout.write(
      options.json ? `${JSON.stringify(report, undefined, 2)}\n` : `${tables(results, report)}\n`,
    );
    return 0;
  } finally {
    await world.stop();
  }
}

const program = new Command('npm run bench --')
  .description(
    'Measures Holdfast beside the idiomatic worker and beside bare bulk writes, on servers of its own.\n' +
      'All of it takes about a quarter of an hour, --quick three minutes. Progress goes to standard error.\n\nParts:\n' +
      PARTS.map(
        (part) => `  ${part.name.padEnd(24)}${part.means}${part.onlyByName ? ' (with --only)' : ''}`,
      ).join('\n'),
  )
  .option('--only <parts>', 'these parts alone, with commas between; a part of a name will do', partsNamed)
  .option('--cluster', 'three brokers and a replica set of three instead of one of each', false)
  .option('--quick', 'smaller loads, one round', false)
  .option('--json', 'one JSON object on standard output instead of tables', false)
  .option('--rounds <number>', 'repetitions of each part', wholeNumber)
  .option('--seed <number>', 'of the load', wholeNumber, 1)
  .option('--profile <folder>', "write profiles of Holdfast's worker, and say where its time went")
  .addHelpText('after', '\nExit code: 1 when something failed, 3 when an audit differs.')
  .action(async (options: Options) => {
    process.exitCode = await run(options);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const known = error instanceof StackError || error instanceof AuditDiffers || error.message === 'stopped';
  progress(known ? error.message : (error.stack ?? error.message));
  process.exitCode = error instanceof AuditDiffers ? 3 : 1;
}
process.exit();
