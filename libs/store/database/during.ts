/** Work of this process while the database has its turn: there is one thread, and it would wait. */

import { setImmediate } from 'node:timers/promises';

/**
 * The work begins once the first of the commands has gone out. Whichever fails, nothing is under way when this does: a
 * command that follows the end of its transaction would be written for itself.
 */
export async function during<T>(commands: Promise<void>, work: () => T | Promise<T>): Promise<T> {
  const [written, made] = await Promise.allSettled([commands, setImmediate().then(work)]);
  if (written.status === 'rejected') throw written.reason;
  if (made.status === 'rejected') throw made.reason;
  return made.value;
}
