import { mongo } from 'mongoose';
import { ContentFault, GuardFault, RefusedFault, TransientFault } from '@holdfast/core';
import { faultOf, faultOfBatch } from './faults.js';

describe('what the database refuses', () => {
  it('is told by command and collection, without what was to be written', () => {
    const message =
      'not authorized on shop to execute command { insert: "orders", documents: [ { customerId: "c-7" } ] }';
    const fault = faultOf(new mongo.MongoServerError({ message, code: 13 }));
    expect(fault).toBeInstanceOf(RefusedFault);
    expect((fault as Error).message).toContain('let this user do insert on shop.orders');
    expect((fault as Error).message).not.toContain('c-7');
    expect(String((fault as Error).cause)).not.toContain('c-7');
  });

  it('is a login, too', () => {
    const fault = faultOf(new mongo.MongoServerError({ message: 'Authentication failed.', code: 18 }));
    expect(fault).toBeInstanceOf(RefusedFault);
    expect((fault as Error).message).toContain('MONGODB_USERNAME');
  });
});

describe('what the database cannot do now', () => {
  it.each([
    ['a disk is full', 14031],
    ['the cache is under pressure', 365],
    ['a majority did not answer in time', 64],
    ['too few members are left', 100],
  ])('is waited for: %s', (message, code) => {
    expect(faultOf(new mongo.MongoServerError({ message, code }))).toBeInstanceOf(TransientFault);
  });

  it('is waited for when it breaks a bulk write, and what was too large for one is not', () => {
    const broken = (by: Error) => new mongo.MongoBulkWriteError(by as never, {} as never);
    const away = new mongo.MongoNetworkError('connection 4 closed');
    expect(faultOf(broken(away))).toBeInstanceOf(TransientFault);
    expect(faultOf(broken(new RangeError('offset is out of range')))).toBeInstanceOf(ContentFault);
    const unknown = new Error('of another kind');
    expect(faultOf(broken(unknown))).toBe(unknown);
  });
});

describe('what the database answers to a batch', () => {
  const answered = (code: number): unknown =>
    faultOfBatch(new mongo.MongoServerError({ message: 'no', code }));

  it.each([
    ['an error that nobody knows', 4_711, TransientFault],
    ['a transaction that is there already', 256, TransientFault],
    ['a transaction that is too large', 257, ContentFault],
    ['a transaction that does not fit the cache', 388, ContentFault],
    ['a number that is none', 14, GuardFault],
    ['a right that is missing', 13, RefusedFault],
  ])('says by its type what to do: %s', (_what, code, type) => {
    expect(answered(code)).toBeInstanceOf(type);
  });

  it('leaves errors of our own as they are', () => {
    const error = new TypeError('ours');
    expect(faultOfBatch(error)).toBe(error);
  });
});
