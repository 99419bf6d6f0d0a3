/** A replica set of one: founding it, moving it to another port, and seeing that it takes writes. */

import { setTimeout as delay } from 'node:timers/promises';
import { mongo } from 'mongoose';

export const REPLICA_SET = 'holdfast';

/** A worker that dies leaves its transaction open and its keys locked; 60 s, the default, is long (design §5). */
export const MONGOD_PARAMETERS: Readonly<Record<string, string | number | boolean>> = {
  transactionLifetimeLimitSeconds: 10,
};

/** GB, or what mongod takes by itself: half of the memory that it may use, above the first GB. */
export type CacheSize = number | "mongod's";

/** Words of mongod's command; 1 GB unless given, since the stack runs beside other work. */
export function cacheWords(size: CacheSize = 1): string[] {
  return size === "mongod's" ? [] : ['--wiredTigerCacheSizeGB', String(size)];
}

/**
 * Resolves when the server takes writes, or when the signal is aborted. Founds the replica set, or tells it of its
 * new address, where need be.
 * @param address `host:port` under which it is reached from here
 * @param member `host:port` under which it reaches itself
 */
export async function becomesPrimary(address: string, member: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const client = new mongo.MongoClient(`mongodb://${address}/?directConnection=true`, {
      serverSelectionTimeoutMS: 250,
    });
    try {
      const admin = client.db('admin');
      await foundReplicaSet(admin, member);
      while (!signal.aborted) {
        const hello = await admin.command({ hello: 1 });
        if (hello['isWritablePrimary'] === true) return;
        await delay(20);
      }
    } catch (error) {
      if (!(error instanceof mongo.MongoError)) throw error;
      await delay(50); // not yet
    } finally {
      await client.close();
    }
  }
}

interface ReplicaSetConfig extends mongo.Document {
  version: number;
  members: { _id: number; host: string }[];
}

/** @throws MongoServerError when this user may not */
export async function foundReplicaSet(admin: mongo.Db, host: string): Promise<void> {
  const member = { _id: 0, host };
  try {
    const { config } = (await admin.command({ replSetGetConfig: 1 })) as unknown as {
      config: ReplicaSetConfig;
    };
    if (config.members[0]?.host === host) return;
    const moved = { ...config, version: config.version + 1, members: [{ ...config.members[0], ...member }] };
    await admin.command({ replSetReconfig: moved, force: true });
  } catch (error) {
    if (!(error instanceof mongo.MongoServerError) || error.codeName !== 'NotYetInitialized') throw error;
    await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [member] } });
  }
}
