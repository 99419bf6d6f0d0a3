/** `rebuild`: an empty database from the topics and the exported settings. */

import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { CONSUMED_TOPICS } from '@holdfast/contracts';
import { countOf, TopicRanges } from '@holdfast/messaging';
import {
  beginReplay,
  emptyRebuilt,
  filledCollections,
  importSettings,
  NOTHING_REPLAYED,
  noteReplay,
  type BatchTools,
  type Database,
  type ExportedSettings,
  type ReplayDoc,
} from '@holdfast/store';
import { fields, table, type Answer } from '../answer.js';
import {
  answerOf,
  changeOf,
  examples,
  withWhoAndWhy,
  type ChangeOptions,
  type CommonOptions,
  type OpsContext,
} from '../context.js';
import { EXIT, UsageFault } from '../failures.js';
import { kafkaOf, withDatabase } from '../servers.js';
import { wholeNumber } from '../values.js';
import { rebuild, rebuildRanges, type RebuildRanges, type RebuildReport } from './rebuild-run.js';
import { readSettingsFile } from './settings-transfer.js';

interface RebuildOptions extends CommonOptions, ChangeOptions {
  into: string;
  settings?: string;
  again?: boolean;
  recordsAtOnce: number;
  maxListed: number;
  yes?: boolean;
}

const SHOWN = 50;

const MORE = `
What comes from where:
  orders, their facts   the consumed topics, for as long as the broker keeps them, with what was published of them:
                        what was refused, expired or reinstated then is so again, and is not decided anew
  stock and changes     StockOutcome, the ledger, which is kept for good
  stores and products   --settings FILE, as \`settings export\` wrote it, or what is in the database already
Not in the topics, and so not rebuilt: who changed stock and why, or repaired it, access keys, paused expiry, extensions of holds
that have not expired, how long a refused order's hold would have been where the store's setting has changed since, and
whether a fact that moved nothing came before or after those of other topics. Nothing is published, and neither the
workers' progress nor their group's offsets are moved.

What it reports (and then ends with 1):
  undecided        a record of which nothing was published: a worker, or \`replay --yes\`, decides it
  record-missing   the record of a published outcome is not on the broker any more: the order ends before it
  differs          a record does not lead to what was published of it
`;

export function addRebuildCommand(program: Command, context: OpsContext): void {
  withWhoAndWhy(program.command('rebuild'))
    .description('Fills an empty database from the consumed topics, the ledger and exported settings.')
    .requiredOption('--into <name>', 'the database to fill, on the server that MONGODB_URI names')
    .option('--settings <file>', 'settings to import first, as `settings export` wrote them')
    .option('--again', 'take away what a rebuild that did not finish has left there, and begin anew')
    .option(
      '--records-at-once <n>',
      'records and outcomes in memory at a time (some 2 kB each); more orders are done in several passes',
      wholeNumber(1, 1e8),
      500_000,
    )
    .option('--max-listed <n>', 'what it reports one by one; all is counted', wholeNumber(0, 1e6), 1_000)
    .option('--yes', 'do it')
    .addHelpText('after', examples('rebuild --into holdfast2 --settings settings.json --yes') + MORE)
    .action((_options, command: Command) => run(context, command.optsWithGlobals()));
}

async function run(context: OpsContext, options: RebuildOptions): Promise<void> {
  const answer = answerOf(context, options);
  const settings = options.settings === undefined ? undefined : await readSettingsFile(options.settings);
  const { kafka, topicPrefix } = await kafkaOf(context.environment);
  const ranges = new TopicRanges(kafka);
  await ranges.connect();
  try {
    const read = await rebuildRanges(ranges, topicPrefix);
    const fill = ({ database }: BatchTools): Promise<void> =>
      fillDatabase(context, { answer, options, database, ranges, topicPrefix, read, settings });
    await withDatabase(context.environment, options.yes ? 'write' : 'read', fill, options.into);
  } finally {
    await ranges.disconnect();
  }
}

interface Fill {
  answer: Answer;
  options: RebuildOptions;
  database: Database;
  ranges: TopicRanges;
  topicPrefix: string;
  read: RebuildRanges;
  settings: ExportedSettings | undefined;
}

async function fillDatabase(context: OpsContext, fill: Fill): Promise<void> {
  const { answer, options, database, ranges, topicPrefix, read, settings } = fill;
  await checkEmpty(database, options);
  if (!options.yes) return plan(answer, options, read);
  if (settings) await importSettings(database, settings, true);
  else if ((await database.stores.estimatedDocumentCount()) === 0) {
    answer.warn(
      `${options.into} has no settings: give --settings, or nothing that was refused knows its keys`,
    );
  }
  const record = recordOf(options, read);
  await beginReplay(database, record);
  const startedAt = Date.now();
  const source = {
    ranges,
    topicPrefix,
    recordsAtOnce: options.recordsAtOnce,
    maxListed: options.maxListed,
    onProgress: (text: string) => answer.progress(text),
  };
  const report = await rebuild(database, source, read);
  await noteReplay(database, { ...record, counts: countsOf(report) }, true);
  answer.progress('');
  say(context, answer, options, report, Date.now() - startedAt);
}

async function checkEmpty(database: Database, { into, again, yes }: RebuildOptions): Promise<void> {
  const filled = await filledCollections(database);
  if (filled.length === 0) return;
  const unfinished = await database.replays.findOne({ _id: /^rebuild-/, finishedAt: { $exists: false } });
  if (!unfinished) {
    throw new UsageFault(`${into} is not empty (it has ${filled.join(', ')}): name a database that is`);
  }
  if (!again) {
    throw new UsageFault(`a rebuild into ${into} did not finish (${unfinished._id}): --again begins anew`);
  }
  if (!yes) return;
  await emptyRebuilt(database);
  await database.replays.deleteOne({ _id: unfinished._id });
}

function plan(answer: Answer, { into }: RebuildOptions, { ledger, consumed }: RebuildRanges): void {
  const gone = consumed.filter(({ logStart }) => logStart > 0);
  const result = {
    dryRun: true,
    into,
    records: countOf(consumed),
    outcomes: countOf(ledger),
    shortened: gone.length,
  };
  answer.result(result, () =>
    [
      fields([
        ['into', into],
        ['records', result.records],
        ['outcomes', result.outcomes],
      ]),
      ...(gone.length > 0
        ? [
            `the broker has dropped the oldest records of ${gone.length} partitions: their orders will be missing\n`,
          ]
        : []),
      'nothing was changed; --yes does it\n',
    ].join(''),
  );
}

function recordOf(options: RebuildOptions, { consumed }: RebuildRanges): ReplayDoc {
  const { actor, reason } = changeOf(options);
  return {
    _id: `rebuild-${Date.now()}-${randomBytes(3).toString('hex')}`,
    startedAt: new Date(),
    actor,
    ...(reason !== undefined && { reason }),
    what: { topics: [...CONSUMED_TOPICS], from: 'start', to: 'end' },
    ranges: consumed.map(({ topic, partition, from, to }) => ({ topic, partition, from, to, next: to })),
    counts: { ...NOTHING_REPLAYED },
  };
}

function countsOf({ records, unreadable, orders, facts, transitions }: RebuildReport): ReplayDoc['counts'] {
  const read = { read: records, events: records - unreadable, unreadable };
  return { ...NOTHING_REPLAYED, ...read, facts: facts + orders, transitions };
}

function say(
  context: OpsContext,
  answer: Answer,
  { into }: RebuildOptions,
  report: RebuildReport,
  durationMs: number,
): void {
  const found = Object.values(report.findings).reduce((sum, count) => sum + count, 0);
  if (found > 0) context.exitCode = EXIT.refused;
  const perSecond = Math.round((report.records * 1_000) / Math.max(1, durationMs));
  answer.result({ dryRun: false, into, ...report, durationMs, recordsPerSecond: perSecond }, () =>
    [
      fields([
        ['into', into],
        ['read', `${report.records} records (${report.unreadable} unreadable), ${report.outcomes} outcomes`],
        ['copies', `${report.copies} outcomes came more than once`],
        [
          'rebuilt',
          `${report.orders} orders, ${report.transitions} transitions, ${report.stockKeys} stock keys`,
        ],
        ['took', `${(durationMs / 1_000).toFixed(1)} s in ${report.passes} passes, ${perSecond} records/s`],
        ...Object.entries(report.findings),
      ]),
      ...(report.listed.length > 0
        ? [
            table(
              ['what', 'where'],
              report.listed.slice(0, SHOWN).map(({ kind, message }) => [kind, message]),
            ),
          ]
        : []),
    ].join('\n'),
  );
}
