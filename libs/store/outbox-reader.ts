/** The relay's side of the outbox: what waits, in order, and off with what the broker has. */

import { mongo } from 'mongoose';
import type { Database } from './database.js';
import type { OutboxDoc, OutboxLetter } from './documents.js';
import { rawOf, type RawMessage } from './outbox.js';

/**
 * The first documents by sequence. Read as a snapshot: a plain scan may pass a place before an earlier
 * document is committed there, and still meet a later one.
 * @param except ids that are being sent already
 */
export async function readOutbox(
  database: Database,
  limit: number,
  except: readonly string[],
): Promise<OutboxDoc[]> {
  // A new session each time: a snapshot session keeps looking at the moment of its first read.
  const session = database.client.startSession({ snapshot: true });
  try {
    const filter = except.length > 0 ? { _id: { $nin: [...except] } } : {};
    return await database.outbox.find(filter, { session }).sort({ _id: 1 }).limit(limit).toArray();
  } finally {
    await session.endSession();
  }
}

/** Resolves when no later `readOutbox` sees them: a snapshot shows what a majority has. */
export async function deleteFromOutbox(database: Database, ids: string[]): Promise<void> {
  await database.outbox.deleteMany({ _id: { $in: ids } }, { writeConcern: { w: 'majority' } });
}

const LETTERS_BUCKET = 'deadLetters';

/** Keeps a value that is too large for a document. The same id twice keeps the first. */
export async function keepLargeValue(database: Database, id: string, value: Buffer): Promise<void> {
  const bucket = new mongo.GridFSBucket(database.db, { bucketName: LETTERS_BUCKET });
  const known = await bucket.find({ filename: id }).limit(1).next();
  if (known) return;
  await new Promise<void>((resolve, reject) => {
    bucket
      .openUploadStream(id)
      .once('finish', () => resolve())
      .once('error', reject)
      .end(value);
  });
}

/** @throws when the file is not there */
export async function readLargeValue(database: Database, id: string): Promise<Buffer> {
  const bucket = new mongo.GridFSBucket(database.db, { bucketName: LETTERS_BUCKET });
  const chunks: Buffer[] = [];
  for await (const chunk of bucket.openDownloadStreamByName(id)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export async function deleteLargeValue(database: Database, id: string): Promise<void> {
  const bucket = new mongo.GridFSBucket(database.db, { bucketName: LETTERS_BUCKET });
  for await (const file of bucket.find({ filename: id })) await bucket.delete(file._id);
}

/** A letter as it goes out, its value fetched from where it is kept. */
export async function rawLetter(database: Database, letter: OutboxLetter): Promise<RawMessage> {
  return rawOf(letter, letter.file === undefined ? null : await readLargeValue(database, letter.file));
}
