import { ContentFault, GuardFault, LaneLostFault, RefusedFault, TransientFault } from '@holdfast/core';
import { AbandonedBatch, FaultPolicy, UnrecoverableFault } from './fault-policy.js';
import type { ConsumedRecord, LaneBatch, Log, Translated } from '../records.js';
import { Semaphore } from '../semaphore.js';
import { ManualClock } from '../testing/manual-clock.js';
import { RecordingApplier } from '../testing/recording-applier.js';
import { recordsFrom } from '../testing/records.js';

function setUp(options: { maxUnknownInARow?: number } = {}) {
  const applier = new RecordingApplier<number>();
  const clock = new ManualClock();
  const abort = new AbortController();
  const warnings: string[] = [];
  const log: Log = { debug: () => {}, log: () => {}, warn: (line) => warnings.push(line), error: () => {} };
  const translate = (records: ConsumedRecord[]): Promise<Translated<number>[]> =>
    Promise.resolve(records.map((record) => ({ record, event: record.offset })));
  const gate = new Semaphore(0);
  const policy = new FaultPolicy<number>({
    lane: 3,
    owner: 'worker/1',
    applier,
    translate,
    clock,
    log,
    gate,
    signal: abort.signal,
    maxUnknownInARow: options.maxUnknownInARow ?? 20,
  });
  return { applier, clock, abort, gate, policy, warnings };
}

const positions = (nextOffset: number) => new Map([['placed', { nextOffset, timestamp: 5 }]]);

/** Rejects every batch that has the offset as an event. */
function refusing(offset: number, error: () => Error) {
  return (batch: LaneBatch<number>): Promise<void> =>
    batch.items.some((item) => 'event' in item && item.event === offset)
      ? Promise.reject(error())
      : Promise.resolve();
}

function told(batches: LaneBatch<number>[]): string[] {
  return batches.map(({ items, positions: reached }) => {
    const each = items.map((item) =>
      'event' in item ? String(item.event) : `${item.record.offset}:${item.poison.errorClass}`,
    );
    return `${each.join(' ')} -> ${reached.get('placed')?.nextOffset}`;
  });
}

describe('a batch that is applied', () => {
  it('is handed over once, with lane, owner and positions', async () => {
    const { applier, policy } = setUp();
    await policy.apply(recordsFrom('placed', 0, 3), positions(4));
    expect(applier.batches).toHaveLength(1);
    expect(applier.batches[0]).toMatchObject({ lane: 3, owner: 'worker/1', attempts: 1 });
    expect(told(applier.batches)).toEqual(['0 1 2 -> 4']);
  });

  it('may hold no record at all', async () => {
    const { applier, policy } = setUp();
    await policy.apply([], positions(9));
    expect(told(applier.batches)).toEqual([' -> 9']);
  });
});

describe('a transient fault', () => {
  it('is waited out for as long as it lasts, and then the same batch is applied', async () => {
    const { applier, clock, policy, warnings } = setUp();
    let failures = 50;
    applier.onApply = () => (failures-- > 0 ? Promise.reject(new TransientFault('away')) : Promise.resolve());
    const applying = policy.apply(recordsFrom('placed', 0, 3), positions(3));
    for (let tries = 0; tries < 50; tries++) await clock.wake(2_000);
    await applying;
    expect(told(applier.batches)).toEqual(['0 1 2 -> 3']);
    expect(applier.batches[0]?.attempts).toBe(51);
    // 100 s: told at first, and every half minute.
    expect(warnings).toHaveLength(4);
  });

  it('is given up with the lane', async () => {
    const { applier, clock, abort, policy } = setUp();
    applier.onApply = () => Promise.reject(new TransientFault('away'));
    const applying = policy.apply(recordsFrom('placed', 0, 1), positions(1));
    await clock.asleep();
    abort.abort();
    await expect(applying).rejects.toBeInstanceOf(AbandonedBatch);
  });
});

describe('a guard that does not hold', () => {
  it('is waited for, with a line that says so, and buries no record', async () => {
    const { applier, clock, policy, warnings } = setUp();
    let failures = 3;
    applier.onApply = () =>
      failures-- > 0 ? Promise.reject(new GuardFault('shop/cake/-/- has held 0')) : Promise.resolve();
    const applying = policy.apply(recordsFrom('placed', 0, 3), positions(3));
    for (let tries = 0; tries < 3; tries++) await clock.wake(2_000);
    await applying;
    expect(told(applier.batches)).toEqual(['0 1 2 -> 3']);
    expect(warnings).toEqual(['lane 3 waits: shop/cake/-/- has held 0']);
  });

  it('keeps no slot while it is waited for, and the wait ends with the lane', async () => {
    const { applier, clock, abort, gate, policy } = setUp();
    applier.onApply = () => Promise.reject(new GuardFault('again'));
    const applying = policy.apply(recordsFrom('placed', 0, 1), positions(1));
    await clock.asleep();
    await gate.acquire();
    abort.abort();
    gate.release();
    await expect(applying).rejects.toBeInstanceOf(AbandonedBatch);
  });
});

describe('a refusal of a server', () => {
  it('goes up as it is when a server refuses: no record is to blame, and no dead letter is written', async () => {
    const { applier, policy } = setUp();
    let tries = 0;
    applier.onApply = () => {
      tries += 1;
      return Promise.reject(new RefusedFault('may not insert'));
    };
    await expect(policy.apply(recordsFrom('placed', 0, 3), positions(4))).rejects.toBeInstanceOf(
      RefusedFault,
    );
    expect(tries).toBe(1);
  });
});

describe('a lost lane', () => {
  it('is told at once', async () => {
    const { applier, policy } = setUp();
    applier.onApply = () => Promise.reject(new LaneLostFault('worker/2 has it'));
    await expect(policy.apply(recordsFrom('placed', 0, 2), positions(2))).rejects.toBeInstanceOf(
      LaneLostFault,
    );
  });
});

describe('a fault of content', () => {
  it('halves the batch until the record is alone and a dead letter; all others are applied in order', async () => {
    const { applier, policy } = setUp();
    applier.onApply = refusing(5, () => new ContentFault('too-large', 'document too large'));
    await policy.apply(recordsFrom('placed', 0, 8), positions(10));
    expect(told(applier.batches)).toEqual(['0 1 2 3 -> 4', '4 -> 5', '5:too-large -> 6', '6 7 -> 10']);
  });

  it('counts the tries of the record for its dead letter', async () => {
    const { applier, policy } = setUp();
    applier.onApply = refusing(1, () => new ContentFault('too-large', 'document too large'));
    await policy.apply(recordsFrom('placed', 0, 2), positions(2));
    expect(applier.batches[1]?.attempts).toBe(3);
  });

  it('passes control records behind a dead letter', async () => {
    const { applier, policy } = setUp();
    applier.onApply = refusing(1, () => new ContentFault('too-large', 'document too large'));
    await policy.apply(recordsFrom('placed', 0, 2), positions(7));
    expect(told(applier.batches)).toEqual(['0 -> 1', '1:too-large -> 7']);
  });

  it('of a dead letter cannot be mended here', async () => {
    const { applier, policy } = setUp();
    applier.onApply = () => Promise.reject(new ContentFault('too-large', 'document too large'));
    await expect(policy.apply(recordsFrom('placed', 0, 1), positions(1))).rejects.toBeInstanceOf(
      UnrecoverableFault,
    );
  });
});

describe('an unknown error', () => {
  it('is tried again before it is believed', async () => {
    const { applier, clock, policy } = setUp();
    let failures = 2;
    applier.onApply = () => (failures-- > 0 ? Promise.reject(new Error('odd')) : Promise.resolve());
    const applying = policy.apply(recordsFrom('placed', 0, 4), positions(4));
    for (let tries = 0; tries < 2; tries++) await clock.wake();
    await applying;
    expect(told(applier.batches)).toEqual(['0 1 2 3 -> 4']);
  });

  it('of one record ends as its dead letter, without the words of the error', async () => {
    const { applier, clock, policy } = setUp();
    applier.onApply = refusing(2, () => new TypeError('order of Mrs Miller'));
    const applying = policy.apply(recordsFrom('placed', 0, 4), positions(4));
    let isDone = false;
    const done = applying.then(() => (isDone = true));
    while (!isDone) await Promise.race([clock.wake(), done]);
    expect(told(applier.batches)).toEqual(['0 1 -> 2', '2:type-error -> 3', '3 -> 4']);
    const [poisoned] = applier.batches[1]?.items ?? [];
    expect(JSON.stringify(poisoned && 'poison' in poisoned && poisoned.poison)).not.toContain('Miller');
  });

  it('of many records in a row is a fault of ours', async () => {
    const { applier, clock, policy } = setUp({ maxUnknownInARow: 3 });
    applier.onApply = (batch) =>
      batch.items.some((item) => 'event' in item) ? Promise.reject(new TypeError('bug')) : Promise.resolve();
    const applying = policy.apply(recordsFrom('placed', 0, 16), positions(16)).then(
      () => undefined,
      (error: unknown) => error,
    );
    let failure: unknown;
    const done = applying.then((error) => (failure = error));
    while (!failure) await Promise.race([clock.wake(), done]);
    expect(failure).toBeInstanceOf(UnrecoverableFault);
    expect(applier.items).toHaveLength(3);
  });

  it('of records that are not in a row does not stop anything', async () => {
    const { applier, clock, policy } = setUp({ maxUnknownInARow: 1 });
    applier.onApply = (batch) =>
      batch.items.some((item) => 'event' in item && item.event % 2 === 1)
        ? Promise.reject(new TypeError('bug'))
        : Promise.resolve();
    let isDone = false;
    const done = policy.apply(recordsFrom('placed', 0, 8), positions(8)).then(() => (isDone = true));
    while (!isDone) await Promise.race([clock.wake(), done]);
    expect(applier.items).toHaveLength(8);
  });

  it('where there is no record stops at last', async () => {
    const { applier, clock, policy } = setUp();
    applier.onApply = () => Promise.reject(new Error('odd'));
    const applying = policy.apply([], positions(4)).catch((error: unknown) => error);
    for (let tries = 0; tries < 2; tries++) await clock.wake();
    expect(await applying).toBeInstanceOf(UnrecoverableFault);
  });
});
