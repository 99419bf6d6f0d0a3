/** `orders prune`: removes finished orders that are older than a horizon. */

import type { Command } from 'commander';
import { pruneOrders, type PruneReport } from '@holdfast/store';
import { fields } from '../answer.js';
import {
  answerOf,
  changeOf,
  examples,
  withWhoAndWhy,
  type ChangeOptions,
  type CommonOptions,
  type OpsContext,
} from '../context.js';
import { withDatabase } from '../servers.js';
import { duration, durationText } from '../values.js';

interface PruneOptions extends CommonOptions, ChangeOptions {
  olderThan: number;
  yes?: boolean;
}

export function addPruneCommand(program: Command, context: OpsContext): void {
  withWhoAndWhy(program.command('orders').description('all orders').command('prune'))
    .description(
      'Removes orders that are finished and to which nothing has happened for so long; without --yes it only ' +
        'counts them. What they sold stays counted. Kept are holds, orders whose refunded units wait for the ' +
        'merchant, and paid ones for a date that is not as old. A record from before the horizon that knows no ' +
        'order becomes a dead letter (too-old) from then on. Broken off, it goes on when it is run again.',
    )
    .requiredOption('--older-than <time>', 'such as 400d; at least 7d', duration)
    .option('--yes', 'do it')
    .addHelpText(
      'after',
      examples(
        'orders prune --older-than 400d',
        'orders prune --older-than 400d --yes --reason "kept for a year"',
      ),
    )
    .action((_options, command: Command) => prune(context, command.optsWithGlobals()));
}

async function prune(context: OpsContext, options: PruneOptions): Promise<void> {
  const answer = answerOf(context, options);
  const { actor, reason } = changeOf(options);
  const dryRun = options.yes !== true;
  const report = await withDatabase(context.environment, 'write', (tools) =>
    pruneOrders(tools, {
      olderThanMs: options.olderThan,
      dryRun,
      actor,
      ...(reason !== undefined && { reason }),
      onProgress: (seen, total) => answer.progress(`${seen} old orders looked at, of ${total} orders in all`),
    }),
  );
  answer.progress('');
  answer.result(report, () => pruneText(report, options.olderThan));
}

function pruneText(report: PruneReport, olderThanMs: number): string {
  const { kept, dryRun } = report;
  return (
    fields([
      ['horizon', `${report.before} (${durationText(olderThanMs)} ago)`],
      [dryRun ? 'would be removed' : 'removed', `${report.orders} orders and ${report.facts} facts`],
      ['units', `${report.units} sold by them, which stay counted`],
      [
        'kept',
        `${kept.unfinished} not finished, ${kept.refundsWaiting} with refunded units to put back, ` +
          `${kept.dateToCome} for a later date`,
      ],
    ]) + (dryRun ? 'nothing was changed (--yes does it)\n' : '')
  );
}
