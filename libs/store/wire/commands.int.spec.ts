import { mongo } from 'mongoose';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { findByIds } from './commands.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.drop());

describe('a read of documents by id', () => {
  it('asks the server once, also when all of them are there', async () => {
    const { db, stores } = test.database;
    const ids = ['a', 'b', 'c'];
    await stores.insertMany(ids.map((_id) => ({ _id })) as never);
    const command = jest.spyOn(db, 'command');
    const found = await test.sessions.use((session) => findByIds(db, 'stores', ids, session));
    expect(found.map(({ _id }) => _id)).toEqual(ids);
    expect(command).toHaveBeenCalledTimes(1);
    command.mockRestore();
  });

  it('leaves what the server says beside them to the driver, which finds its way to a new primary by it', async () => {
    const wrong = { free: { $bad: 1 } };
    const error: unknown = await test.sessions
      .use((session) => findByIds(test.database.db, 'stock', ['s/p/-/-'], session, wrong))
      .catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(mongo.MongoServerError);
    const { $clusterTime } = error as unknown as { $clusterTime: { clusterTime: unknown } };
    expect($clusterTime.clusterTime).toBeInstanceOf(mongo.Timestamp);
  });
});
