/** A stack's servers as anybody reaches them, and the processes that they are. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { withAdmin as withAdminOf } from '@holdfast/messaging';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { mongo } from 'mongoose';

const execute = promisify(execFile);

export function withAdmin<T>(
  { brokers }: { brokers: string[] },
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  return withAdminOf(new Kafka({ brokers, logLevel: logLevel.NOTHING }), work);
}

export async function inDocuments<T>(
  { mongoUri }: { mongoUri: string },
  work: (documents: mongo.Collection<{ _id: number }>) => Promise<T>,
): Promise<T> {
  const client = await mongo.MongoClient.connect(mongoUri);
  try {
    return await work(client.db('test').collection<{ _id: number }>('documents'));
  } finally {
    await client.close();
  }
}

/** The processes, watchers among them, that have the folder in their command line. */
export async function processesOf(folder: string): Promise<string[]> {
  const { stdout } = await execute('ps', ['-ww', '-e', '-o', 'pid=,args=']);
  return stdout.split('\n').filter((line) => line.includes(folder));
}
