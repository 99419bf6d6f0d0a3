/** `npm run demo`: everything that Holdfast does, on real servers of its own, in about a minute and a half. */

import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { Command, InvalidArgumentError } from 'commander';
import { StackError } from '@holdfast/local-stack';
import { pageEnded, staying } from './closing.js';
import { runDemo } from './demo.js';
import { ProgramFailed } from './run/child.js';
import { summaryLines, type Summary } from './summary.js';
import { paintFor } from './view/live-view.js';

const LEAST_SECONDS = 20;
const MOST_SECONDS = 3_600;

interface Options {
  seconds: number;
  seed: string;
  dataDir: string;
  stay?: boolean;
  json?: boolean;
}

class Interrupted extends Error {
  override name = 'Interrupted';
  constructor(readonly exitCode: number) {
    super('stopped before its end');
  }
}

// What Kafka's client retries is no news; what it gives up becomes an error of the demo.
Logger.overrideLogger(['fatal']);

/** Aborted by the first signal; the second does not wait for anything. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const exitCode = 128 + constants.signals[signal];
    process.on(signal, () => {
      // The children end when this process is gone.
      if (interrupted.signal.aborted) process.exit(exitCode);
      interrupted.abort(new Interrupted(exitCode));
    });
  }
  return interrupted.signal;
}

async function demo({ seconds, seed, dataDir, stay = false, json = false }: Options): Promise<void> {
  const screen = json ? process.stderr : process.stdout;
  const signal = interruption();
  let isTold = false;
  const path = (program: string): string => fileURLToPath(new URL(program, import.meta.url));
  try {
    const { addsUp } = await runDemo({
      seconds,
      seed,
      dataDir,
      programs: {
        worker: path('../worker/main.js'),
        producer: path('producer/main.js'),
        api: path('../api/main.js'),
      },
      screen,
      signal,
      stay,
      onSummary: (summary, page) => {
        tell(summary, json);
        isTold = true;
        screen.write(stay ? '\nstarting the workers and the page again\n' : `\n${pageEnded(page)}`);
      },
      onStay: (page, servers) => void screen.write(`\n${staying(page, servers)}`),
    });
    process.exitCode = addsUp ? 0 : 1;
    if (!addsUp) screen.write(`data and logs are kept in ${dataDir}\n`);
  } catch (error) {
    process.exitCode = failed(error as Error, dataDir);
    if (json && !isTold) {
      process.stdout.write(JSON.stringify({ addsUp: false, error: (error as Error).message }) + '\n');
    }
  }
}

function tell(summary: Summary, json: boolean): void {
  if (json) process.stdout.write(JSON.stringify(summary, null, 2) + '\n');
  const screen = json ? process.stderr : process.stdout;
  screen.write(`\n${summaryLines(summary, screen.columns || 100, paintFor(screen)).join('\n')}\n`);
}

/** Says what went wrong. @returns the exit code */
function failed(error: Error, dataDir: string): number {
  if (error instanceof Interrupted) {
    process.stderr.write(`${error.message}; nothing is left running\n`);
    return error.exitCode;
  }
  const neverStarted = error instanceof StackError || error.name === 'ConfigError';
  const isKnown = neverStarted || error instanceof ProgramFailed;
  process.stderr.write(`${isKnown ? error.message : (error.stack ?? error.message)}\n`);
  if (!neverStarted) process.stderr.write(`data and logs are kept in ${dataDir}\n`);
  return 1;
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS) return seconds;
  throw new InvalidArgumentError(`Use a whole number from ${LEAST_SECONDS} to ${MOST_SECONDS}.`);
}

const program = new Command('npm run demo --')
  .description(
    'Three shops on a real Kafka broker and a real MongoDB replica set: a bakery that counts by date, a flash ' +
      'sale of 500 sneakers, and a stationer without limits. Four producers send orders, payments, rejections and ' +
      'refunds, some twice, some late, some before their order, some malformed; two workers decide them, and one ' +
      'is killed with -9 in mid-load and comes back. Meanwhile the bakery can be seen on its calendar page. At the ' +
      'end an audit says whether everything adds up.',
  )
  .option('--seconds <n>', `how long orders are placed, ${LEAST_SECONDS} to ${MOST_SECONDS}`, secondsOf, 55)
  .option(
    '--seed <text>',
    'makes the same traffic as the run that named this seed',
    randomBytes(3).toString('hex'),
  )
  .option('--data-dir <folder>', 'where data and logs go; emptied at the start', '.stack/demo')
  .option('--stay', 'keeps servers, workers and the page running at the end, until Ctrl-C, to look around')
  .option('--json', 'prints one object at the end on stdout; the view goes to stderr')
  .addHelpText(
    'after',
    '\nExit codes:\n  0  everything adds up\n  1  something differs, or failed; the last lines say what\n' +
      '  130  stopped with Ctrl-C\n',
  )
  .action(demo);

await program.parseAsync();
