/** `replay`: records of the topics once more, through the same decisions. */

import { randomBytes } from 'node:crypto';
import { InvalidArgumentError, type Command } from 'commander';
import { CONSUMED_TOPICS, topicName, type ConsumedTopic } from '@holdfast/contracts';
import { TopicRanges, type Bound, type PartitionRange } from '@holdfast/messaging';
import {
  beginReplay,
  NOTHING_REPLAYED,
  replayHistory,
  replayOf,
  type BatchTools,
  type PreviewedOrder,
  type PreviewedStock,
  type ReplayCounts,
  type ReplayDoc,
} from '@holdfast/store';
import { fields, table, unitsLeft, type Answer } from '../answer.js';
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
import { collected, idOf, positiveNumber, time, wholeNumber } from '../values.js';
import { topicOf } from './dlq-selection.js';
import {
  applyReplay,
  previewReplay,
  type Previewed,
  type Replayed,
  type ReplaySource,
} from './replay-run.js';

interface ReplayOptions extends CommonOptions, ChangeOptions {
  topic?: ConsumedTopic[];
  from?: Bound;
  to?: Bound;
  partition?: number;
  store?: string;
  order?: string[];
  rate?: number;
  resume?: string;
  maxListed: number;
  yes?: boolean;
}

const SHOWN = 50;

const MORE = `
What it does:
  Every record of the stretch is decided as a worker would decide it now. What an order knows already changes nothing,
  so replaying what was applied does nothing and publishes nothing. It moves neither the workers' progress nor the
  offsets of their group. A record that cannot be read is reported, and not dead-lettered again.
  Without --yes it only shows what would change, as of one moment. With --yes it is kept who did it, and an
  interrupted replay goes on with --resume.
  It ends with 1 when records could not be read, or were refused by their orders.
`;

export function addReplayCommand(program: Command, context: OpsContext): void {
  const replay = withWhoAndWhy(program.command('replay'))
    .description('Applies records of the consumed topics once more, from one time or offset to another.')
    .option(
      '--topic <name>',
      'of this topic (default: all four); may be given several times',
      collected(topicOf),
    )
    .option('--from <time|offset>', 'the first, as a time with its offset or an offset, or "start"', bound)
    .option('--to <time|offset>', 'before this one (default: "end", as of now)', bound)
    .option('--partition <n>', 'of this partition only', wholeNumber(0, 1e6))
    .option('--store <id>', 'events of this store only', idOf)
    .option('--order <id>', 'of this order of the store; may be given several times', collected(idOf))
    .option('--rate <n>', 'at most so many events a second', positiveNumber)
    .option('--resume <id>', 'go on with a replay that was interrupted')
    .option('--max-listed <n>', 'orders, keys and records named one by one', wholeNumber(0, 1e6), 1_000)
    .option('--yes', 'do it');
  replay
    .addHelpText(
      'after',
      examples(
        'replay --from 2026-12-24T09:00:00+01:00 --to 2026-12-24T10:00:00+01:00',
        'replay --from start --store bakery --order order-1001 --yes --reason "lost in the outage"',
        'replay --topic PaymentReceived --partition 3 --from 17 --to 18',
      ) + MORE,
    )
    .action((_options, command: Command) => run(context, command.optsWithGlobals()));
  replay
    .command('list')
    .description('Shows who replayed what, the latest first.')
    .option('--max-listed <n>', 'replays shown (default: 1000)', wholeNumber(0, 1e6))
    .addHelpText('after', examples('replay list'))
    .action((_options, command: Command) => list(context, command.optsWithGlobals()));
}

/** `start`, `end`, an offset, or a time */
function bound(text: string): Bound {
  if (text === 'start' || text === 'end') return text;
  if (/^\d{1,15}$/.test(text)) return { offset: Number(text) };
  try {
    return { time: time(text) };
  } catch {
    throw new InvalidArgumentError(
      'Use an offset such as 1700, a time with its offset such as 2026-12-24T18:00:00+01:00, "start" or "end".',
    );
  }
}

async function run(context: OpsContext, options: ReplayOptions): Promise<void> {
  const answer = answerOf(context, options);
  check(options);
  const { kafka, topicPrefix } = await kafkaOf(context.environment);
  const ranges = new TopicRanges(kafka);
  await ranges.connect();
  try {
    await withDatabase(context.environment, options.yes ? 'write' : 'read', async (tools) => {
      const record = await recordOf(tools, ranges, topicPrefix, options);
      const source: ReplaySource = {
        ranges,
        topicPrefix,
        filter: filterOf(record),
        ...(options.rate !== undefined && { rate: options.rate }),
        maxListed: options.maxListed,
        onProgress: (read, total) => answer.progress(`${read} of ${total} records replayed`),
      };
      if (options.yes)
        await apply(context, answer, { tools, source, record, resumed: options.resume !== undefined });
      else await preview(context, answer, { tools, source, record });
    });
  } finally {
    await ranges.disconnect();
  }
}

interface Run {
  tools: BatchTools;
  source: ReplaySource;
  record: ReplayDoc;
}

async function apply(
  context: OpsContext,
  answer: Answer,
  { tools, source, record, resumed }: Run & { resumed: boolean },
): Promise<void> {
  if (!resumed) await beginReplay(tools.database, record);
  answer.progress(
    `${record._id}: should it be interrupted, \`replay --resume ${record._id} --yes\` goes on`,
    true,
  );
  const startedAt = Date.now();
  const readBefore = record.counts.read;
  const done = await applyReplay(tools, source, record);
  answer.progress('');
  const perSecond = Math.round(
    ((done.counts.read - readBefore) * 1_000) / Math.max(1, Date.now() - startedAt),
  );
  settle(context, done);
  answer.result(
    { dryRun: false, replay: record._id, ...whatOf(record), ...done, recordsPerSecond: perSecond },
    () =>
      [
        fields([['replay', record._id], ...countFields(done.counts), ['rate', `${perSecond} records/s`]]),
        complaintTable(done),
      ].join(''),
  );
}

async function preview(context: OpsContext, answer: Answer, { tools, source, record }: Run): Promise<void> {
  const ranges = record.ranges.map((range): PartitionRange => ({ ...range, from: range.next, logStart: 0 }));
  const found = await previewReplay(tools, source, ranges);
  answer.progress('');
  settle(context, found);
  const { maxListed } = source;
  const listed = { ...found, stock: found.stock.slice(0, maxListed), changedKeys: found.stock.length };
  answer.result({ dryRun: true, ...whatOf(record), ...listed }, () => previewText(found));
}

function settle(context: OpsContext, { counts }: Replayed): void {
  if (counts.unreadable + counts.refused > 0) context.exitCode = EXIT.refused;
}

function check({ from, resume, order, store }: ReplayOptions): void {
  if (from === undefined && resume === undefined) {
    throw new UsageFault(
      '--from is missing: give a time, an offset, or "start" for everything that the broker has',
    );
  }
  if (resume !== undefined && (from ?? store ?? order) !== undefined) {
    throw new UsageFault(
      '--resume goes on with what was asked for then: give neither --from, --store nor --order',
    );
  }
  if (order && store === undefined) throw new UsageFault('--order needs --store');
}

/** What is to be replayed, as it will be kept; or as it was, and how far it came. */
async function recordOf(
  tools: BatchTools,
  ranges: TopicRanges,
  topicPrefix: string,
  options: ReplayOptions,
): Promise<ReplayDoc> {
  const { resume, partition, store, order } = options;
  if (resume !== undefined) {
    const known = await replayOf(tools.database, resume);
    if (!known) throw new UsageFault(`there is no replay ${resume}: see \`replay list\``);
    if (known.finishedAt) throw new UsageFault(`${resume} is finished: there is nothing to go on with`);
    return known;
  }
  const topics = options.topic ?? [...CONSUMED_TOPICS];
  const { from = 'start', to = 'end' } = options;
  const found = await ranges.between(
    topics.map((topic) => topicName(topic, topicPrefix)),
    from,
    to,
  );
  const { actor, reason } = changeOf(options);
  return {
    _id: `replay-${Date.now()}-${randomBytes(3).toString('hex')}`,
    startedAt: new Date(),
    actor,
    ...(reason !== undefined && { reason }),
    what: {
      topics,
      from: boundText(from),
      to: boundText(to),
      ...(store !== undefined && { storeId: store }),
      ...(order && { orderIds: order }),
    },
    ranges: found
      .filter((range) => partition === undefined || range.partition === partition)
      .map((range) => ({
        topic: range.topic,
        partition: range.partition,
        from: range.from,
        to: range.to,
        next: range.from,
      })),
    counts: { ...NOTHING_REPLAYED },
  };
}

function filterOf({ what: { storeId, orderIds } }: ReplayDoc): ReplaySource['filter'] {
  return { ...(storeId !== undefined && { storeId }), ...(orderIds && { orderIds }) };
}

function boundText(from: Bound): string {
  if (typeof from === 'string') return from;
  return 'time' in from ? new Date(from.time).toISOString() : String(from.offset);
}

function whatOf({ what, ranges }: ReplayDoc): Record<string, unknown> {
  return { what, ranges: ranges.filter(({ from, to }) => from < to) };
}

function countFields(counts: ReplayCounts): [string, string | number][] {
  return [
    ['read', `${counts.read} records, of which ${counts.events} were asked for and readable`],
    ['new facts', `${counts.facts}, with ${counts.transitions} transitions`],
    ['known already', counts.unchanged],
    ['ignored', `${counts.conflicting} second placements that differ from the first`],
    ['refused', counts.refused],
    ['unreadable', counts.unreadable],
  ];
}

function complaintTable({ complaints, counts }: Replayed): string {
  if (complaints.length === 0) return '';
  const shown = complaints.slice(0, SHOWN);
  const more = counts.unreadable + counts.refused - shown.length;
  const rows = shown.map(({ record, error, message }) => [record, error, message]);
  return `\n${table(['record', 'error', 'message'], rows)}${moreOf(more)}`;
}

function moreOf(more: number): string {
  return more > 0 ? `… and ${more} more (--json lists up to --max-listed)\n` : '';
}

function previewText(found: Previewed): string {
  const { changedOrders, orders, stock, counts } = found;
  const head = fields(countFields(counts)) + complaintTable(found);
  if (changedOrders === 0) return `${head}nothing would change\n`;
  return [
    head,
    orderTable(orders.slice(0, SHOWN)) + moreOf(changedOrders - SHOWN),
    ...(stock.length > 0 ? [stockTable(stock.slice(0, SHOWN)) + moreOf(stock.length - SHOWN)] : []),
    `${changedOrders} orders and ${stock.length} stock keys would change; --yes does it\n`,
  ].join('\n');
}

function orderTable(orders: readonly PreviewedOrder[]): string {
  return table(
    ['order', 'is', 'would be', 'version', 'new facts', 'outcomes'],
    orders.map(({ order, before, after, facts, outcomes }) => [
      order,
      before.state,
      after.state,
      before.version === after.version ? String(after.version) : `${before.version} → ${after.version}`,
      facts,
      outcomes.join(', '),
    ]),
  );
}

function stockTable(stock: readonly PreviewedStock[]): string {
  const change = (before: number | null, after: number | null): string =>
    before === after ? String(unitsLeft(after)) : `${unitsLeft(before)} → ${unitsLeft(after)}`;
  return table(
    ['stock key', 'left', 'held', 'sold', 'refunded'],
    stock.map(({ stockKey, before, after }) => [
      stockKey,
      change(before.free, after.free),
      change(before.held, after.held),
      change(before.sold, after.sold),
      change(before.refunded, after.refunded),
    ]),
  );
}

async function list(context: OpsContext, options: CommonOptions & { maxListed?: number }): Promise<void> {
  const answer = answerOf(context, options);
  const docs = await withDatabase(context.environment, 'read', ({ database }) =>
    replayHistory(database, options.maxListed ?? 1_000),
  );
  answer.result(
    docs.map(({ _id, ...doc }) => ({ replay: _id, ...doc })),
    () =>
      table(
        ['replay', 'began', 'ended', 'by', 'why', 'topics', 'from', 'to', 'new facts'],
        docs.map(({ _id, startedAt, finishedAt, actor, reason, what, counts }) => [
          _id,
          startedAt.toISOString(),
          finishedAt?.toISOString() ?? 'no: --resume',
          actor,
          reason,
          what.topics.join(','),
          what.from,
          what.to,
          counts.facts,
        ]),
      ),
  );
}
