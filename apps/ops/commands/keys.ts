/** `keys create|list|revoke`: who may use the API. */

import type { Command } from 'commander';
import { API_SCOPES, createApiKey, listApiKeys, revokeApiKey, type ApiScope } from '@holdfast/store';
import { table } from '../answer.js';
import { answerOf, examples, type CommonOptions, type OpsContext } from '../context.js';
import { EXIT } from '../failures.js';
import { withDatabase } from '../servers.js';
import { idOf } from '../values.js';

interface CreateOptions extends CommonOptions {
  store?: string;
  scope: ApiScope;
  name: string;
}

const SCOPES = `
Scopes:
  merchant    everything of one store
  read-only   looks at one store
  storefront  what a checkout asks of one store: availability, orders
  operator    everything of every store
`;

export function addKeyCommands(program: Command, context: OpsContext): void {
  const keys = program.command('keys').description('access keys of the API');
  keys
    .command('create')
    .description('Makes a key, and tells it this once.')
    .option('--store <id>', 'the store that it is for; none for an operator', idOf)
    .requiredOption('--scope <scope>', API_SCOPES.join(', '))
    .requiredOption('--name <text>', 'who or what uses it; stands as the actor of what is done with it')
    .addHelpText(
      'after',
      SCOPES + examples('keys create --store bakery --scope merchant --name "Jo, till 2"'),
    )
    .action((_options, command: Command) => create(context, command.optsWithGlobals()));
  keys
    .command('list')
    .description('Lists keys, revoked ones too; never their secrets.')
    .option('--store <id>', 'only keys of this store', idOf)
    .action((_options, command: Command) => list(context, command.optsWithGlobals()));
  keys
    .command('revoke <keyId>')
    .description('Ends a key and every session that was opened with it, within a second.')
    .addHelpText('after', examples('keys revoke 3f9k2m1q8z7a'))
    .action((keyId: string, _options, command: Command) => revoke(context, keyId, command.optsWithGlobals()));
}

async function create(context: OpsContext, options: CreateOptions): Promise<void> {
  const answer = answerOf(context, options);
  const { scope, name, store: storeId = null } = options;
  const made = await withDatabase(context.environment, 'write', ({ database }) =>
    createApiKey(database, { scope, name, storeId }),
  );
  answer.result(made, () => `${made.key}\n`);
  answer.warn('keep it now: it is not shown again');
}

async function list(context: OpsContext, options: CommonOptions & { store?: string }): Promise<void> {
  const answer = answerOf(context, options);
  const docs = await withDatabase(context.environment, 'read', ({ database }) =>
    listApiKeys(database, options.store),
  );
  const keys = docs.map(({ _id: keyId, scope, storeId, name, createdAt, revokedAt, lastUsedAt }) => ({
    keyId,
    scope,
    storeId,
    name,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  }));
  answer.result(keys, () =>
    table(
      ['key', 'scope', 'store', 'name', 'made', 'last used', ''],
      keys.map((key) => [
        `hf_${key.keyId}_…`,
        key.scope,
        key.storeId ?? '(all)',
        key.name,
        dayOf(key.createdAt),
        key.lastUsedAt ? dayOf(key.lastUsedAt) : 'never',
        key.revokedAt ? `revoked ${dayOf(key.revokedAt)}` : '',
      ]),
    ),
  );
}

async function revoke(context: OpsContext, shown: string, options: CommonOptions): Promise<void> {
  const answer = answerOf(context, options);
  // As the list shows it, or the id alone.
  const keyId = /^hf_([a-z0-9]+)/.exec(shown)?.[1] ?? shown;
  const revoked = await withDatabase(context.environment, 'write', ({ database }) =>
    revokeApiKey(database, keyId),
  );
  if (!revoked) context.exitCode = EXIT.refused;
  answer.result({ keyId, revoked }, () => (revoked ? `${keyId} is revoked\n` : `there is no key ${keyId}\n`));
}

function dayOf(time: string): string {
  return time.slice(0, 10);
}
