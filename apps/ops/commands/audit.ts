/** `audit`: whether everything adds up. */

import { Option, type Command } from 'commander';
import { audit, DIFFERENCES, type AuditProgress } from '@holdfast/store';
import { answerOf, examples, withChangeOptions, type OpsContext } from '../context.js';
import { EXIT, UsageFault } from '../failures.js';
import { withDatabase } from '../servers.js';
import { duration, oneOf, wholeNumber } from '../values.js';
import { runAgainst } from './audit-against.js';
import { runRepair } from './audit-repair.js';
import { LEDGERS, reportText, type AuditCommandOptions } from './audit-report.js';

export function addAuditCommand(program: Command, context: OpsContext): void {
  const kinds = Object.entries(DIFFERENCES).map(([kind, meaning]) => `  ${kind.padEnd(16)}${meaning}\n`);
  withChangeOptions(program.command('audit'))
    .description(
      'Recomputes every order from its facts and every stock key from the orders and the changes of the ' +
        'merchant, as of one moment, while the pipeline runs; ends with 1 when something differs. ' +
        'With --repair it says what would put it right, and with --yes does it: stock as numbered changes ' +
        'with who and why, published as StockChanged; orders with what they were before.',
    )
    .addOption(
      new Option('--unpublished-after <time>', 'outcomes that wait for so long to be published count')
        .argParser(duration)
        .default(60_000, '1m'),
    )
    .addOption(
      new Option('--overdue-after <time>', 'holds that are due for so long count')
        .argParser(duration)
        .default(60_000, '1m'),
    )
    .option('--max-listed <n>', 'differences named one by one; all are counted', wholeNumber(0, 1e6), 1_000)
    .option('--against <database>', 'compare orders, stock and settings with another database of the server')
    .option('--repair', 'say what would put right what differs')
    .option('--yes', 'with --repair: do it; needs --reason')
    .option(
      '--ledger <topic|stock|orders>',
      'what the published ledger says of a key that differs: read from its topic, or, where that is gone, ' +
        'believed to agree with the stock as found or with the orders',
      oneOf(LEDGERS),
      'topic',
    )
    .addHelpText(
      'after',
      examples(
        'audit',
        'audit --json --overdue-after 5m',
        'audit --against holdfast-rebuilt',
        'audit --repair',
        'audit --repair --yes --reason "restored from the backup of Monday"',
      ),
    )
    .addHelpText('after', `\nWhat can differ:\n${kinds.join('')}`)
    .action((_options, command: Command) => run(context, command.optsWithGlobals()));
}

async function run(context: OpsContext, options: AuditCommandOptions): Promise<void> {
  const { repair, yes, against } = options;
  if (against !== undefined && repair) throw new UsageFault('use either --against or --repair');
  if (yes && !repair) throw new UsageFault('--yes is for --repair');
  if (against !== undefined) return runAgainst(context, { ...options, against });
  if (repair) return runRepair(context, options);
  return look(context, options);
}

async function look(context: OpsContext, options: AuditCommandOptions): Promise<void> {
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
