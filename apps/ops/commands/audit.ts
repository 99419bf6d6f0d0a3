/** `audit`: whether everything adds up. */

import type { Command } from 'commander';
import {
  audit,
  DIFFERENCES,
  type AuditProgress,
  type AuditReport,
  type DifferenceKind,
} from '@holdfast/store';
import { fields, table } from '../answer.js';
import { answerOf, examples, type CommonOptions, type OpsContext } from '../context.js';
import { EXIT } from '../failures.js';
import { withDatabase } from '../servers.js';
import { duration, wholeNumber } from '../values.js';

interface AuditCommandOptions extends CommonOptions {
  unpublishedAfter: number;
  overdueAfter: number;
  maxListed: number;
}

/** Differences that people are shown one by one. */
const SHOWN = 50;

export function addAuditCommand(program: Command, context: OpsContext): void {
  const kinds = Object.entries(DIFFERENCES).map(([kind, meaning]) => `  ${kind.padEnd(16)}${meaning}\n`);
  program
    .command('audit')
    .description(
      'Recomputes every order from its facts and every stock key from the orders and the changes of the\n' +
        'merchant, as of one moment, while the pipeline runs; ends with 1 when something differs.',
    )
    .option(
      '--unpublished-after <time>',
      'outcomes that wait for so long to be published count',
      duration,
      60_000,
    )
    .option('--overdue-after <time>', 'holds that are due for so long count', duration, 60_000)
    .option('--max-listed <n>', 'differences named one by one; all are counted', wholeNumber(0, 1e6), 1_000)
    .addHelpText('after', examples('audit', 'audit --json --overdue-after 5m'))
    .addHelpText('after', `\nWhat can differ:\n${kinds.join('')}`)
    .action((_options, command: Command) => run(context, command.optsWithGlobals()));
}

async function run(context: OpsContext, options: AuditCommandOptions): Promise<void> {
  const answer = answerOf(context, options);
  const report = await withDatabase(context.environment, 'read', ({ database }) =>
    audit(database, {
      unpublishedAfterMs: options.unpublishedAfter,
      overdueAfterMs: options.overdueAfter,
      maxListed: options.maxListed,
      onProgress: ({ stage, done, total }: AuditProgress) => answer.progress(`${stage}: ${done} of ${total}`),
    }),
  );
  answer.progress('');
  if (!report.clean) context.exitCode = EXIT.refused;
  answer.result(report, () => reportText(report));
}

function reportText(report: AuditReport): string {
  const { checked, states, totals } = report;
  const seconds = (report.durationMs / 1_000).toFixed(1);
  const head = fields([
    ['as of', report.at],
    ['orders and facts', `${checked.orders} and ${checked.facts}`],
    ['keys and changes', `${checked.stockKeys} and ${checked.stockChanges}`],
    ['outbox', `${checked.outbox} documents wait to be published`],
    ['took', `${seconds} s`],
    [
      'states',
      Object.entries(states)
        .map(([state, count]) => `${count} ${state}`)
        .join(', ') || 'none',
    ],
    ['units', `${totals.free} left, ${totals.held} held, ${totals.sold} sold, ${totals.refunded} refunded`],
    ['unlimited keys', totals.unlimitedKeys],
    ...(report.expiryPaused ? [['expiry', 'paused: no hold counts as overdue'] as const] : []),
  ]);
  if (report.clean) return head + 'everything adds up\n';
  const shown = report.listed.slice(0, SHOWN).map(({ kind, message }) => `${kind}: ${message}\n`);
  const more = report.differences - shown.length;
  const counts = Object.entries(report.counts).map(([kind, count]) => [
    kind,
    count,
    DIFFERENCES[kind as DifferenceKind],
  ]);
  return [
    head,
    shown.join('') + (more > 0 ? `… and ${more} more (--json lists up to --max-listed)\n` : ''),
    table(['difference', 'count', 'means'], counts),
  ].join('\n');
}
