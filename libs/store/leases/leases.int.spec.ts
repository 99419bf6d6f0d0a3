import { randomUUID } from 'node:crypto';
import {
  buryDeadWorkers,
  holdLease,
  registerWorker,
  releaseLease,
  renewWorker,
  Sessions,
  unregisterWorker,
  type WorkerIdentity,
} from '../index.js';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.drop());
beforeEach(() => test.clear());

const ROLES = ['consume', 'expire', 'relay'];

function processOf(workerId: string): WorkerIdentity {
  return { workerId, incarnation: randomUUID() };
}

function register(worker: WorkerIdentity, sessions = test.sessions): Promise<void> {
  return registerWorker(test.database, worker, ROLES, sessions.ids());
}

describe('two processes of one name', () => {
  const [earlier, later] = [processOf('w'), processOf('w')];

  it('are told apart: the earlier one is superseded, the later one goes on', async () => {
    await register(earlier);
    expect(await renewWorker(test.database, earlier)).toBe('renewed');
    await register(later);
    expect(await renewWorker(test.database, earlier)).toBe('superseded');
    expect(await renewWorker(test.database, later)).toBe('renewed');
  });

  it('hand the leases of the name over at once, and not back', async () => {
    await register(earlier);
    expect(await holdLease(test.database, 'relay', earlier)).toBe(true);
    await register(later);
    expect(await holdLease(test.database, 'relay', earlier)).toBe(false);
    expect(await holdLease(test.database, 'relay', later)).toBe(true);
    await releaseLease(test.database, 'relay', earlier);
    expect(await holdLease(test.database, 'relay', processOf('other'))).toBe(false);
  });

  it('do not take each other out of the list', async () => {
    await register(earlier);
    await register(later);
    await unregisterWorker(test.database, earlier);
    expect(await renewWorker(test.database, later)).toBe('renewed');
    await unregisterWorker(test.database, later);
    expect(await renewWorker(test.database, later)).toBe('gone');
  });

  it('leave no transaction of the earlier one open, and keep the sessions of the later one', async () => {
    await test.product('bakery', 'mug');
    await test.stock('bakery', { mug: 5 });
    const sessions = new Sessions(test.database, 1);
    try {
      await register(earlier, sessions);
      await sessions.use(async (session) => {
        session.startTransaction();
        const mug = { _id: 'bakery/mug/-/-' };
        await test.database.stock.updateOne(mug, { $inc: { held: 1 } }, { session });
        await register(later);
        // Its key is free again: nobody waits for the server to give up on it.
        await test.stock('bakery', { mug: 7 });
        await expect(session.commitTransaction()).rejects.toThrow();
      });
      const worker = await test.database.workers.findOne({ _id: 'w' });
      expect(worker).toMatchObject({ incarnation: later.incarnation });
      expect(worker?.sessions).toEqual(test.sessions.ids());
    } finally {
      await sessions.close();
    }
  });
});

describe('a worker that was taken for dead', () => {
  it('is buried once its time is over, and may register again', async () => {
    const worker = processOf('w');
    await register(worker);
    expect(await buryDeadWorkers(test.database)).toEqual([]);
    await test.database.workers.updateOne({ _id: 'w' }, { $set: { until: new Date(0) } });
    expect(await buryDeadWorkers(test.database)).toEqual(['w']);
    expect(await renewWorker(test.database, worker)).toBe('gone');
    await register(worker);
    expect(await renewWorker(test.database, worker)).toBe('renewed');
  });
});
