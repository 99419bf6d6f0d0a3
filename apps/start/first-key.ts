/** A key for whoever starts Holdfast the first time, who has none yet to sign in with. */

import type { Stack } from '@holdfast/local-stack';
import { connect, createApiKey } from '@holdfast/store';

/**
 * An operator's key, where none was ever made and the servers are this machine's own.
 * Servers that the environment names are somebody's: there a key is made by who asks for one (`ops keys create`).
 */
export async function firstKey(stack: Stack, databaseName: string): Promise<string | undefined> {
  if (stack.kind === 'environment') return undefined;
  const database = await connect({ uri: stack.mongoUri, ...stack.mongoSecurity, database: databaseName });
  try {
    if (await database.apiKeys.findOne({}, { projection: { _id: 1 } })) return undefined;
    const { key } = await createApiKey(database, { scope: 'operator', storeId: null, name: 'npm start' });
    return key;
  } finally {
    await database.close();
  }
}
