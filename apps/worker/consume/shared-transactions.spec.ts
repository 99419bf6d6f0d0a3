import { ContentFault, GuardFault, LaneLostFault, TransientFault, type OrderEvent } from '@holdfast/core';
import type { LaneBatch } from '@holdfast/messaging';
import { ManualClock } from '../../../libs/messaging/testing/manual-clock.js';
import { SharedTransactions } from './shared-transactions.js';

type Batch = LaneBatch<OrderEvent>;

function batchOf(lane: number, records = 1, attempts = 1, bytes = 10): Batch {
  const record = {
    topic: 'OrderPlaced',
    partition: lane,
    offset: 0,
    timestamp: 0,
    key: null,
    value: Buffer.alloc(bytes),
    headers: [],
  };
  const poison = { errorClass: 'not-json', message: 'no' };
  const items = Array.from({ length: records }, () => ({ record, poison }));
  return { lane, owner: 'me', items, positions: new Map(), attempts };
}

/** An applier that the test answers for; `calls` has the lanes of each transaction. */
class Transactions {
  readonly calls: number[][] = [];
  readonly #open: { lanes: number[]; end: (error?: Error) => void }[] = [];

  takeLane = () => Promise.resolve();

  apply = (batches: readonly Batch[]): Promise<void> => {
    const lanes = batches.map(({ lane }) => lane);
    this.calls.push(lanes);
    return new Promise((resolve, reject) => {
      this.#open.push({ lanes, end: (error) => (error ? reject(error) : resolve()) });
    });
  };

  /** Ends the oldest open one, and lets everything that follows from it happen. */
  async end(error?: Error): Promise<void> {
    const first = this.#open.shift();
    if (!first) throw new Error('no transaction is open');
    first.end(error);
    await new Promise(setImmediate);
  }
}

function setUp(lingerMs = 0) {
  const transactions = new Transactions();
  const clock = new ManualClock();
  const shared = new SharedTransactions(transactions, lingerMs, clock);
  /** what became of each batch, by lane */
  const told = new Map<number, string>();
  const apply = (batch: Batch): void => {
    shared.apply(batch).then(
      () => told.set(batch.lane, 'applied'),
      (error: Error) => told.set(batch.lane, error.message),
    );
  };
  return { transactions, apply, told, clock };
}

describe('small batches of several lanes', () => {
  it('that arrive while one is applied go together with the next transaction', async () => {
    const { transactions, apply, told } = setUp();
    for (const lane of [0, 1, 2]) apply(batchOf(lane));
    expect(transactions.calls).toEqual([[0]]);
    await transactions.end();
    expect(transactions.calls).toEqual([[0], [1, 2]]);
    expect([...told]).toEqual([[0, 'applied']]);
    await transactions.end();
    expect([...told.keys()]).toEqual([0, 1, 2]);
    apply(batchOf(0));
    expect(transactions.calls).toEqual([[0], [1, 2], [0]]);
  });

  it('are gathered for a moment after the last transaction began; the first does not wait', async () => {
    const { transactions, apply, clock } = setUp(20);
    apply(batchOf(0));
    expect(transactions.calls).toEqual([[0]]);
    clock.advance(5);
    await transactions.end();
    apply(batchOf(1));
    clock.advance(14);
    apply(batchOf(2));
    await new Promise(setImmediate);
    expect(transactions.calls).toEqual([[0]]);
    clock.advance(1);
    await new Promise(setImmediate);
    expect(transactions.calls).toEqual([[0], [1, 2]]);
  });

  it('wait no longer when the clock is set back', async () => {
    const { transactions, apply, clock } = setUp(20);
    apply(batchOf(0));
    clock.advance(-3_600_000);
    await transactions.end();
    apply(batchOf(1));
    clock.advance(20);
    await new Promise(setImmediate);
    expect(transactions.calls).toEqual([[0], [1]]);
  });

  it('do not wait for a large one, nor it for them', () => {
    const { transactions, apply } = setUp();
    apply(batchOf(0));
    apply(batchOf(1, 100));
    apply(batchOf(2, 2, 1, 200_000));
    apply(batchOf(3));
    expect(transactions.calls).toEqual([[0], [1], [2]]);
  });

  it('all hear of an outage', async () => {
    const { transactions, apply, told } = setUp();
    for (const lane of [0, 1, 2]) apply(batchOf(lane));
    await transactions.end();
    await transactions.end(new TransientFault('away'));
    expect([...told]).toEqual([
      [0, 'applied'],
      [1, 'away'],
      [2, 'away'],
    ]);
    expect(transactions.calls).toHaveLength(2);
  });

  it.each([
    ['a record that cannot be applied', new ContentFault('too-large', 'too large')],
    ['a lane that has another owner', new LaneLostFault('lost')],
    ['a guard that does not hold', new GuardFault('held 0')],
    ['an unknown error', new Error('unknown')],
  ])('are each applied by themselves after %s, and it is the fault of one alone', async (_, error) => {
    const { transactions, apply, told } = setUp();
    for (const lane of [0, 1, 2, 3]) apply(batchOf(lane));
    await transactions.end();
    await transactions.end(error);
    expect(transactions.calls.slice(2)).toEqual([[1], [2], [3]]);
    await transactions.end();
    await transactions.end(error);
    await transactions.end();
    expect(Object.fromEntries(told)).toEqual({ 0: 'applied', 1: 'applied', 2: error.message, 3: 'applied' });
  });

  it('that were tried before go by themselves', async () => {
    const { transactions, apply } = setUp();
    for (const [lane, attempts] of [
      [0, 1],
      [1, 2],
      [2, 1],
      [3, 1],
    ] as const) {
      apply(batchOf(lane, 1, attempts));
    }
    expect(transactions.calls).toEqual([[0], [1]]);
    await transactions.end();
    expect(transactions.calls).toEqual([[0], [1], [2, 3]]);
  });
});
