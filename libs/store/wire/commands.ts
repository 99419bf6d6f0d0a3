/**
 * The commands of a batch, with documents encoded and read here. The driver does all the rest: sessions, transactions,
 * the choice of a server, errors.
 */

import { mongo } from 'mongoose';
import { readDocument } from './bson-reader.js';
import { sequenceOf, type EncodedSequence } from './encoded-sequence.js';

export interface UpdateStatement {
  q: Record<string, unknown>;
  u: Record<string, unknown>;
  multi: boolean;
}

interface Cursor<T> {
  id: mongo.Long | number;
  documents: T[];
}

/**
 * Documents come as bytes; all else is read by the driver, which needs it: were the whole answer left as bytes
 * (`raw`), an error's topology version would be, too, and the driver then breaks on what the next primary says.
 */
const DOCUMENTS_AS_BYTES = { fieldsAsRaw: { firstBatch: true, nextBatch: true } };

/** The documents that are there, in the order of their ids. */
export async function findByIds<T extends { _id: string }>(
  db: mongo.Db,
  collection: string,
  ids: readonly string[],
  session: mongo.ClientSession,
  projection?: mongo.Document,
): Promise<T[]> {
  if (ids.length === 0) return [];
  const filter = { _id: { $in: ids } };
  return find(db, { find: collection, filter, ...(projection && { projection }) }, ids.length, session);
}

/** The first documents that fit, in the order of their ids. */
export function findFirst<T>(
  db: mongo.Db,
  wanted: { collection: string; filter: mongo.Document; limit: number; projection: mongo.Document },
  session: mongo.ClientSession,
): Promise<T[]> {
  const { collection, filter, limit, projection } = wanted;
  return find(db, { find: collection, filter, sort: { _id: 1 }, limit, projection }, limit, session);
}

async function find<T>(
  db: mongo.Db,
  command: mongo.Document,
  most: number,
  session: mongo.ClientSession,
): Promise<T[]> {
  // One more than there can be: with as many, the server keeps the cursor open, and is asked again for nothing.
  let cursor = await cursorOf<T>(db, { ...command, batchSize: most + 1 }, session);
  const docs = cursor.documents;
  // An answer holds 16 MB; only a batch of very long orders is larger.
  for (let id = mongo.Long.fromValue(cursor.id); !id.isZero(); id = mongo.Long.fromValue(cursor.id)) {
    cursor = await cursorOf<T>(db, { getMore: id, collection: command['find'] }, session);
    docs.push(...cursor.documents);
  }
  return docs;
}

async function cursorOf<T>(
  db: mongo.Db,
  command: mongo.Document,
  session: mongo.ClientSession,
): Promise<Cursor<T>> {
  const { cursor } = (await db.command(command, { session, ...DOCUMENTS_AS_BYTES })) as unknown as {
    cursor: { id: mongo.Long | number; firstBatch?: Uint8Array[]; nextBatch?: Uint8Array[] };
  };
  const documents = (cursor.firstBatch ?? cursor.nextBatch ?? []).map((bytes) =>
    readDocument(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
  );
  return { id: cursor.id, documents: documents as T[] };
}

/** What is to be inserted, as it goes over the wire. */
export type Insertion = EncodedSequence | undefined;

export function insertionOf(documents: readonly object[]): Insertion {
  return documents.length === 0 ? undefined : sequenceOf('documents', documents);
}

/** @throws MongoServerError */
export async function insertAll(
  db: mongo.Db,
  collection: string,
  documents: Insertion,
  session: mongo.ClientSession,
): Promise<void> {
  if (documents) await write(db, { insert: collection, documents }, documents, session);
}

/** @returns how many documents the statements matched. @throws MongoServerError */
export async function updateAll(
  db: mongo.Db,
  collection: string,
  statements: readonly UpdateStatement[],
  session: mongo.ClientSession,
): Promise<number> {
  if (statements.length === 0) return 0;
  const updates = sequenceOf('updates', statements);
  return write(db, { update: collection, updates }, updates, session);
}

async function write(
  db: mongo.Db,
  command: mongo.Document,
  sequence: EncodedSequence,
  session: mongo.ClientSession,
): Promise<number> {
  const reply = (await db.command(command, { session }).finally(() => sequence.letGo())) as unknown as {
    n: number;
    writeErrors?: { code: number; errmsg: string }[];
  };
  const first = reply.writeErrors?.[0];
  if (first) throw new mongo.MongoServerError({ message: first.errmsg, code: first.code });
  return reply.n;
}
