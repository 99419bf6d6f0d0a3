/** Sessions of browsers: a random token that stands for a key, kept as its hash, for 30 days. */

import { randomBytes } from 'node:crypto';
import { hashOf, validKey } from './api-keys.js';
import { DURABLE, type Database } from '../database/database.js';
import type { ApiKeyDoc } from '../documents/documents.js';

export const SESSION_MS = 30 * 24 * 60 * 60 * 1_000;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** @returns the token, to be told once */
export async function openApiSession(
  database: Database,
  keyId: string,
  now = Date.now(),
): Promise<{ token: string; expiresAt: Date }> {
  const token = randomBytes(32).toString('base64url');
  const expiresAt = new Date(now + SESSION_MS);
  const doc = { _id: hashOf(token), keyId, createdAt: new Date(now), expiresAt };
  await database.apiSessions.insertOne(doc, { writeConcern: DURABLE });
  return { token, expiresAt };
}

/** The key that the session stands for; undefined when the session is over or its key revoked. */
export async function keyOfApiSession(
  database: Database,
  token: string,
  now = Date.now(),
): Promise<ApiKeyDoc | undefined> {
  if (!TOKEN.test(token)) return undefined;
  const session = await database.apiSessions.findOne({ _id: hashOf(token) });
  if (!session || session.expiresAt.getTime() <= now) return undefined;
  return validKey(database, session.keyId);
}

export async function closeApiSession(database: Database, token: string): Promise<void> {
  await database.apiSessions.deleteOne({ _id: hashOf(token) }, { writeConcern: DURABLE });
}
