/**
 * Writes that may be sent again: the first with an `Idempotency-Key` is done and its answer kept for a day; the same
 * again gets that answer. Who dies in the middle leaves a lock that lapses; whoever repeats the request then does
 * it with the ids that the first one made up, so that what was done is found and not done twice.
 */

import { createHash } from 'node:crypto';
import { mongo } from 'mongoose';
import { DURABLE, type Database } from '../database/database.js';
import type { ApiRequestDoc } from '../documents/documents.js';

export const KEPT_MS = 24 * 60 * 60 * 1_000;
/** Longer than any request takes. */
export const LOCK_MS = 60_000;
const MAX_ANSWER_BYTES = 15_000_000;

export interface KeptAnswer {
  status: number;
  type: string;
  /** as it is sent, compressed by whoever keeps it */
  body: Buffer;
}

export type Begun =
  | { kind: 'go'; seed: string }
  | { kind: 'answered'; answer: KeptAnswer }
  | { kind: 'other-request' }
  | { kind: 'under-way' };

export interface IdempotentRequest {
  /** who asks: keys of several callers do not meet */
  caller: string;
  key: string;
  /** method, path and body */
  content: readonly string[];
}

/** As it has begun. */
export interface LockedRequest extends IdempotentRequest {
  /** of the ids that it makes up; tells its lock from that of another attempt */
  seed: string;
}

/** @throws what the driver throws; the request may be locked all the same (`releaseRequest`) */
export async function beginRequest(
  database: Database,
  request: LockedRequest,
  now = Date.now(),
): Promise<Begun> {
  const _id = idOf(request);
  const hash = digest(request.content);
  const fresh: ApiRequestDoc = {
    _id,
    request: hash,
    seed: request.seed,
    lockedUntil: new Date(now + LOCK_MS),
    expiresAt: new Date(now + KEPT_MS),
  };
  // Forgotten in name, and not yet taken away.
  await database.apiRequests.deleteOne({ _id, expiresAt: { $lte: new Date(now) } });
  try {
    await database.apiRequests.insertOne(fresh, { writeConcern: DURABLE });
    return { kind: 'go', seed: request.seed };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 11000) throw error;
  }
  const known = await database.apiRequests.findOne({ _id });
  if (!known) return { kind: 'under-way' };
  if (known.request !== hash) return { kind: 'other-request' };
  if (known.answer) return { kind: 'answered', answer: answerOf(known.answer) };
  const taken = await database.apiRequests.updateOne(
    { _id, answer: { $exists: false }, lockedUntil: { $lte: new Date(now) } },
    { $set: { lockedUntil: new Date(now + LOCK_MS) } },
    { writeConcern: DURABLE },
  );
  return taken.matchedCount === 1 ? { kind: 'go', seed: known.seed } : { kind: 'under-way' };
}

export async function keepAnswer(
  database: Database,
  request: LockedRequest,
  answer: KeptAnswer,
): Promise<void> {
  if (answer.body.length > MAX_ANSWER_BYTES) return releaseRequest(database, request);
  const kept = { ...answer, body: new mongo.Binary(answer.body) };
  await database.apiRequests.updateOne(
    { _id: idOf(request) },
    { $set: { answer: kept }, $unset: { lockedUntil: '' } },
    { writeConcern: DURABLE },
  );
}

/** It failed, and may have done a part: sent again it goes on, with the same ids. */
export async function releaseRequest(database: Database, request: LockedRequest): Promise<void> {
  const own = { _id: idOf(request), seed: request.seed, answer: { $exists: false } };
  await database.apiRequests.updateOne(own, { $set: { lockedUntil: new Date(0) } });
}

/** It was refused, and nothing was done: the key may be used for another attempt. */
export async function forgetRequest(database: Database, request: IdempotentRequest): Promise<void> {
  await database.apiRequests.deleteOne({ _id: idOf(request) });
}

function answerOf({ status, type, body }: NonNullable<ApiRequestDoc['answer']>): KeptAnswer {
  return { status, type, body: Buffer.from(body.buffer) };
}

function idOf({ caller, key }: IdempotentRequest): string {
  return digest([caller, key]);
}

function digest(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}
