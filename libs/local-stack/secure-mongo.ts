/** A replica set of one that speaks TLS alone and lets in whom it knows: the administrator, and users without a right. */

import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { foundReplicaSet, REPLICA_SET } from './replica-set.js';
import type { SecureFiles } from './secure-kafka.js';
import { SECURE_USERS, type Passwords } from './secure-users.js';

const AUTHENTICATION_FAILED = 18;
const ALREADY_INITIALIZED = 23;
const USER_EXISTS = 51003;

export interface SecureMongo {
  arguments: readonly string[];
  /** Founds the replica set and makes its users where need be; resolves when it takes writes. */
  ready(port: number, signal: AbortSignal): Promise<void>;
}

/** @param ca text of the authority's certificate */
export async function secureMongo(
  files: SecureFiles,
  ca: string,
  passwords: Passwords,
): Promise<SecureMongo> {
  // What members of a replica set show each other; mongod wants it for itself alone.
  const keyFile = join(files.folder, 'replica-set.key');
  await rm(keyFile, { force: true });
  await writeFile(keyFile, randomBytes(96).toString('base64'), { mode: 0o400 });
  return {
    arguments: [
      '--tlsMode',
      'requireTLS',
      '--tlsCertificateKeyFile',
      files.server,
      '--tlsCAFile',
      files.ca,
      '--tlsAllowConnectionsWithoutCertificates',
      '--keyFile',
      keyFile,
    ],
    ready: (port, signal) => becomesPrimary({ address: `127.0.0.1:${port}`, ca, passwords }, signal),
  };
}

interface Place {
  address: string;
  ca: string;
  passwords: Passwords;
}

async function becomesPrimary(place: Place, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await asAdmin(place, async (admin) => {
        await foundReplicaSet(admin, place.address);
        await untilPrimary(admin, signal);
        for (const user of SECURE_USERS) {
          if (user !== 'admin') await makeUser(admin, user, place.passwords[user], []);
        }
      });
      return;
    } catch (error) {
      if (!(error instanceof mongo.MongoError)) throw error;
      // A server that knows nobody yet lets anyone on this machine make the first user, and nothing else.
      if (error.code === AUTHENTICATION_FAILED) await makeFirst(place, signal).catch(ignoreMongo);
      await delay(50);
    }
  }
}

function ignoreMongo(error: unknown): void {
  if (!(error instanceof mongo.MongoError)) throw error;
}

async function makeFirst({ address, ca, passwords }: Place, signal: AbortSignal): Promise<void> {
  await withClient(address, { tls: true, ca }, async (admin) => {
    const members = [{ _id: 0, host: address }];
    await admin
      .command({ replSetInitiate: { _id: REPLICA_SET, members } })
      .catch((error: mongo.MongoServerError) => {
        if (error.code !== ALREADY_INITIALIZED) throw error;
      });
    await untilPrimary(admin, signal);
    await makeUser(admin, 'admin', passwords.admin, ['root']);
  });
}

async function untilPrimary(admin: mongo.Db, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if ((await admin.command({ hello: 1 }))['isWritablePrimary'] === true) return;
    await delay(20);
  }
}

async function makeUser(admin: mongo.Db, user: string, pwd: string, roles: string[]): Promise<void> {
  await admin.command({ createUser: user, pwd, roles }).catch((error: mongo.MongoServerError) => {
    if (error.code !== USER_EXISTS) throw error;
  });
}

function asAdmin<T>({ address, ca, passwords }: Place, work: (admin: mongo.Db) => Promise<T>): Promise<T> {
  const auth = { username: 'admin', password: passwords.admin };
  return withClient(address, { tls: true, ca, auth, authSource: 'admin' }, work);
}

async function withClient<T>(
  address: string,
  options: mongo.MongoClientOptions,
  work: (admin: mongo.Db) => Promise<T>,
): Promise<T> {
  const client = new mongo.MongoClient(`mongodb://${address}/?directConnection=true`, {
    serverSelectionTimeoutMS: 250,
    ...options,
  });
  try {
    return await work(client.db('admin'));
  } finally {
    await client.close();
  }
}
