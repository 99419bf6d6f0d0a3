/** `npm run stack`: a broker and a replica set, or a cluster of each, in the foreground, for as long as this program runs. */

import { Command } from 'commander';
import { redactedUri, stackEnvironment } from '@holdfast/config';
import {
  SECURE_USERS,
  StackError,
  startClusterStack,
  startSecureStack,
  startStack,
  type ClusterStack,
  type SecureStack,
  type Stack,
} from '@holdfast/local-stack';

const progress = (line: string): void => void process.stderr.write(`${line}\n`);

interface Options {
  fresh: boolean;
  secure: boolean;
  cluster: boolean;
}

/** @returns the servers, and the settings with which programs reach them */
async function start({ fresh, secure, cluster }: Options): Promise<[Stack, Record<string, string>]> {
  if (secure && cluster) throw new StackError('--secure and --cluster are two kinds of servers', 'name one');
  const options = { environment: stackEnvironment(), fresh, log: progress };
  if (secure) return toldOfUsers(await startSecureStack(options));
  const stack = cluster ? told(await startClusterStack(options)) : await startStack(options);
  return [stack, { KAFKA_BROKERS: stack.brokers.join(','), MONGODB_URI: redactedUri(stack.mongoUri) }];
}

function toldOfUsers(stack: SecureStack): [Stack, Record<string, string>] {
  progress(
    `users: ${SECURE_USERS.join(', ')}; what follows is admin's, who may do everything. The others may do nothing ` +
      'until it is granted: npm run ops -- topics acl',
  );
  return [stack, stack.environmentOf('admin')];
}

async function run(options: Options): Promise<void> {
  // From the first instant on, so that a Ctrl-C while the servers start stops them in order too.
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  const [stack, settings] = await start(options);
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  process.stdout.write(`${lines.join('')}ready\n`);
  const keptAlive = setInterval(() => undefined, 60_000);
  await asked;
  clearInterval(keptAlive);
  progress('stopping');
  await stack.stop();
}

/** Which process is which, for whoever wants to kill one. */
function told(stack: ClusterStack): ClusterStack {
  const nodes: [string, ClusterStack['brokerNodes']][] = [
    ['Kafka', stack.brokerNodes],
    ['MongoDB', stack.mongoNodes],
  ];
  for (const [server, handles] of nodes) {
    for (const [at, { port, pid }] of handles.entries()) {
      progress(`${server}'s node ${at + 1}: 127.0.0.1:${port}, process ${pid}`);
    }
  }
  return stack;
}

const program = new Command('npm run stack --')
  .description(
    'Runs a Kafka broker and a MongoDB replica set until stopped, and prints their addresses, then "ready". ' +
      'Servers named by KAFKA_BROKERS and MONGODB_URI are used when set; else Docker, when an engine answers; ' +
      'else both run as child processes, fetched the first time. Data is kept in .stack. ' +
      'With --cluster it is three brokers and a replica set of three, always as child processes, in .stack/cluster. ' +
      'With --secure they are child processes that want TLS and a login, and refuse what was not granted; their ' +
      'data, certificates and passwords are kept in .stack/secure.',
  )
  .option('--fresh', 'start without the data of the last time', false)
  .option('--secure', 'with TLS, users and ACLs, as a deployment has them', false)
  .option('--cluster', 'three brokers and a replica set of three', false)
  .action((options: Options) => run(options));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const known = error instanceof StackError || error.name === 'ConfigError';
  progress(known ? error.message : (error.stack ?? error.message));
  process.exitCode = 1;
}
