import { stackEnvironment } from '@holdfast/config';

/**
 * The broker and the replica set that the whole test run shares. Keep apart from other test files by a database
 * name, topic names and group ids of your own.
 */
export function testStack(): { brokers: string[]; mongoUri: string } {
  const { brokers, mongoUri } = stackEnvironment();
  if (!brokers || !mongoUri) throw new Error('no test stack: is the test in a project with a globalSetup?');
  return { brokers, mongoUri };
}
