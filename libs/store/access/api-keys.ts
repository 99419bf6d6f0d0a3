/**
 * Keys of the API: `hf_<keyId>_<secret>`. The secret is 32 random bytes, so that a plain hash of it is as good
 * as a slow one: there is nothing to guess. It is told once, when the key is made, and never kept.
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { DURABLE, type Database } from '../database/database.js';
import { API_SCOPES, type ApiKeyDoc, type ApiScope } from '../documents/documents.js';
import { faultOf } from '../database/faults.js';
import { InputFault, type InputProblem } from '../input/input-fault.js';
import { idProblems } from '../settings/settings-writes.js';

const PREFIX = 'hf_';
const SECRET_BYTES = 32;
const KEY_ID = /^[a-z0-9]{12}$/;
const MAX_NAME = 100;
/** `lastUsedAt` is true to this much: a key in use costs one write an hour. */
const LAST_USED_MS = 60 * 60 * 1_000;

export interface NewApiKey {
  scope: ApiScope;
  /** null: all stores, which is for operators */
  storeId: string | null;
  /** who or what has it; shown as the actor of what is done with it */
  name: string;
}

export interface MadeApiKey extends NewApiKey {
  keyId: string;
  /** the whole key with its secret: to be told once */
  key: string;
}

/** @throws InputFault naming each wrong field; TransientFault */
export async function createApiKey(database: Database, wanted: NewApiKey): Promise<MadeApiKey> {
  const problems = keyProblems(wanted);
  if (problems.length === 0 && wanted.storeId !== null) {
    problems.push(...(await storeProblems(database, wanted.storeId)));
  }
  if (problems.length > 0) throw new InputFault(problems);
  const { scope, storeId, name } = wanted;
  const keyId = newKeyId();
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const doc: ApiKeyDoc = { _id: keyId, hash: hashOf(secret), scope, storeId, name, createdAt: new Date() };
  try {
    await database.apiKeys.insertOne(doc, { writeConcern: DURABLE });
  } catch (error) {
    throw faultOf(error);
  }
  return { keyId, scope, storeId, name, key: `${PREFIX}${keyId}_${secret}` };
}

/** Newest first, revoked ones too. The hash is left out. */
export async function listApiKeys(database: Database, storeId?: string): Promise<Omit<ApiKeyDoc, 'hash'>[]> {
  const filter = storeId === undefined ? {} : { storeId };
  return database.apiKeys
    .find<Omit<ApiKeyDoc, 'hash'>>(filter, { projection: { hash: 0 }, sort: { createdAt: -1, _id: 1 } })
    .toArray();
}

/** The key and every session that was opened with it. @returns false when there is no such key */
export async function revokeApiKey(database: Database, keyId: string): Promise<boolean> {
  const revoke = [{ $set: { revokedAt: { $ifNull: ['$revokedAt', '$$NOW'] } } }];
  const reply = await database.apiKeys.updateOne({ _id: keyId }, revoke, { writeConcern: DURABLE });
  // Refused already, as their key is: this only tidies up.
  await database.apiSessions.deleteMany({ keyId });
  return reply.matchedCount === 1;
}

/** The key's document when the text is a key that was made and not revoked. */
export async function verifyApiKey(database: Database, text: string): Promise<ApiKeyDoc | undefined> {
  const parts = partsOf(text);
  if (!parts) return undefined;
  const doc = await validKey(database, parts.keyId);
  if (!doc) return undefined;
  return timingSafeEqual(Buffer.from(hashOf(parts.secret)), Buffer.from(doc.hash)) ? doc : undefined;
}

/** The key by its id, unless it was revoked. */
export async function validKey(database: Database, keyId: string): Promise<ApiKeyDoc | undefined> {
  const doc = await database.apiKeys.findOne({ _id: keyId });
  return doc && !doc.revokedAt ? doc : undefined;
}

/** Notes that the key is in use, at most once an hour. */
export async function noteKeyUse(database: Database, doc: ApiKeyDoc, now = Date.now()): Promise<void> {
  if (doc.lastUsedAt && now - doc.lastUsedAt.getTime() < LAST_USED_MS) return;
  await database.apiKeys.updateOne({ _id: doc._id }, { $set: { lastUsedAt: new Date(now) } });
}

/** SHA-256, hex. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function partsOf(text: string): { keyId: string; secret: string } | undefined {
  if (!text.startsWith(PREFIX) || text.length > 200) return undefined;
  const [keyId = '', ...rest] = text.slice(PREFIX.length).split('_');
  // The secret may hold the separator itself.
  const secret = rest.join('_');
  return KEY_ID.test(keyId) && secret !== '' ? { keyId, secret } : undefined;
}

function newKeyId(): string {
  return randomBytes(8).readBigUInt64BE().toString(36).padStart(13, '0').slice(-12);
}

function keyProblems({ scope, storeId, name }: NewApiKey): InputProblem[] {
  const problems: InputProblem[] = [];
  if (!API_SCOPES.includes(scope)) {
    const remedy = `use one of ${API_SCOPES.join(', ')}`;
    problems.push({ field: 'scope', problem: `${JSON.stringify(scope)} is not a scope`, remedy });
  } else if (storeId === null && scope !== 'operator') {
    const remedy = 'say which store; only an operator key is for all';
    problems.push({ field: 'storeId', problem: 'is missing', remedy });
  } else if (storeId !== null && scope === 'operator') {
    const remedy = 'leave the store away, or make a merchant key';
    problems.push({ field: 'storeId', problem: 'an operator key is for all stores', remedy });
  }
  if (storeId !== null) problems.push(...idProblems('storeId', storeId));
  if (name.trim() === '' || name.length > MAX_NAME) {
    const remedy = `say in 1 to ${MAX_NAME} characters who or what uses the key`;
    problems.push({ field: 'name', problem: `${name.length} characters`, remedy });
  }
  return problems;
}

async function storeProblems(database: Database, storeId: string): Promise<InputProblem[]> {
  const known = await database.stores.findOne({ _id: storeId }, { projection: { _id: 1 } });
  if (known) return [];
  const remedy = 'make it first (`ops store set`), or mend the id';
  return [{ field: 'storeId', problem: `there is no store ${storeId}`, remedy }];
}
