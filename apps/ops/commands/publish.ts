/** `publish --csv`: a shop's invoices as the events that other services would send. */

import { Option, type Command } from 'commander';
import { IANAZone } from 'luxon';
import { setProducts } from '@holdfast/store';
import type { Answer } from '../answer.js';
import { answerOf, examples, type CommonOptions, type OpsContext } from '../context.js';
import { EXIT, UsageFault } from '../failures.js';
import { accountFor, factsExpected, type Accounts } from '../publish/accounts.js';
import { matchCancellations, type Matching } from '../publish/cancellations.js';
import { csvLines } from '../publish/csv-lines.js';
import { InvoiceReader, LINE_FAULTS, NOT_GOODS, type Reading } from '../publish/invoices.js';
import type { Pace } from '../publish/pace.js';
import { sendAll, type Sent } from '../publish/send.js';
import { summaryOf, summaryText } from '../publish/summary.js';
import { timelineOf, type PlannedEvent, type TimelineOptions } from '../publish/timeline.js';
import { kafkaOf, withDatabase } from '../servers.js';
import { duration, durationText, idOf, listOf, positiveNumber } from '../values.js';

interface PublishOptions extends CommonOptions {
  csv: string;
  store: string;
  timezone: string;
  rate?: number;
  compressTime?: number;
  keepTimes?: boolean;
  payAfter: number | 'never';
  restock?: boolean;
  orderPrefix: string;
  notGoods: string[];
  inventoryOn?: boolean;
  wait?: number;
  dryRun?: boolean;
  topicPrefix?: string;
}

const RULES = `
How the file is read:
  Columns InvoiceNo, StockCode, Quantity and InvoiceDate, named in the first line. An invoice is an order with
  the invoice's number as its id; lines of the same product are added up; stock codes are taken in capitals.
  An order is paid --pay-after its placement. Every line that cannot be used is reported with its number:
${Object.entries(LINE_FAULTS)
  .map(([fault, meaning]) => `    ${fault.padEnd(20)}${meaning}\n`)
  .join(
    '',
  )}  An invoice none of whose lines can be used, or with more than 500 products, is reported as a whole.

How a cancellation (an invoice whose number starts with C) finds its order:
  The data does not say, so: of the earlier orders in the file that bought at least so many, not cancelled yet,
  the one that covers most products of the cancellation; then the one with most quantities exactly the same;
  then the latest. What it does not cover goes to the next such order; what none covers is reported.

Times:
  What happens when is taken from the file, but each event occurs when it is sent: old times would make every
  hold due at once. --keep-times keeps the file's.
`;

export function addPublishCommand(program: Command, context: OpsContext): void {
  program
    .command('publish')
    .description(
      'Sends the invoices of a CSV file to Kafka as OrderPlaced, PaymentReceived and OrderRefunded.',
    )
    .requiredOption('--csv <file>', 'the file; may be gzipped')
    .requiredOption('--store <id>', 'the store whose orders they are', idOf)
    .option('--timezone <zone>', 'IANA time zone of the times in the file', 'Europe/London')
    .option('--rate <n>', 'orders a second (default: as fast as they can be sent)', positiveNumber)
    .option(
      '--compress-time <factor>',
      'as the times say, so many times faster; 1 = as it was',
      positiveNumber,
    )
    .option('--keep-times', 'let events occur when the file says, instead of when they are sent')
    .option(
      '--pay-after <time|never>',
      'how long after the order, in the file’s time, it is paid',
      payAfter,
      0,
    )
    .option('--restock', 'refunded units can be ordered again at once')
    .option(
      '--order-prefix <text>',
      'stands before every order id, to send a file once more as new orders',
      '',
    )
    .addOption(
      new Option('--not-goods <codes>', 'stock codes that are not goods, with commas between')
        .argParser(listOf(String))
        .default(NOT_GOODS, NOT_GOODS.join(',')),
    )
    .option('--inventory-on', 'first turn the inventory on for products of the file that have no settings')
    .option(
      '--wait <time>',
      'then wait for the pipeline, as long as it gets on within that time, and account for every invoice',
      duration,
    )
    .option('--dry-run', 'read the file, say what would be sent, and send nothing')
    .option('--topic-prefix <text>', 'stands before every topic name (default: KAFKA_TOPIC_PREFIX)')
    .addHelpText(
      'after',
      examples(
        'publish --csv invoices.csv.gz --store gifts --dry-run',
        'publish --csv invoices.csv.gz --store gifts --inventory-on --rate 200 --wait 30s',
        'publish --csv invoices.csv.gz --store gifts --compress-time 3600 --pay-after 10m',
      ) + RULES,
    )
    .action((_options, command: Command) => publish(context, command.optsWithGlobals()));
}

function payAfter(text: string): number | 'never' {
  return text === 'never' ? text : duration(text);
}

async function publish(context: OpsContext, options: PublishOptions): Promise<void> {
  const answer = answerOf(context, options);
  check(options);
  // Named before anything is read: a missing setting should not wait for a long file.
  const kafka = options.dryRun ? undefined : await kafkaOf(context.environment);
  const reading = await readFile(options, answer);
  const matching = matchCancellations(reading.orders, reading.cancellations);
  const timeline: TimelineOptions = {
    storeId: options.store,
    orderPrefix: options.orderPrefix,
    payAfterMs: options.payAfter === 'never' ? undefined : options.payAfter,
    restock: options.restock === true,
  };
  const events = timelineOf(reading.orders, matching.refunds, timeline);
  if (options.inventoryOn && kafka) await turnInventoryOn(context, options, reading);
  const sent = kafka
    ? await sendAll(kafka.kafka, events, {
        storeId: options.store,
        topicPrefix: options.topicPrefix ?? kafka.topicPrefix,
        pace: paceOf(options),
        keepTimes: options.keepTimes === true,
        onProgress: (text, last) => answer.progress(text, last),
      })
    : undefined;
  const accounts =
    sent && options.wait !== undefined ? await account(context, options, events, answer) : undefined;
  say(context, answer, options, { reading, matching, events, sent, accounts });
}

interface Result {
  reading: Reading;
  matching: Matching;
  events: readonly PlannedEvent[];
  sent: Sent | undefined;
  accounts: Accounts | undefined;
}

function say(context: OpsContext, answer: Answer, options: PublishOptions, result: Result): void {
  const summary = summaryOf({ file: options.csv, storeId: options.store, ...result });
  if (result.accounts && result.accounts.undecided.length > 0) {
    context.exitCode = EXIT.refused;
    const waited = durationText(options.wait ?? 0);
    answer.warn(
      `${result.accounts.undecided.length} orders did not get on for ${waited}: is a worker running?`,
    );
  }
  answer.result(summary, () => summaryText(summary));
}

function check(options: PublishOptions): void {
  if (!IANAZone.isValidZone(options.timezone)) {
    throw new UsageFault(
      `--timezone ${options.timezone} is not a time zone; use an IANA name such as Europe/London`,
    );
  }
  if (options.rate !== undefined && options.compressTime !== undefined) {
    throw new UsageFault('give --rate or --compress-time, not both');
  }
  // Only as long as this is an id together with an invoice's number.
  if (options.orderPrefix !== '') idOf(options.orderPrefix);
}

function paceOf({ rate, compressTime }: PublishOptions): Pace {
  if (rate !== undefined) return { kind: 'rate', ordersPerSecond: rate };
  return compressTime === undefined ? { kind: 'at-once' } : { kind: 'compressed', factor: compressTime };
}

async function readFile(options: PublishOptions, answer: Answer): Promise<Reading> {
  const reader = new InvoiceReader({ timeZone: options.timezone, notGoods: options.notGoods });
  let lines = 0;
  for await (const line of csvLines(options.csv)) {
    reader.add(line);
    if (++lines % 10_000 === 0) answer.progress(`${lines} lines read`);
  }
  return reader.finish();
}

async function turnInventoryOn(
  context: OpsContext,
  { store }: PublishOptions,
  reading: Reading,
): Promise<void> {
  const products = new Set(reading.orders.flatMap(({ goods }) => goods.map(({ productId }) => productId)));
  await withDatabase(context.environment, 'write', async ({ database }) => {
    const known = await database.products
      .find({ storeId: store }, { projection: { productId: 1 } })
      .toArray();
    for (const { productId } of known) products.delete(productId);
    if (products.size > 0) await setProducts(database, store, [...products], { inventory: 'product' });
  });
}

function account(
  context: OpsContext,
  { store, wait }: PublishOptions,
  events: readonly PlannedEvent[],
  answer: Answer,
): Promise<Accounts> {
  const expected = factsExpected(events);
  return withDatabase(context.environment, 'read', ({ database }) =>
    accountFor(database, store, expected, wait ?? 0, (decided) =>
      answer.progress(`${decided} of ${expected.size} orders decided`, decided === expected.size),
    ),
  );
}
