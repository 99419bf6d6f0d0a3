/** `expiry pause|resume|status` and `holds extend`: for when customers cannot pay through no fault of theirs. */

import type { Command } from 'commander';
import { extendHolds, type Database } from '@holdfast/store';
import { fields } from '../answer.js';
import {
  answerOf,
  changeOf,
  examples,
  withChangeOptions,
  withWhoAndWhy,
  type ChangeOptions,
  type CommonOptions,
  type OpsContext,
} from '../context.js';
import { UsageFault } from '../failures.js';
import { withDatabase } from '../servers.js';
import { collected, duration, idOf, time } from '../values.js';

type ExpiryOptions = CommonOptions & ChangeOptions;

interface ExtendOptions extends CommonOptions, ChangeOptions {
  store?: string;
  order?: string[];
  all?: boolean;
  until?: number;
  for?: number;
  dryRun?: boolean;
  yes?: boolean;
}

export function addHoldCommands(program: Command, context: OpsContext): void {
  const expiry = program.command('expiry').description('whether unpaid holds are released');
  withWhoAndWhy(expiry.command('pause'))
    .description('Keeps every hold until expiry is resumed, for an outage of a payment provider.')
    .addHelpText('after', examples('expiry pause --reason "the payment provider is away"'))
    .action((_options, command: Command) => turn(context, command.optsWithGlobals(), true));
  withWhoAndWhy(expiry.command('resume'))
    .description('Lets holds expire again; those that fell due meanwhile are released at once.')
    .addHelpText(
      'after',
      examples('expiry resume', 'holds extend --all --for 30m --yes   # before, to be gentle'),
    )
    .action((_options, command: Command) => turn(context, command.optsWithGlobals(), false));
  expiry
    .command('status')
    .description('Shows whether expiry is paused, and how many holds are open and due.')
    .addHelpText('after', examples('expiry status --json'))
    .action((_options, command: Command) => status(context, command.optsWithGlobals()));
  withChangeOptions(program.command('holds').description('open holds').command('extend'))
    .description('Lets open holds last at least until a time, never shorter.')
    .option('--store <id>', 'holds of this store', idOf)
    .option('--order <id>', 'only of this order of the store; may be given several times', collected(idOf))
    .option('--all', 'holds of all stores; needs --yes')
    .option('--until <time>', 'such as 2026-12-24T18:00:00+01:00', time)
    .option('--for <time>', 'until so long from now, such as 30m', duration)
    .option('--dry-run', 'count them and change nothing')
    .option('--yes', 'with --all: do it')
    .addHelpText(
      'after',
      examples(
        'holds extend --store bakery --order order-1001 --for 1h',
        'holds extend --all --until 2026-12-24T18:00:00+01:00 --yes',
      ),
    )
    .action((_options, command: Command) => extend(context, command.optsWithGlobals()));
}

async function turn(context: OpsContext, options: ExpiryOptions, on: boolean): Promise<void> {
  const answer = answerOf(context, options);
  const { actor, reason } = changeOf(options);
  const state = await withDatabase(context.environment, 'write', async ({ database }) => {
    const set = { on, at: new Date(), actor, ...(reason !== undefined && { reason }) };
    const unset = reason === undefined ? { $unset: { reason: '' as const } } : {};
    await database.switches.updateOne({ _id: 'expiry-paused' }, { $set: set, ...unset }, { upsert: true });
    return stateOf(database);
  });
  answer.result(state, () => stateText(state));
}

async function status(context: OpsContext, options: ExpiryOptions): Promise<void> {
  const answer = answerOf(context, options);
  const state = await withDatabase(context.environment, 'read', ({ database }) => stateOf(database));
  answer.result(state, () => stateText(state));
}

interface ExpiryState {
  paused: boolean;
  since?: string;
  actor?: string;
  reason?: string;
  openHolds: number;
  /** of `openHolds`: due and not released yet */
  dueHolds: number;
  nextDue?: string;
}

async function stateOf(database: Database): Promise<ExpiryState> {
  const doc = await database.switches.findOne({ _id: 'expiry-paused' });
  const now = new Date();
  const openHolds = await database.orders.countDocuments({ due: { $exists: true } }, { hint: { due: 1 } });
  const dueHolds = await database.orders.countDocuments({ due: { $lte: now } });
  const next = await database.orders.findOne(
    { due: { $gt: now } },
    { sort: { due: 1 }, projection: { due: 1 } },
  );
  const state: ExpiryState = { paused: doc?.on === true, openHolds, dueHolds };
  if (doc) Object.assign(state, { since: doc.at.toISOString(), actor: doc.actor });
  if (doc?.reason !== undefined) state.reason = doc.reason;
  if (next?.due) state.nextDue = next.due.toISOString();
  return state;
}

function stateText(state: ExpiryState): string {
  const by = state.since === undefined ? '' : ` since ${state.since}, by ${state.actor}`;
  const why = state.reason === undefined ? '' : ` (${state.reason})`;
  return fields([
    ['expiry', (state.paused ? 'paused' : 'running') + by + why],
    ['open holds', state.openHolds],
    ['due now', state.dueHolds],
    ['next due', state.nextDue],
  ]);
}

async function extend(context: OpsContext, options: ExtendOptions): Promise<void> {
  const answer = answerOf(context, options);
  const until = untilOf(options);
  if ((options.store === undefined) !== (options.all === true)) {
    throw new UsageFault('say whose holds: --store, or --all for those of all stores');
  }
  if (options.order && options.store === undefined) throw new UsageFault('--order needs --store');
  const dryRun = options.dryRun === true || (options.all === true && options.yes !== true);
  const report = await withDatabase(context.environment, 'write', (tools) =>
    extendHolds(tools, {
      until,
      dryRun,
      ...changeOf(options),
      ...(options.store !== undefined && { storeId: options.store }),
      ...(options.order && { orderIds: options.order }),
      onProgress: (extended) => answer.progress(`${extended} holds extended`),
    }),
  );
  const time = new Date(until).toISOString();
  answer.result({ ...report, dryRun, until: time }, () =>
    dryRun
      ? `${report.extended} holds would last until ${time}; nothing was changed${options.all ? ' (--yes does it)' : ''}\n`
      : `${report.extended} holds last until ${time} now (change ${report.changeId})\n`,
  );
  if (report.untouched.length > 0) {
    answer.warn(`hold nothing, or long enough already: ${report.untouched.join(', ')}`);
  }
}

function untilOf({ until, for: span }: ExtendOptions): number {
  if ((until === undefined) === (span === undefined)) {
    throw new UsageFault('say how long: either --until a time, or --for a while');
  }
  return until ?? Date.now() + (span ?? 0);
}
