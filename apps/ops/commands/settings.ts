/** `store set|show` and `product set`: what is counted, and how. */

import type { Command } from 'commander';
import type { Inventory } from '@holdfast/core';
import { setProducts, setStore } from '@holdfast/store';
import { fields, table, type Cell } from '../answer.js';
import { answerOf, examples, type CommonOptions, type OpsContext } from '../context.js';
import { EXIT, UsageFault } from '../failures.js';
import { withDatabase } from '../servers.js';
import { collected, duration, durationText, idOf, listOf, onOrOff } from '../values.js';
import { warnOfUnlimited } from './unlimited-warnings.js';

interface StoreOptions extends CommonOptions {
  store: string;
  timezone?: string;
  fulfillmentDates?: boolean;
  hold?: number;
}

interface ProductOptions extends CommonOptions {
  store: string;
  product: string[];
  inventory: Inventory;
  variants?: string[];
  anyVariant?: boolean;
}

export function addSettingsCommands(program: Command, context: OpsContext): void {
  const store = program.command('store').description('settings of a store');
  store
    .command('set')
    .description('Sets the time zone, fulfillment dates on or off, or how long checkout holds items.')
    .requiredOption('--store <id>', 'the store', idOf)
    .option('--timezone <zone>', 'IANA time zone that its dates are in, such as Europe/Berlin')
    .option('--fulfillment-dates <on|off>', 'whether stock is kept per calendar date', onOrOff)
    .option('--hold <time>', 'how long an unpaid order holds its items, 1s to 7d', duration)
    .addHelpText(
      'after',
      examples(
        'store set --store bakery --timezone Europe/Berlin --fulfillment-dates on',
        'store set --store bakery --hold 30m',
      ),
    )
    .action((_options, command: Command) => setStoreCommand(context, command.optsWithGlobals()));
  store
    .command('show')
    .description('Shows the settings of a store and its products.')
    .requiredOption('--store <id>', 'the store', idOf)
    .addHelpText('after', examples('store show --store bakery'))
    .action((_options, command: Command) => showStore(context, command.optsWithGlobals()));
  program
    .command('product')
    .description('settings of products')
    .command('set')
    .description('Turns the inventory of products off, or on for the product as a whole or by variant.')
    .requiredOption('--store <id>', 'the store', idOf)
    .requiredOption('--product <id>', 'the product; may be given several times', collected(idOf))
    .requiredOption('--inventory <off|product|variant>', 'what is counted')
    .option('--variants <a,b,…>', 'its only variants: others are refused', listOf(idOf))
    .option('--any-variant', 'take the list of variants away')
    .addHelpText(
      'after',
      examples(
        'product set --store bakery --product rye-loaf --inventory product',
        'product set --store bakery --product shirt --inventory variant --variants S,M,L',
      ),
    )
    .action((_options, command: Command) => setProductCommand(context, command.optsWithGlobals()));
}

async function setStoreCommand(context: OpsContext, options: StoreOptions): Promise<void> {
  const { store, timezone, fulfillmentDates, hold } = options;
  const answer = answerOf(context, options);
  if (timezone === undefined && fulfillmentDates === undefined && hold === undefined) {
    throw new UsageFault('nothing to set: give --timezone, --fulfillment-dates or --hold');
  }
  const changed = await withDatabase(context.environment, 'write', ({ database }) =>
    setStore(database, store, {
      ...(timezone !== undefined && { timeZone: timezone }),
      ...(fulfillmentDates !== undefined && { fulfillmentDates }),
      ...(hold !== undefined && { holdMs: hold }),
    }),
  );
  const { after } = changed;
  answer.result(changed, () =>
    fields([
      ['store', store],
      ['time zone', after.timeZone],
      ['fulfillment dates', after.fulfillmentDates ? 'on' : 'off'],
      ['hold', durationText(after.holdMs)],
    ]),
  );
  warnOfUnlimited(answer, changed.warnings);
}

async function setProductCommand(context: OpsContext, options: ProductOptions): Promise<void> {
  const { store, product, inventory, variants, anyVariant } = options;
  const answer = answerOf(context, options);
  if (variants && anyVariant) throw new UsageFault('give --variants or --any-variant, not both');
  const change = { inventory, ...(anyVariant ? { variants: null } : variants && { variants }) };
  const products = await withDatabase(context.environment, 'write', ({ database }) =>
    setProducts(database, store, product, change),
  );
  const warnings = products.flatMap((changed) => changed.warnings);
  answer.result({ storeId: store, products, warnings }, () =>
    productTable(
      products.map(({ productId, after }) => [productId, after.inventory, after.variants?.join(',')]),
    ),
  );
  warnOfUnlimited(answer, warnings);
}

async function showStore(context: OpsContext, options: StoreOptions): Promise<void> {
  const answer = answerOf(context, options);
  const { store, products } = await withDatabase(context.environment, 'read', async ({ database }) => ({
    store: await database.stores.findOne({ _id: options.store }),
    products: await database.products.find({ storeId: options.store }, { sort: { productId: 1 } }).toArray(),
  }));
  if (!store) {
    context.exitCode = EXIT.refused;
    const message = `the store ${options.store} is not known: it has no settings (store set makes it)`;
    answer.result({ error: { kind: 'unknown-store', message } }, () => '');
    answer.warn(message);
    return;
  }
  const { _id: storeId, timeZone, fulfillmentDates, holdMs, settingsVersion } = store;
  const settings = { timeZone, fulfillmentDates, holdMs };
  const listed = products.map(({ productId, inventory, variants }) => ({ productId, inventory, variants }));
  answer.result({ storeId, settings, settingsVersion, products: listed }, () =>
    [
      fields([
        ['store', storeId],
        ['time zone', timeZone],
        ['fulfillment dates', fulfillmentDates ? 'on' : 'off'],
        ['hold', durationText(holdMs)],
      ]),
      productTable(
        listed.map(({ productId, inventory, variants }) => [productId, inventory, variants?.join(',')]),
      ),
    ].join('\n'),
  );
}

function productTable(rows: Cell[][]): string {
  return table(['product', 'inventory', 'variants'], rows);
}
