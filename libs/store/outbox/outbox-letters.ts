/** Dead letters on their way out of the outbox. What its topic does not take stays in the database, and a stub goes. */

import { RefusedFault } from '@holdfast/core';
import type { Database } from '../database/database.js';
import type { OutboxLetter } from '../documents/documents.js';
import { rawOf, type RawMessage } from './outbox.js';
import { deleteLargeValue, keepLargeValue, readLargeValue } from './outbox-reader.js';

/** A broker hangs up on a request of 100 MB, whatever its topics take, so that a larger letter is not tried whole. */
const MAX_WHOLE_BYTES = 50_000_000;

/**
 * Each by itself: one that its topic does not take must not keep others back.
 * @param send says false when the topic does not take so much
 * @returns the name of the file that has the value, when only a stub went out
 * @throws RefusedFault when the topic does not even take that
 */
export async function publishLetter(
  database: Database,
  letter: OutboxLetter,
  send: (message: RawMessage) => Promise<boolean>,
): Promise<string | undefined> {
  const message = await messageOf(database, letter);
  // Its value is deleted once it is out: it comes again after a crash, or its record has died twice.
  if (!message) return undefined;
  if ((message.value?.length ?? 0) > MAX_WHOLE_BYTES || !(await send(message))) {
    return publishStub(database, message, send);
  }
  if (letter.file !== undefined) await deleteLargeValue(database, letter.file);
  return undefined;
}

async function messageOf(database: Database, letter: OutboxLetter): Promise<RawMessage | undefined> {
  if (letter.file === undefined) return rawOf(letter, null);
  const value = await readLargeValue(database, letter.file);
  return value && rawOf(letter, value);
}

/** However small the value: a record that came compressed may be larger than what a topic takes plain. */
async function publishStub(
  database: Database,
  { topic, key, value, headers }: RawMessage,
  send: (message: RawMessage) => Promise<boolean>,
): Promise<string> {
  const file = placeOf(headers);
  await keepLargeValue(database, file, value ?? Buffer.alloc(0));
  const stub = Buffer.from(JSON.stringify({ file, bytes: value?.length ?? 0 }));
  const withFile: RawMessage['headers'] = [...headers, ['dead-letter-file', Buffer.from(file)]];
  if (!(await send({ topic, key, value: stub, headers: withFile }))) {
    throw new RefusedFault(
      `${topic} does not take the key and headers of ${file}: raise its max.message.bytes (\`ops topics apply\`)`,
    );
  }
  return file;
}

/** Where the record stood, as its letter says: names the file of its value. */
function placeOf(headers: RawMessage['headers']): string {
  const told = new Map(headers);
  return ['topic', 'partition', 'offset'].map((part) => String(told.get(`dead-letter-${part}`))).join('/');
}
