/** Servers that run already. They are looked at once, so that a wrong address is named at the start. */

import { mongo } from 'mongoose';
import { brokerAnswers } from './broker.js';
import { mongoClientOptions, type KafkaSecurity, type MongoSecurity } from './secure-clients.js';
import type { Stack, StackEnvironment } from './stack.js';
import { StackError } from './stack-error.js';

const answerLimitMs = 10_000;
const AUTHENTICATION_FAILED = 18;

/** @throws StackError when one of them does not answer, or the database is no replica set */
export async function useEnvironmentStack(
  brokers: readonly string[],
  mongoUri: string,
  { kafkaSecurity = {}, mongoSecurity = {} }: Pick<StackEnvironment, 'kafkaSecurity' | 'mongoSecurity'> = {},
): Promise<Stack> {
  await Promise.all([checkBroker(brokers, kafkaSecurity), checkReplicaSet(mongoUri, mongoSecurity)]);
  return {
    kind: 'environment',
    brokers: [...brokers],
    mongoUri,
    kafkaSecurity,
    mongoSecurity,
    stop: () => Promise.resolve(),
  };
}

async function checkBroker(brokers: readonly string[], security: KafkaSecurity): Promise<void> {
  const limit = AbortSignal.timeout(answerLimitMs);
  await brokerAnswers(brokers, limit, security).catch((error: unknown) => {
    throw new StackError(
      `the broker of KAFKA_BROKERS does not let this user in (${(error as Error).message})`,
      'correct KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME or the password',
    );
  });
  if (limit.aborted) {
    throw new StackError(
      'no broker of KAFKA_BROKERS answers',
      'start it, or correct or unset the setting; see that KAFKA_TLS says what it wants',
    );
  }
}

async function checkReplicaSet(mongoUri: string, security: MongoSecurity): Promise<void> {
  const client = new mongo.MongoClient(mongoUri, {
    serverSelectionTimeoutMS: answerLimitMs,
    ...mongoClientOptions(security),
  });
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
    if (error instanceof mongo.MongoServerError && error.code === AUTHENTICATION_FAILED) {
      throw new StackError(
        'the server of MONGODB_URI does not let this user in',
        'correct MONGODB_USERNAME, the password or MONGODB_AUTH_SOURCE',
      );
    }
    throw new StackError(
      `the server of MONGODB_URI does not answer (${error.name})`,
      'start it, or correct or unset the setting',
    );
  } finally {
    await client.close();
  }
}
