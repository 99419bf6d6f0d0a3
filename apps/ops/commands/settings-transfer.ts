/** `settings export|import`: settings of stores and products as a file. */

import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { exportSettings, importSettings, type ExportedSettings } from '@holdfast/store';
import { table } from '../answer.js';
import { answerOf, examples, type CommonOptions, type OpsContext } from '../context.js';
import { UsageFault } from '../failures.js';
import { withDatabase } from '../servers.js';
import { collected, idOf } from '../values.js';
import { warnOfUnlimited } from './unlimited-warnings.js';

interface ExportOptions extends CommonOptions {
  store?: string[];
  file?: string;
}

interface ImportOptions extends CommonOptions {
  file: string;
  into?: string;
  yes?: boolean;
}

export function addSettingsTransferCommands(program: Command, context: OpsContext): void {
  const settings = program.command('settings').description('settings of stores and products as a file');
  settings
    .command('export')
    .description('Writes the settings of all stores and their products as JSON, as of one moment.')
    .option('--store <id>', 'of this store only; may be given several times', collected(idOf))
    .option('--file <path>', 'into this file instead of stdout')
    .addHelpText('after', examples('settings export --file settings.json'))
    .action((_options, command: Command) => exportCommand(context, command.optsWithGlobals()));
  settings
    .command('import')
    .description(
      'Sets stores and products as a file says that `settings export` wrote; what the file does not have is left ' +
        'alone. Without --yes it only says what would change.',
    )
    .requiredOption('--file <path>', 'the file')
    .option('--into <name>', 'into this database instead of the one that MONGODB_DATABASE names')
    .option('--yes', 'do it')
    .addHelpText('after', examples('settings import --file settings.json --into holdfast2 --yes'))
    .action((_options, command: Command) => importCommand(context, command.optsWithGlobals()));
}

async function exportCommand(context: OpsContext, options: ExportOptions): Promise<void> {
  const answer = answerOf(context, options);
  const exported = await withDatabase(context.environment, 'read', ({ database }) =>
    exportSettings(database, options.store),
  );
  const text = JSON.stringify(exported, null, 2) + '\n';
  if (options.file === undefined) return context.streams.out(text);
  await writeFile(options.file, text);
  const products = exported.stores.reduce((sum, store) => sum + store.products.length, 0);
  const written = { file: options.file, stores: exported.stores.length, products };
  answer.result(
    written,
    () => `${written.stores} stores and ${products} products written to ${options.file}\n`,
  );
}

async function importCommand(context: OpsContext, options: ImportOptions): Promise<void> {
  const answer = answerOf(context, options);
  const settings = await readSettingsFile(options.file);
  const stores = await withDatabase(
    context.environment,
    options.yes ? 'write' : 'read',
    ({ database }) => importSettings(database, settings, options.yes === true),
    options.into,
  );
  answer.result({ dryRun: options.yes !== true, stores }, () => {
    const rows = stores.map(({ storeId, changed, products, left }) => [
      storeId,
      changed ? 'yes' : 'no',
      products,
      left,
    ]);
    const listed = table(['store', 'changed', 'products changed', 'products left alone'], rows);
    return listed + (options.yes ? '' : 'nothing was changed; --yes does it\n');
  });
  warnOfUnlimited(
    answer,
    stores.flatMap(({ warnings }) => warnings),
  );
}

/** Its content is looked over when it is imported. @throws UsageFault when it cannot be read */
export async function readSettingsFile(path: string): Promise<ExportedSettings> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ExportedSettings;
  } catch (error) {
    throw new UsageFault(`${path} cannot be read: ${(error as Error).message}`);
  }
}
