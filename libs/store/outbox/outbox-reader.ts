/** The relay's side of the outbox: what waits, in order, and off with what the broker has. */

import { mongo } from 'mongoose';
import { cloudEventHeaders, type PublishedTopic } from '@holdfast/contracts';
import type { Database } from '../database/database.js';
import type { OutboxDoc } from '../documents/documents.js';
import { faultOfBatch } from '../database/faults.js';
import { unpacked, type RawOutboxMessage } from './outbox-messages.js';

/**
 * The first documents by sequence. Their ids are read as a snapshot: a plain scan may pass a place before an
 * earlier document is committed there, and still meet a later one.
 * @param except ids that are being sent already
 * @param recall gives a document that this process still has in memory
 */
export async function readOutbox(
  database: Database,
  limit: number,
  except: readonly string[],
  recall: (id: string) => OutboxDoc | undefined,
): Promise<OutboxDoc[]> {
  const ids = await firstIds(database, limit, except);
  const docs = new Map<string, OutboxDoc>();
  for (const id of ids) {
    const known = recall(id);
    if (known) docs.set(id, known);
  }
  const unknown = ids.filter((id) => !docs.has(id));
  if (unknown.length > 0) {
    for (const doc of await database.outbox.find({ _id: { $in: unknown } }).toArray()) docs.set(doc._id, doc);
  }
  // One that is gone by now was published by another process.
  return ids.flatMap((id) => docs.get(id) ?? []);
}

async function firstIds(database: Database, limit: number, except: readonly string[]): Promise<string[]> {
  // A new session each time: a snapshot session keeps looking at the moment of its first read.
  const session = database.client.startSession({ snapshot: true });
  try {
    const filter = except.length > 0 ? { _id: { $nin: [...except] } } : {};
    const found = database.outbox.find(filter, { session, projection: { _id: 1 } });
    return (await found.sort({ _id: 1 }).limit(limit).toArray()).map(({ _id }) => _id);
  } finally {
    await session.endSession();
  }
}

/** A message as it goes out, its topic with the prefix. */
export interface OutgoingOutboxMessage extends Omit<RawOutboxMessage, 'id'> {
  headers: readonly (readonly [name: string, value: Buffer])[];
}

/** A document's messages as they go out, in order. */
export function outgoingOf(doc: OutboxDoc, topicPrefix: string): OutgoingOutboxMessage[] {
  const time = doc.at.toISOString();
  const headersOf = new Map(
    doc.topics.map((topic) => [
      topic,
      cloudEventHeaders(topic as PublishedTopic, time, { trace: doc.trace }),
    ]),
  );
  return unpacked(doc).map(({ topic, key, id, value }) => {
    return { topic: topicPrefix + topic, key, value, headers: headersOf.get(topic)?.(id) ?? [] };
  });
}

/** Resolves when no later `readOutbox` sees them: a snapshot shows what a majority has. */
export async function deleteFromOutbox(database: Database, ids: string[]): Promise<void> {
  await database.outbox.deleteMany({ _id: { $in: ids } }, { writeConcern: { w: 'majority' } });
}

const LETTERS_BUCKET = 'deadLetters';

/**
 * Keeps a value that is too large for a document. The same id twice keeps the first.
 * @throws TransientFault when the database is away
 */
export async function keepLargeValue(database: Database, id: string, value: Buffer): Promise<void> {
  const bucket = new mongo.GridFSBucket(database.db, { bucketName: LETTERS_BUCKET });
  try {
    const known = await bucket.find({ filename: id }).limit(1).next();
    if (known) return;
    await new Promise<void>((resolve, reject) => {
      bucket
        .openUploadStream(id)
        .once('finish', () => resolve())
        .once('error', reject)
        .end(value);
    });
  } catch (error) {
    throw faultOfBatch(error);
  }
}

/** Undefined when it is not there any more. */
export async function readLargeValue(database: Database, id: string): Promise<Buffer | undefined> {
  const bucket = new mongo.GridFSBucket(database.db, { bucketName: LETTERS_BUCKET });
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of bucket.openDownloadStreamByName(id)) chunks.push(chunk as Buffer);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('FileNotFound')) return undefined;
    throw error;
  }
  return Buffer.concat(chunks);
}

export async function deleteLargeValue(database: Database, id: string): Promise<void> {
  const bucket = new mongo.GridFSBucket(database.db, { bucketName: LETTERS_BUCKET });
  for await (const file of bucket.find({ filename: id })) await bucket.delete(file._id);
}
