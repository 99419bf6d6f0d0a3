/** Which of the database's errors mean "again", which "wait", and which "this content can never be written". */

import { mongo } from 'mongoose';
import { ContentFault, TransientFault } from '@holdfast/core';

/** Somebody else changed what this batch read: read again, decide again. Never leaves this library. */
export class ConflictFault extends Error {
  override name = 'ConflictFault';
}

const DUPLICATE_KEY = 11000;
const WRITE_CONFLICT = 112;
/** the server has given the transaction up; nothing of it was kept */
const NO_SUCH_TRANSACTION = 251;
/** document or message too large, too deeply nested, key too long */
const CONTENT_CODES = new Set([10334, 17280, 17419, 15]);
/** interrupted, not primary, shutting down and the like */
const TRANSIENT_CODES = new Set([
  6, 7, 24, 43, 50, 89, 91, 133, 134, 189, 225, 244, 237, 239, 246, 262, 263, 290, 317, 358, 384, 9001, 10058,
  10107, 11600, 11601, 11602, 13435, 13436,
]);

/** The same error by what to do about it; unknown errors come back as they are. */
export function faultOf(error: unknown): unknown {
  if (error instanceof ConflictFault) return error;
  if (error instanceof mongo.MongoServerError) {
    const code = Number(error.code);
    if (code === DUPLICATE_KEY || code === WRITE_CONFLICT || code === NO_SUCH_TRANSACTION)
      return new ConflictFault(error.message);
    if (CONTENT_CODES.has(code)) return new ContentFault('too-large', error.message, { cause: error });
    if (TRANSIENT_CODES.has(code) || error.hasErrorLabel('TransientTransactionError')) {
      return new TransientFault(error.message, { cause: error });
    }
    return error;
  }
  if (
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoServerSelectionError ||
    error instanceof mongo.MongoNotConnectedError ||
    error instanceof mongo.MongoTopologyClosedError ||
    (error instanceof mongo.MongoError && error.hasErrorLabel('TransientTransactionError'))
  ) {
    return new TransientFault(error.message, { cause: error });
  }
  if (isTooLarge(error)) return new ContentFault('too-large', String(error), { cause: error });
  return error;
}

function isTooLarge(error: unknown): boolean {
  return (
    error instanceof RangeError ||
    (error instanceof Error && error.name === 'MongoInvalidArgumentError' && /too large/.test(error.message))
  );
}
