/** Which of the database's errors mean "again", which "wait", and which "this content can never be written". */

import mongoose, { mongo } from 'mongoose';
import { ContentFault, GuardFault, RefusedFault, TransientFault, type StockChange } from '@holdfast/core';

/** Somebody else changed what this batch read: read again, decide again. Never leaves this library. */
export class ConflictFault extends Error {
  override name = 'ConflictFault';
}

/** A guard of a statement did not hold: what the batch had read is not what the database has. */
export class GuardMiss extends ConflictFault {
  override name = 'GuardMiss';
  constructor(
    message: string,
    /** what was to be changed of the stock; empty when the guard is of something else */
    readonly changes: readonly StockChange[],
  ) {
    super(message);
  }
}

export const AUDIT_SAYS_WHERE = 'stock and orders do not agree, `npm run ops -- audit` says where';

const DUPLICATE_KEY = 11000;
const WRITE_CONFLICT = 112;
/** the server has given the transaction up; nothing of it was kept */
const NO_SUCH_TRANSACTION = 251;
/** a number is to be added to what is none */
const TYPE_MISMATCH = 14;
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;
/** document, message or transaction too large, too deeply nested, key too long */
const CONTENT_CODES = new Set([10334, 17280, 17419, 15, 257, 388]);
/** interrupted, not primary, shutting down, overloaded, no room on its disk, too few members left, and the like */
const TRANSIENT_CODES = new Set([
  6, 7, 24, 43, 50, 64, 89, 91, 100, 133, 134, 189, 202, 211, 225, 244, 237, 239, 246, 262, 263, 279, 290,
  317, 358, 365, 384, 9001, 10058, 10107, 11600, 11601, 11602, 13435, 13436, 14031,
]);

/** A connection that breaks while a large command is written: the driver passes on the socket's own error. */
const BROKEN_CONNECTION = new Set([
  'EPIPE',
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);
/** a member that was taken out of the replica set while it was asked; the driver exports no type for it */
const POOL_CLOSED = 'MongoPoolClosedError';

/** The same error by what to do about it; unknown errors come back as they are. */
export function faultOf(error: unknown): unknown {
  if (error instanceof ConflictFault) return error;
  // What broke a bulk write comes wrapped as an error of the server, whatever it was.
  if (error instanceof mongo.MongoBulkWriteError && error.errorResponse instanceof Error) {
    return faultOf(error.errorResponse);
  }
  if (error instanceof mongo.MongoServerError) {
    const code = Number(error.code);
    if (code === DUPLICATE_KEY || code === WRITE_CONFLICT || code === NO_SUCH_TRANSACTION)
      return new ConflictFault(error.message);
    if (code === UNAUTHORIZED || code === AUTHENTICATION_FAILED) return refusal(error);
    if (code === TYPE_MISMATCH) return new GuardFault(`${error.message}: ${AUDIT_SAYS_WHERE}`);
    if (CONTENT_CODES.has(code)) return new ContentFault('too-large', error.message, { cause: error });
    if (TRANSIENT_CODES.has(code) || error.hasErrorLabel('TransientTransactionError')) {
      return new TransientFault(error.message, { cause: error });
    }
    return error;
  }
  if (
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoServerSelectionError ||
    // The first connection of all fails with an error of mongoose's own.
    error instanceof mongoose.Error.MongooseServerSelectionError ||
    error instanceof mongo.MongoNotConnectedError ||
    error instanceof mongo.MongoTopologyClosedError ||
    error instanceof mongo.MongoServerClosedError ||
    isBrokenConnection(error) ||
    (error instanceof mongo.MongoError && error.hasErrorLabel('TransientTransactionError'))
  ) {
    return new TransientFault(error.message, { cause: error });
  }
  if (isTooLarge(error)) return new ContentFault('too-large', String(error), { cause: error });
  return error;
}

function isBrokenConnection(error: unknown): error is NodeJS.ErrnoException {
  const { code, name } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  return name === POOL_CLOSED || BROKEN_CONNECTION.has(String(code));
}

/**
 * For a batch of records: no answer of the server but those about their content says that they are at fault, also one
 * that nobody here knows.
 */
export function faultOfBatch(error: unknown): unknown {
  const fault = faultOf(error);
  return fault instanceof mongo.MongoError ? new TransientFault(fault.message, { cause: fault }) : fault;
}

const GRANTS = '`npm run ops -- topics acl` prints what each process has to be granted';

/** The server's own text has the whole command in it, with what the customer ordered. */
function refusal(error: mongo.MongoServerError): RefusedFault {
  const { code, message } = error;
  if (code === AUTHENTICATION_FAILED) {
    return new RefusedFault(
      'MongoDB does not let this user in: correct MONGODB_USERNAME, MONGODB_PASSWORD_FILE or MONGODB_AUTH_SOURCE',
    );
  }
  const found = /not authorized on (\S+) to execute command \{ (\w+): (?:"([^"]*)"|\w+)/.exec(message);
  const [, database = '?', command = 'a command', collection] = found ?? [];
  const where = collection === undefined ? database : `${database}.${collection}`;
  return new RefusedFault(`MongoDB does not let this user do ${command} on ${where}: ${GRANTS}`);
}

function isTooLarge(error: unknown): boolean {
  return (
    error instanceof RangeError ||
    (error instanceof Error && error.name === 'MongoInvalidArgumentError' && /too large/.test(error.message))
  );
}
