/** A replica set of three: founding it, telling it of new addresses, and seeing that it takes writes. */

import { setTimeout as delay } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { REPLICA_SET } from './replica-set.js';

/**
 * How long the others wait for a word of the primary before they elect another, ms. MongoDB's own default is 10 s;
 * much less than this, and a machine that is busy with other things elects without need.
 */
export const ELECTION_TIMEOUT_MS = 5_000;

interface Member {
  _id: number;
  host: string;
}

interface Config extends mongo.Document {
  version: number;
  members: Member[];
}

/** Resolves when the server answers, whatever its part in the set, or when the signal is aborted. */
export async function answers(address: string, signal: AbortSignal): Promise<void> {
  await whileNotAborted(signal, () => withClient(address, (admin) => admin.command({ hello: 1 })));
}

/**
 * Resolves when one of the members takes writes that a majority has, or when the signal is aborted. Founds the
 * set, or tells it of its members' new addresses, where need be.
 * @param members `host:port` of each, always in the same order
 */
export async function electsPrimary(members: readonly string[], signal: AbortSignal): Promise<void> {
  const [first] = members as [string, ...string[]];
  await whileNotAborted(signal, () => withClient(first, (admin) => found(admin, members)));
  await whileNotAborted(signal, async () => {
    const client = new mongo.MongoClient(replicaSetUri(members), { serverSelectionTimeoutMS: 500 });
    try {
      // No-op that is acknowledged only when a majority has it: a primary of a moment ago does not do.
      await client
        .db('admin')
        .command({ appendOplogNote: 1, data: { started: 'holdfast' }, writeConcern: { w: 'majority' } });
    } finally {
      await client.close();
    }
  });
}

export function replicaSetUri(members: readonly string[]): string {
  return `mongodb://${members.join(',')}/?replicaSet=${REPLICA_SET}`;
}

/** The configuration that makes these the members, from the one there is; undefined when they are already. */
export function configFor(current: Config | undefined, hosts: readonly string[]): mongo.Document | undefined {
  const members = hosts.map((host, _id) => ({ _id, host }));
  const settings = { electionTimeoutMillis: ELECTION_TIMEOUT_MS };
  if (!current) return { _id: REPLICA_SET, version: 1, members, settings };
  if (members.every(({ host }, at) => current.members[at]?.host === host)) return undefined;
  const moved = members.map((member, at) => ({ ...current.members[at], ...member }));
  return { ...current, version: current.version + 1, members: moved };
}

async function found(admin: mongo.Db, hosts: readonly string[]): Promise<void> {
  const current = await currentConfig(admin);
  const config = configFor(current, hosts);
  if (!config) return;
  if (!current) await admin.command({ replSetInitiate: config });
  // By force, since nobody is primary while the others are looked for at their old addresses.
  else await admin.command({ replSetReconfig: config, force: true });
}

async function currentConfig(admin: mongo.Db): Promise<Config | undefined> {
  try {
    return ((await admin.command({ replSetGetConfig: 1 })) as unknown as { config: Config }).config;
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.codeName === 'NotYetInitialized') return undefined;
    throw error;
  }
}

async function withClient(address: string, work: (admin: mongo.Db) => Promise<unknown>): Promise<void> {
  const client = new mongo.MongoClient(`mongodb://${address}/?directConnection=true`, {
    serverSelectionTimeoutMS: 500,
  });
  try {
    await work(client.db('admin'));
  } finally {
    await client.close();
  }
}

async function whileNotAborted(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof mongo.MongoError)) throw error;
      await delay(50); // not yet
    }
  }
}
