/** `npm run stack`: a broker and a replica set in the foreground, for as long as this program runs. */

import { Command } from 'commander';
import { stackEnvironment } from '@holdfast/config';
import { StackError, startStack } from '@holdfast/local-stack';

const progress = (line: string): void => void process.stderr.write(`${line}\n`);

async function run(fresh: boolean): Promise<void> {
  // From the first instant on, so that a Ctrl-C while the servers start stops them in order too.
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  const stack = await startStack({ environment: stackEnvironment(), fresh, log: progress });
  process.stdout.write(`KAFKA_BROKERS=${stack.brokers.join(',')}\nMONGODB_URI=${stack.mongoUri}\nready\n`);
  const keptAlive = setInterval(() => undefined, 60_000);
  await asked;
  clearInterval(keptAlive);
  progress('stopping');
  await stack.stop();
}

const program = new Command('npm run stack --')
  .description(
    'Runs a Kafka broker and a MongoDB replica set until stopped, and prints their addresses, then "ready".\n' +
      'Servers named by KAFKA_BROKERS and MONGODB_URI are used when set; else Docker, when an engine answers;\n' +
      'else both run as child processes, fetched the first time. Data is kept in .stack.',
  )
  .option('--fresh', 'start without the data of the last time', false)
  .action(async (options: { fresh: boolean }) => run(options.fresh));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const known = error instanceof StackError || error.name === 'ConfigError';
  progress(known ? error.message : (error.stack ?? error.message));
  process.exitCode = 1;
}
