/** `audit --against`: whether two databases say the same. */

import { AGAINST_DIFFERENCES, auditAgainst, type AgainstReport } from '@holdfast/store';
import { fields, table } from '../answer.js';
import { answerOf, type CommonOptions, type OpsContext } from '../context.js';
import { EXIT, UsageFault } from '../failures.js';
import { withDatabase } from '../servers.js';

interface AgainstCommandOptions extends CommonOptions {
  against: string;
  maxListed: number;
}

export async function runAgainst(context: OpsContext, options: AgainstCommandOptions): Promise<void> {
  const answer = answerOf(context, options);
  const { against, maxListed } = options;
  const report = await withDatabase(context.environment, 'read', async ({ database }) => {
    if (against === database.db.databaseName) {
      throw new UsageFault(`${against} is the database itself; name another one of the server`);
    }
    await mustExist(database.client, against);
    return auditAgainst(database, against, {
      maxListed,
      onProgress: ({ stage, done, total }) =>
        answer.progress(`${stage}: ${done} of ${Math.max(done, total)}`),
    });
  });
  answer.progress('');
  if (!report.clean) context.exitCode = EXIT.refused;
  answer.result(report, () => againstText(report));
}

/** MongoDB makes a database of any name when it is asked for, empty. */
async function mustExist(
  client: { db(name: string): { listCollections(): { hasNext(): Promise<boolean> } } },
  name: string,
): Promise<void> {
  if (await client.db(name).listCollections().hasNext()) return;
  throw new UsageFault(`there is no database ${name} on this server`);
}

function againstText(report: AgainstReport): string {
  const { checked, here, there, pruned } = report;
  const head = fields([
    ['databases', `${here} against ${there}`],
    ['as of', report.at],
    [
      'compared',
      `${checked.order} orders, ${checked.stock} keys, ${checked.store} stores, ${checked.product} products`,
    ],
    ['took', `${(report.durationMs / 1_000).toFixed(1)} s`],
    ...(pruned > 0
      ? [['removed', `${pruned} orders that one of them has removed by its horizon`] as const]
      : []),
  ]);
  if (report.clean) return head + 'both say the same\n';
  const more = report.differences - report.listed.length;
  const counts = Object.entries(report.counts).map(([kind, count]) => [
    kind,
    count,
    AGAINST_DIFFERENCES[kind as keyof typeof AGAINST_DIFFERENCES],
  ]);
  return [
    head,
    report.listed.map(({ message }) => `${message}\n`).join('') +
      (more > 0 ? `… and ${more} more (--max-listed shows more)\n` : ''),
    table(['difference', 'count', 'means'], counts),
  ].join('\n');
}
