/** What the brokers refuse for good, in words that say what to do. */

import { RefusedFault } from '@holdfast/core';

interface KafkaError extends Error {
  type?: string;
  cause?: unknown;
  originalError?: unknown;
}

const GRANTS = '`npm run ops -- topics acl` prints what each process has to be granted';

/** @returns undefined for every other error */
export function refusalOf(error: unknown): RefusedFault | undefined {
  if (error instanceof RefusedFault) return error;
  for (let at = error as KafkaError | undefined, depth = 0; at instanceof Error && depth < 10; depth++) {
    if (at.name === 'KafkaJSSASLAuthenticationError') {
      return new RefusedFault(
        `Kafka does not let this user in (${at.message}): correct KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME or ` +
          'KAFKA_SASL_PASSWORD_FILE',
        { cause: error },
      );
    }
    if (at.type?.endsWith('_AUTHORIZATION_FAILED')) {
      return new RefusedFault(`Kafka does not let this user do what it has to (${at.message}): ${GRANTS}`, {
        cause: error,
      });
    }
    at = (at.cause ?? at.originalError) as KafkaError | undefined;
  }
  return undefined;
}
