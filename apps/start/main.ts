/**
 * `npm start`: servers, topics, a worker with all roles and the API with the merchant's page, until stopped. The
 * servers are those that the environment names, else Docker's, else child processes; worker and API are the
 * programs of `npm run worker` and `npm run api`. When one ends, this ends, with its exit code.
 */

import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { childEnvironment, readSettings, SERVERS, stackEnvironment } from '@holdfast/config';
import { topicsFor } from '@holdfast/contracts';
import { StackError, startStack, type Stack } from '@holdfast/local-stack';
import { applyTopics, createKafka, planTopics, withAdmin } from '@holdfast/messaging';
import { firstKey } from './first-key.js';
import { guide } from './guide.js';
import { startProgram, type Ended, type Program } from './program.js';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function makeTopics(stack: Stack, prefix: string): Promise<void> {
  const kafka = createKafka({ brokers: stack.brokers, clientId: 'holdfast-start', ...stack.kafkaSecurity });
  await withAdmin(kafka, async (admin) => {
    const wanted = topicsFor({ prefix });
    const steps = await planTopics(admin, wanted, { changeConsumed: false });
    for (const { topic, action, what, to, blocked } of steps) {
      const why = blocked === undefined ? '' : `: not done, ${blocked}`;
      say(`topic ${topic}: ${action === 'create' ? `create with ${to}` : `${what} to ${to}`}${why}`);
    }
    await applyTopics(admin, wanted, steps);
  });
}

function programsOn(stack: Stack): { worker: Program; api: Program } {
  const servers = { brokers: stack.brokers.join(','), mongoUri: stack.mongoUri };
  const environment = childEnvironment(servers, 'kept');
  const path = (program: string): string => fileURLToPath(new URL(`../${program}/main.js`, import.meta.url));
  return {
    worker: startProgram('worker', path('worker'), { environment, flags: ['--max-semi-space-size=128'] }),
    api: startProgram('API', path('api'), { environment }),
  };
}

/** @returns the exit code */
async function run(fresh: boolean): Promise<number> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stopping.abort());
  }
  const { topicPrefix, database } = readSettings({
    topicPrefix: SERVERS.topicPrefix,
    database: SERVERS.database,
  });
  const stack = await startStack({ environment: stackEnvironment(), fresh, log: say });
  try {
    if (stopping.signal.aborted) return 0;
    await makeTopics(stack, topicPrefix);
    if (stopping.signal.aborted) return 0;
    return await untilOneEnds(stack, stopping.signal, { topicPrefix, database });
  } finally {
    await stack.stop();
  }
}

async function untilOneEnds(
  stack: Stack,
  stopping: AbortSignal,
  names: { topicPrefix: string; database: string },
): Promise<number> {
  const { worker, api } = programsOn(stack);
  const asked = new Promise<void>((resolve) => {
    stopping.addEventListener('abort', () => resolve(), { once: true });
    if (stopping.aborted) resolve();
  });
  const tell = async (): Promise<void> => {
    const [said] = await Promise.all([api.ready, worker.ready]);
    const key = await firstKey(stack, names.database);
    const { ready: url } = said as { ready: string };
    if (!stopping.aborted) process.stdout.write(guide(stack, names.topicPrefix, { url, key }));
  };
  let first: Ended | void = undefined;
  let last: Ended[] = [];
  try {
    first = await Promise.race([asked, worker.ended, api.ended, tell().then(() => asked)]);
    if (first) say(`the ${first.name} ended by itself with ${first.how}; everything is stopped`);
  } finally {
    last = await stopInOrder(api, worker);
  }
  return first?.code ?? last.find(({ code }) => code !== 0)?.code ?? 0;
}

/** The API first: what was asked of it is published by the worker. */
async function stopInOrder(...programs: Program[]): Promise<Ended[]> {
  const ended: Ended[] = [];
  for (const one of programs) {
    one.stop();
    ended.push(await one.ended);
  }
  return ended;
}

const program = new Command('npm start --')
  .description(
    'Runs a worker with all roles and the API with the page on the servers that KAFKA_BROKERS and MONGODB_URI ' +
      'name; else in Docker, when an engine answers; else on servers of its own, fetched the first time, with ' +
      'their data in .stack. The page is at HOLDFAST_API_PORT, 8080 unless set. ' +
      'Topics that are missing are made. Ctrl-C finishes what is at hand and stops everything.',
  )
  .option('--fresh', 'start servers of its own without the data of the last time', false)
  .action(async ({ fresh }: { fresh: boolean }) => {
    process.exitCode = await run(fresh);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const isKnown = error instanceof StackError || error.name === 'ConfigError';
  say(isKnown ? error.message : (error.stack ?? error.message));
  process.exitCode = 1;
}
