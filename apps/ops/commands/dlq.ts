/** `dlq list|show|redrive|discard`: records that could not be read or applied. */

import { Argument, type Command } from 'commander';
import type { ConsumedTopic } from '@holdfast/contracts';
import { noteActs, readLargeValue } from '@holdfast/store';
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
import { collected, time, wholeNumber } from '../values.js';
import {
  actOf,
  DEFAULT_MAX_REDRIVES,
  redriveAnswer,
  Redriver,
  type RedriveAnswer,
  type RedriveRefusal,
} from './dlq-redrive.js';
import {
  countTable,
  doneText,
  isText,
  letterTable,
  letterView,
  moreThan,
  NONE_FITS,
  printable,
  SHOWN,
  stateOf,
  Tally,
  textOf,
} from './dlq-text.js';
import {
  letterRef,
  selectedLetters,
  topicOf,
  type LetterRef,
  type Selection,
  type Servers,
} from './dlq-selection.js';

interface SelectOptions extends CommonOptions {
  topic?: ConsumedTopic[];
  from?: number;
  to?: number;
  error?: string[];
}

interface ListOptions extends SelectOptions {
  all?: boolean;
  maxListed: number;
}

interface ActOptions extends SelectOptions, ChangeOptions {
  yes?: boolean;
  maxListed: number;
}

interface RedriveOptions extends ActOptions {
  maxRedrives: number;
  force?: boolean;
}

const REFUSALS: Record<RedriveRefusal, string> = {
  'redriven-too-often': 'was redriven as often as is allowed; find out why it dies again, or use --force',
  closed: 'was redriven or discarded already; --force redrives it again',
  'value-is-gone': 'its value was kept in the database, and is no longer there',
};
export function addDeadLetterCommands(program: Command, context: OpsContext): void {
  const dlq = program.command('dlq').description('records that could not be read or applied (dead letters)');
  withSelection(dlq.command('list'))
    .description('Counts the open dead letters by topic and error, and lists them.')
    .option('--all', 'those that were redriven or discarded, too')
    .option('--max-listed <n>', 'letters named one by one; all are counted', wholeNumber(0, 1e6), 1_000)
    .addHelpText(
      'after',
      examples('dlq list', 'dlq list --topic OrderPlaced --from 2026-12-24T00:00:00+01:00'),
    )
    .action((_options, command: Command) => list(context, command.optsWithGlobals()));
  dlq
    .command('show')
    .description('Shows one dead letter with its headers and its value, which may hold customer data.')
    .addArgument(oneLetter())
    .addHelpText('after', examples('dlq show OrderPlaced/3/17'))
    .action((ref: LetterRef, _options, command: Command) => show(context, ref, command.optsWithGlobals()));
  const redrive = withAct(dlq.command('redrive'))
    .description(
      'Sends dead letters to their topics once more, in order, with their keys and headers; a worker decides ' +
        'them like any record. Without --yes it only says what it would send.',
    )
    .option(
      '--max-redrives <n>',
      'a record that was redriven so often is refused',
      wholeNumber(0, 1_000),
      DEFAULT_MAX_REDRIVES,
    )
    .option('--force', 'redrive also what was redriven too often, or was redriven or discarded before');
  redrive
    .addHelpText(
      'after',
      examples(
        'dlq redrive OrderPlaced/3/17 --yes --reason "the shop has fixed its export"',
        'dlq redrive --topic OrderPlaced --error type-error --from 2026-12-24T00:00:00+01:00 --yes',
      ),
    )
    .action((refs: LetterRef[], _options, command: Command) =>
      redriveCommand(context, refs, command.optsWithGlobals()),
    );
  withAct(dlq.command('discard'))
    .description(
      'Keeps that dead letters need nothing any more, so that `list` no longer shows them. They stay in their ' +
        'topics for as long as those keep them. Without --yes it only says which ones.',
    )
    .addHelpText('after', examples('dlq discard --error not-json --reason "a test of the shop" --yes'))
    .action((refs: LetterRef[], _options, command: Command) =>
      discard(context, refs, command.optsWithGlobals()),
    );
}

function withSelection(command: Command): Command {
  return command
    .option('--topic <name>', 'of this topic; may be given several times', collected(topicOf))
    .option('--from <time>', 'that died since, such as 2026-12-24T18:00:00+01:00', time)
    .option('--to <time>', 'that died before', time)
    .option('--error <class>', 'of this error; may be given several times', collected(String));
}

function withAct(command: Command): Command {
  const letters = new Argument('[letters...]', 'TOPIC/PARTITION/OFFSET as `dlq list` shows it').argParser(
    collected(letterRef),
  );
  return withWhoAndWhy(withSelection(command.addArgument(letters)))
    .option('--max-listed <n>', 'letters named one by one; all are counted', wholeNumber(0, 1e6), 1_000)
    .option('--yes', 'do it');
}

function oneLetter(): Argument {
  return new Argument('<letter>', 'TOPIC/PARTITION/OFFSET as `dlq list` shows it').argParser(letterRef);
}

function selectionOf({ topic, from, to, error }: SelectOptions, letters: LetterRef[] = []): Selection {
  return {
    ...(topic && { topics: topic }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(error && { errorClasses: error }),
    ...(letters.length > 0 && { letters }),
  };
}

/** What is acted on has to be said: all of them is as easily meant as it is typed by mistake. */
function actSelection(options: ActOptions, letters: LetterRef[]): Selection {
  const selection = selectionOf(options, letters);
  if (Object.keys(selection).length === 0) {
    throw new UsageFault('say which letters: name them, or give --topic, --error, --from or --to');
  }
  if (letters.length > 0 && Object.keys(selection).length > 1) {
    throw new UsageFault('name letters, or give --topic, --error, --from and --to, not both');
  }
  return selection;
}

async function withServers<T>(
  context: OpsContext,
  use: 'read' | 'write',
  work: (servers: Servers) => Promise<T>,
): Promise<T> {
  const kafka = await kafkaOf(context.environment);
  return withDatabase(context.environment, use, ({ database }) => work({ ...kafka, database }));
}

async function list(context: OpsContext, options: ListOptions): Promise<void> {
  const answer = answerOf(context, options);
  const tally = new Tally(options.maxListed);
  const selection = { ...selectionOf(options), ...(options.all && { all: true }) };
  await withServers(context, 'read', async (servers) => {
    for await (const letters of selectedLetters(servers, selection, progressOf(answer))) {
      for (const letter of letters) tally.add(letter);
    }
  });
  answer.progress('');
  const { total, counts } = tally;
  answer.result({ total, counts, letters: tally.listed.map(letterView) }, () => {
    if (total === 0) return options.all ? 'no dead letters\n' : 'no dead letter is open\n';
    return `${countTable(counts)}\n${letterTable(tally.listed.slice(0, SHOWN))}${moreThan(SHOWN, total)}`;
  });
}

function progressOf(answer: Answer): (read: number, total: number) => void {
  return (read, total) => answer.progress(`${read} of ${total} dead letters read`);
}

async function show(context: OpsContext, ref: LetterRef, options: CommonOptions): Promise<void> {
  const answer = answerOf(context, options);
  const found = await withServers(context, 'read', async (servers) => {
    for await (const [letter] of selectedLetters(servers, { letters: [ref] })) {
      if (!letter) continue;
      const { file, record } = letter.letter;
      return {
        letter,
        value: file === undefined ? record.value : await readLargeValue(servers.database, file),
      };
    }
    return undefined;
  });
  if (!found) throw new UsageFault('at that place stands a marker of a transaction, and no letter');
  const { letter, value } = found;
  const { headers, key } = letter.letter.record;
  if (value === undefined) {
    context.exitCode = EXIT.refused;
    answer.warn('its value was kept in the database, and is no longer there');
  }
  const shown = { ...letterView(letter), headers: headers.map(([name, own]) => [name, textOf(own)]) };
  answer.result({ ...shown, value: textOf(value ?? null), valueIsText: isText(value ?? null) }, () => {
    const { errorClass, message, failedAt, attempts, origin, redrives } = letter.letter;
    const { act } = letter;
    const why = act?.reason === undefined ? '' : ` (${printable(act.reason)})`;
    return [
      fields([
        ['letter', letter.id],
        ['state', act ? `${stateOf(letter)} ${act.at.toISOString()} by ${act.actor}${why}` : 'open'],
        ['error', errorClass],
        ['message', printable(message)],
        ['died', new Date(failedAt).toISOString()],
        ['tries', attempts],
        ['redrives', redrives],
        ['stood at', `${origin.topic}/${origin.partition}/${origin.offset}`],
        ['key', key === null ? null : printable(String(textOf(key)))],
      ]),
      table(
        ['header', 'value'],
        headers.map(([name, own]) => [printable(name), printable(String(textOf(own)))]),
      ),
      `${textOf(value ?? null) ?? '(no value)'}\n`,
    ].join('\n');
  });
}

async function redriveCommand(
  context: OpsContext,
  refs: LetterRef[],
  options: RedriveOptions,
): Promise<void> {
  const answer = answerOf(context, options);
  const selection = actSelection(options, refs);
  const rules = { maxRedrives: options.maxRedrives, force: options.force === true };
  const redriven = new Tally(options.maxListed);
  const refused: RedriveAnswer[] = [];
  const counts: Partial<Record<RedriveRefusal, number>> = {};
  const take = (one: RedriveAnswer): void => {
    if (!one.refused) return redriven.add(one.letter);
    counts[one.refused] = (counts[one.refused] ?? 0) + 1;
    if (refused.length < options.maxListed) refused.push(one);
  };
  await withServers(context, options.yes ? 'write' : 'read', async (servers) => {
    const redriver = new Redriver(servers, rules, changeOf(options));
    if (options.yes) await redriver.connect();
    try {
      for await (const letters of selectedLetters(servers, selection, progressOf(answer))) {
        const answers = options.yes
          ? await redriver.redrive(letters)
          : letters.map((letter) => redriveAnswer(letter, rules));
        answers.forEach(take);
      }
    } finally {
      if (options.yes) await redriver.disconnect();
    }
  });
  answer.progress('');
  if (Object.keys(counts).length > 0) context.exitCode = EXIT.refused;
  const result = {
    dryRun: options.yes !== true,
    redriven: redriven.total,
    counts: redriven.counts,
    letters: redriven.listed.map(letterView),
    refused: counts,
    refusedLetters: refused.map((one) => ({ letter: one.letter.id, reason: one.refused })),
  };
  answer.result(result, () => {
    const head = redriven.total > 0 ? `${countTable(redriven.counts)}\n` : '';
    const fits = redriven.total + refused.length > 0;
    const done = fits ? doneText(redriven.total, 'redriven', options.yes) : NONE_FITS;
    return head + done + refused.slice(0, SHOWN).map(refusalText).join('');
  });
}

function refusalText({ letter, refused }: RedriveAnswer): string {
  return `refused: ${letter.id}: ${refused ? REFUSALS[refused] : ''}\n`;
}

async function discard(context: OpsContext, refs: LetterRef[], options: ActOptions): Promise<void> {
  const answer = answerOf(context, options);
  const selection = actSelection(options, refs);
  const by = changeOf(options);
  if (options.yes && by.reason === undefined)
    throw new UsageFault('--reason is missing: say why they need nothing');
  const tally = new Tally(options.maxListed);
  await withServers(context, options.yes ? 'write' : 'read', async (servers) => {
    for await (const letters of selectedLetters(servers, selection, progressOf(answer))) {
      const open = letters.filter(({ isOpen }) => isOpen);
      for (const letter of open) tally.add(letter);
      if (options.yes) await noteActs(servers.database, 'discarded', open.map(actOf), by, true);
    }
  });
  answer.progress('');
  const { total, counts, listed } = tally;
  const result = { dryRun: options.yes !== true, discarded: total, counts, letters: listed.map(letterView) };
  answer.result(result, () => {
    const head = total > 0 ? `${countTable(counts)}\n` : '';
    return total > 0 ? head + doneText(total, 'discarded', options.yes) : NONE_FITS;
  });
}
