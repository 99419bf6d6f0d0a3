import { mongo } from 'mongoose';
import { ContentFault, RefusedFault, TransientFault } from '@holdfast/core';
import { faultOf } from './faults.js';

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
