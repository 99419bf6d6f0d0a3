/** `stock set|adjust|show`: the numbers of stock keys. */

import type { Command } from 'commander';
import type { MerchantChange, Stock } from '@holdfast/core';
import { parseStockKey } from '@holdfast/core';
import {
  changeStockOf,
  stockRows,
  type ChangeRow,
  type StockChangeReport,
  type StockRow,
} from '@holdfast/store';
import { table, unitsLeft } from '../answer.js';
import {
  answerOf,
  changeOf,
  examples,
  withChangeOptions,
  type ChangeOptions,
  type CommonOptions,
  type OpsContext,
} from '../context.js';
import { EXIT, UsageFault } from '../failures.js';
import { withDatabase } from '../servers.js';
import {
  collected,
  dates,
  daysOf,
  idOf,
  listOf,
  quantity,
  signedNumber,
  weekday,
  wholeNumber,
} from '../values.js';

interface KeyOptions extends CommonOptions {
  store: string;
  product?: string[];
  variant?: string[];
  date?: string[][];
  weekdays?: number[];
}

interface WriteOptions extends KeyOptions, ChangeOptions {
  product: string[];
  expected?: number;
  dryRun?: boolean;
}

export function addStockCommands(program: Command, context: OpsContext): void {
  const stock = program.command('stock').description('the numbers of stock keys');
  withKeys(stock.command('set'))
    .description('Says how many can still be ordered, of each product, variant and date named.')
    .requiredOption('--quantity <n|unlimited>', 'what can still be ordered; 0 = unavailable', quantity)
    .addHelpText(
      'after',
      examples(
        'stock set --store bakery --product rye-loaf --date 2026-12-23 --date 2026-12-24 --quantity 40',
        'stock set --store bakery --product rye-loaf --date 2026-12-01..2026-12-31 --weekdays sat,sun --quantity 0',
        'stock set --store shop --product shirt --variant S --variant M --quantity unlimited',
      ),
    )
    .action((_options, command: Command) => {
      const options = command.optsWithGlobals<WriteOptions & { quantity: number | 'unlimited' }>();
      const number = options.quantity === 'unlimited' ? null : options.quantity;
      return write(context, options, { type: 'set', quantity: number });
    });
  withKeys(stock.command('adjust'))
    .description('Adds to what can still be ordered, or takes away from it.')
    .requiredOption('--by <n>', 'such as 5, +5 or -5', signedNumber)
    .addHelpText('after', examples('stock adjust --store shop --product mug --by -3 --reason broken'))
    .action((_options, command: Command) => {
      const options = command.optsWithGlobals<WriteOptions & { by: number }>();
      return write(context, options, { type: 'adjust', by: options.by });
    });
  stock
    .command('show')
    .description('Shows what is left, held, sold and refunded of each key.')
    .requiredOption('--store <id>', 'the store', idOf)
    .option('--product <id>', 'only this product; may be given several times', collected(idOf))
    .option('--variant <id>', 'only this variant; may be given several times', collected(idOf))
    .option('--date <day|first..last>', 'only these dates; may be given several times', collected(dates))
    .addHelpText('after', examples('stock show --store bakery --date 2026-12-24'))
    .action((_options, command: Command) => show(context, command.optsWithGlobals()));
}

function withKeys(command: Command): Command {
  command
    .requiredOption('--store <id>', 'the store', idOf)
    .requiredOption('--product <id>', 'the product; may be given several times', collected(idOf))
    .option('--variant <id>', 'the variant; may be given several times', collected(idOf))
    .option('--date <day|first..last>', 'a date or a range; may be given several times', collected(dates))
    .option('--weekdays <mon,…>', 'of the dates, only these weekdays', listOf(weekday))
    .option('--expected <version>', 'refuse when the key was changed since', wholeNumber(0, 1e12))
    .option('--dry-run', 'show what would happen and change nothing');
  return withChangeOptions(command);
}

async function write(context: OpsContext, options: WriteOptions, change: MerchantChange): Promise<void> {
  const answer = answerOf(context, options);
  const rows = rowsOf(options, change);
  const report = await withDatabase(context.environment, 'write', (tools) =>
    changeStockOf(tools, {
      ...changeOf(options),
      storeId: options.store,
      rows,
      dryRun: options.dryRun === true,
    }),
  );
  if (report.refused > 0) context.exitCode = EXIT.refused;
  answer.result(report, () => reportText(report));
  for (const row of report.rows) if (row.kind === 'refused') answer.warn(row.message);
}

function rowsOf(options: WriteOptions, change: MerchantChange): ChangeRow[] {
  const days = daysOf(options.date, options.weekdays);
  if (options.weekdays && days.length === 0) {
    throw new UsageFault('--weekdays leaves none of the dates; give a range with --date that has such days');
  }
  const { expected } = options;
  const rows: ChangeRow[] = [];
  for (const productId of new Set(options.product)) {
    for (const variantId of new Set(options.variant ?? [undefined])) {
      for (const date of days.length > 0 ? days : [undefined]) {
        rows.push({
          productId,
          change,
          ...(variantId !== undefined && { variantId }),
          ...(date !== undefined && { date }),
          ...(expected !== undefined && { expected }),
        });
      }
    }
  }
  return rows;
}

function reportText(report: StockChangeReport): string {
  const rows = report.rows.map((row) => {
    const before = row.kind === 'changed' ? row.before : row.current;
    const after = row.kind === 'changed' ? row.after : row.current;
    const what = row.kind === 'refused' ? `refused: ${row.reason}` : row.repeated ? 'made before' : 'changed';
    return [
      ...keyCells(row.stockKey),
      leftOf(before),
      leftOf(after),
      report.dryRun ? `would be ${what}` : what,
    ];
  });
  const { changed, repeated, refused } = report;
  const summary =
    `${report.dryRun ? 'dry run: ' : ''}${changed - repeated} changed, ` +
    `${repeated} made before, ${refused} refused (change ${report.changeId})\n`;
  return table(['product', 'variant', 'date', 'left before', 'left now', ''], rows) + summary;
}

function keyCells(stockKey: string): (string | undefined)[] {
  const { productId, variantId, fulfillmentDate } = parseStockKey(stockKey);
  return [productId, variantId, fulfillmentDate];
}

function leftOf(stock: Stock | undefined): string | number | undefined {
  return stock && unitsLeft(stock.free);
}

async function show(context: OpsContext, options: KeyOptions): Promise<void> {
  const answer = answerOf(context, options);
  const filter = {
    ...(options.product && { productIds: options.product }),
    ...(options.variant && { variantIds: options.variant }),
    ...(options.date && { dates: daysOf(options.date, undefined) }),
  };
  const rows = await withDatabase(context.environment, 'read', ({ database }) =>
    stockRows(database, options.store, filter),
  );
  answer.result(rows, () => (rows.length === 0 ? 'no stock keys\n' : stockTable(rows)));
}

function stockTable(rows: readonly StockRow[]): string {
  const cells = rows.map(({ productId, variantId, date, free, held, sold, refunded }) => {
    const all = free === null ? 'unlimited' : free + held + sold + refunded;
    return [productId, variantId, date, unitsLeft(free), held, sold, refunded, all];
  });
  return table(['product', 'variant', 'date', 'left', 'held', 'sold', 'refunded', 'in all'], cells);
}
