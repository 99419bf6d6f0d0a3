/** Servers that run already. They are looked at once, so that a wrong address is named at the start. */

import { mongo } from 'mongoose';
import { brokerAnswers } from './broker.js';
import type { Stack } from './stack.js';
import { StackError } from './stack-error.js';

const answerLimitMs = 10_000;

/** @throws StackError when one of them does not answer, or the database is no replica set */
export async function useEnvironmentStack(brokers: readonly string[], mongoUri: string): Promise<Stack> {
  await Promise.all([checkBroker(brokers), checkReplicaSet(mongoUri)]);
  return { kind: 'environment', brokers: [...brokers], mongoUri, stop: () => Promise.resolve() };
}

async function checkBroker(brokers: readonly string[]): Promise<void> {
  const limit = AbortSignal.timeout(answerLimitMs);
  await brokerAnswers(brokers, limit);
  if (limit.aborted) {
    throw new StackError('no broker of KAFKA_BROKERS answers', 'start it, or correct or unset the setting');
  }
}

async function checkReplicaSet(mongoUri: string): Promise<void> {
  const client = new mongo.MongoClient(mongoUri, { serverSelectionTimeoutMS: answerLimitMs });
  try {
    const hello = await client.db('admin').command({ hello: 1 });
    if (hello['setName'] === undefined && hello['msg'] !== 'isdbgrid') {
      throw new StackError(
        'the server of MONGODB_URI is not part of a replica set, so it has no transactions',
        'start it with --replSet and run rs.initiate(), or name another',
      );
    }
  } catch (error) {
    if (!(error instanceof mongo.MongoError)) throw error;
    throw new StackError(
      `the server of MONGODB_URI does not answer (${error.name})`,
      'start it, or correct or unset the setting',
    );
  } finally {
    await client.close();
  }
}
