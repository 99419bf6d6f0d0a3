/**
 * Reads a whole collection, or a range of it, batch after batch: the next one is on its way while one is worked on,
 * and documents are read here rather than by the driver (see commands.ts). For reads of very many documents.
 */

import { mongo } from 'mongoose';
import { readDocument } from './bson-reader.js';

export interface Scan {
  collection: string;
  filter?: mongo.Document;
  projection?: mongo.Document;
  sort?: mongo.Document;
  hint?: mongo.Document;
  /** most documents of a batch; one of large documents ends at 16 MB */
  batchSize: number;
}

/** What the driver keeps of it, and does not declare. */
interface Snapshot {
  snapshotTime?: unknown;
}

interface Batch<T> {
  id: mongo.Long | number;
  docs: T[];
}

/**
 * @param session one that has read something already where it is to see one moment: the driver learns the moment from
 *   the answers to its own reads alone
 * @throws MongoServerError
 */
export async function* scan<T>(
  db: mongo.Db,
  { collection, batchSize, ...find }: Scan,
  session: mongo.ClientSession,
): AsyncGenerator<T[]> {
  const { snapshotEnabled, snapshotTime } = session as mongo.ClientSession & Snapshot;
  if (snapshotEnabled && !snapshotTime) throw new Error('the snapshot has no moment yet');
  const next = (id: mongo.Long | number): Promise<Batch<T>> =>
    ask<T>(db, { getMore: mongo.Long.fromValue(id), collection, batchSize }, session);
  let coming: Promise<Batch<T>> | undefined = ask<T>(db, { find: collection, ...find, batchSize }, session);
  try {
    while (coming) {
      const { id, docs }: Batch<T> = await coming;
      coming = isOpen(id) ? next(id) : undefined;
      // Awaited a turn later; until then a failure must not count as unhandled.
      coming?.catch(() => undefined);
      if (docs.length > 0) yield docs;
    }
  } finally {
    // Given up in the middle: the server need not keep it.
    const left = await coming?.catch(() => undefined);
    if (left && isOpen(left.id)) await kill(db, collection, left.id, session);
  }
}

function isOpen(id: mongo.Long | number): boolean {
  return !mongo.Long.fromValue(id).isZero();
}

async function ask<T>(
  db: mongo.Db,
  command: mongo.Document,
  session: mongo.ClientSession,
): Promise<Batch<T>> {
  const reply = (await db.command(command, { session, raw: true })) as unknown as { cursor: Uint8Array };
  const bytes = Buffer.from(reply.cursor.buffer, reply.cursor.byteOffset, reply.cursor.byteLength);
  const cursor = readDocument(bytes) as { id: mongo.Long | number; firstBatch?: T[]; nextBatch?: T[] };
  return { id: cursor.id, docs: cursor.firstBatch ?? cursor.nextBatch ?? [] };
}

async function kill(
  db: mongo.Db,
  collection: string,
  id: mongo.Long | number,
  session: mongo.ClientSession,
): Promise<void> {
  const command = { killCursors: collection, cursors: [mongo.Long.fromValue(id)] };
  await db.command(command, { session }).catch(() => undefined);
}
