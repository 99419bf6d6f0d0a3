/**
 * `npm start`: servers, topics and a worker with all roles, until stopped. The servers are those that the
 * environment names, else Docker's, else child processes; the worker is the program of `npm run worker`. When it
 * ends, this ends, with its exit code.
 */

import 'reflect-metadata';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { childEnvironment, readSettings, SERVERS, stackEnvironment } from '@holdfast/config';
import { topicsFor } from '@holdfast/contracts';
import { StackError, startStack, type Stack } from '@holdfast/local-stack';
import { applyTopics, createKafka, planTopics } from '@holdfast/messaging';
import { guide } from './guide.js';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function makeTopics(stack: Stack, prefix: string): Promise<void> {
  const kafka = createKafka({ brokers: stack.brokers, clientId: 'holdfast-start' });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const wanted = topicsFor({ prefix });
    const steps = await planTopics(admin, wanted, { changeConsumed: false });
    for (const { topic, action, what, to, blocked } of steps) {
      const why = blocked === undefined ? '' : `: not done, ${blocked}`;
      say(`topic ${topic}: ${action === 'create' ? `create with ${to}` : `${what} to ${to}`}${why}`);
    }
    await applyTopics(admin, wanted, steps);
  } finally {
    await admin.disconnect();
  }
}

function startWorker(stack: Stack): ChildProcess {
  const environment = childEnvironment(
    { brokers: stack.brokers.join(','), mongoUri: stack.mongoUri },
    'kept',
  );
  const program = fileURLToPath(new URL('../worker/main.js', import.meta.url));
  return spawn(process.execPath, ['--max-semi-space-size=64', program], {
    env: environment,
    // The worker ends when this channel closes, so also when this program is killed.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // A process group of its own: Ctrl-C is for this program, which then stops worker and servers in order.
    detached: true,
  });
}

/** @returns the exit code */
async function run(fresh: boolean): Promise<number> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stopping.abort());
  }
  const { topicPrefix } = readSettings({ topicPrefix: SERVERS.topicPrefix });
  const stack = await startStack({ environment: stackEnvironment(), fresh, log: say });
  try {
    if (stopping.signal.aborted) return 0;
    await makeTopics(stack, topicPrefix);
    if (stopping.signal.aborted) return 0;
    return await untilWorkerEnds(stack, stopping.signal, topicPrefix);
  } finally {
    await stack.stop();
  }
}

async function untilWorkerEnds(stack: Stack, stopping: AbortSignal, topicPrefix: string): Promise<number> {
  const worker = startWorker(stack);
  const ended = once(worker, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const stop = (): void => void worker.kill('SIGTERM');
  stopping.addEventListener('abort', stop, { once: true });
  if (stopping.aborted) stop();
  worker.once('message', () => process.stdout.write(guide(stack, topicPrefix)));
  const [code, signal] = await ended;
  if (!stopping.aborted) {
    say(`the worker ended by itself with ${signal ?? `exit code ${code}`}; it is not started again`);
  }
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

const program = new Command('npm start --')
  .description(
    'Runs a worker with all roles on the servers that KAFKA_BROKERS and MONGODB_URI name; else in Docker, when\n' +
      'an engine answers; else on servers of its own, fetched the first time, with their data in .stack.\n' +
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
