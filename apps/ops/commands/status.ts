/** `status`: everything at a glance, from both servers themselves. */

import type { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { answerOf, examples, type CommonOptions, type OpsContext } from '../context.js';
import { EXIT } from '../failures.js';
import { lookAtAll } from '../status/look.js';
import { reportOf, type StatusReport } from '../status/report.js';
import { statusText } from '../status/text.js';
import { duration, wholeNumber } from '../values.js';

interface StatusOptions extends CommonOptions {
  watch?: boolean;
  every?: number;
  count?: number;
}

const EVERY_MS = 2_000;
/** Of a terminal: everything away, and to its beginning. */
const CLEAR = '\x1b[2J\x1b[H';

export function addStatusCommand(program: Command, context: OpsContext): void {
  program
    .command('status')
    .description(
      'Shows how everything is: servers, workers and their lanes, lag, W, outbox, holds, dead letters. ' +
        'Asks Kafka and MongoDB themselves, so it works when no worker does.',
    )
    .option('--watch', 'look again and again, until Ctrl-C')
    .option('--every <time>', 'with --watch: how often (default: 2s)', duration)
    .option('--count <n>', 'with --watch: end after so many looks', wholeNumber(1, 1e9))
    .addHelpText(
      'after',
      examples(
        'status',
        'status --watch',
        'status --json',
        'status --watch --every 10s --json >> status.jsonl',
      ) +
        '\nEnds with 1 when something needs you, and with 3 when a server does not answer. What to do about it:\n' +
        'docs/runbook.md. With --watch --json every look is one line.\n',
    )
    .action((_options, command: Command) => run(context, command.optsWithGlobals()));
}

async function run(context: OpsContext, options: StatusOptions): Promise<void> {
  const answer = answerOf(context, options);
  if (options.watch !== true) {
    const report = await look(context);
    answer.result(report, () => statusText(report));
    return;
  }
  const { streams } = context;
  for (let looks = 1; ; looks++) {
    const report = await look(context);
    const text = options.json ? JSON.stringify(report) + '\n' : statusText(report);
    streams.out(streams.isTerminal && !options.json ? CLEAR + text : text);
    if (looks === options.count) return;
    await delay(options.every ?? EVERY_MS);
  }
}

async function look(context: OpsContext): Promise<StatusReport> {
  const looks = await lookAtAll(context.environment);
  const report = reportOf(looks, Date.now());
  const isAway = Object.values(report.servers).some(({ answers }) => !answers);
  context.exitCode = isAway ? EXIT.away : report.problems.length > 0 ? EXIT.refused : EXIT.ok;
  return report;
}
