import { LaneLostFault, TransientFault } from '@holdfast/core';
import { Lane, type LaneLinks } from './lane.js';
import { gateway, LaneScene } from '../testing/lane-scene.js';
import { recordAt, recordsFrom } from '../testing/records.js';

function setUp(scene = new LaneScene()) {
  const calls: string[] = [];
  const links: LaneLinks = {
    pause: (topics) => calls.push(`pause ${topics.join(' ')}`),
    resume: (topics) => calls.push(`resume ${topics.join(' ')}`),
    applied: (positions, records) => {
      for (const [topic, { nextOffset }] of positions) calls.push(`${topic} ${nextOffset}`);
      calls.push(`${records} records`);
      scene.applier.tell();
    },
    lost: () => {
      calls.push('lost');
      scene.applier.tell();
    },
  };
  const lane = new Lane(0, 'worker/1', scene.context, links);
  const begin = () =>
    lane.begin(
      new Map([
        ['placed', 0],
        ['paid', 0],
      ]),
    );
  return { scene, lane, calls, begin, applier: scene.applier };
}

describe('a lane that begins', () => {
  it('tells its position before anything else, also when nothing arrives', async () => {
    const { applier, begin, calls } = setUp();
    begin();
    await applier.until(() => calls.includes('0 records'));
    expect([...(applier.batches[0]?.positions ?? [])]).toEqual([
      ['placed', { nextOffset: 0, timestamp: 0 }],
      ['paid', { nextOffset: 0, timestamp: 0 }],
    ]);
  });

  it('ignores what arrives before it', () => {
    const { applier, lane } = setUp();
    expect(lane.receive('placed', 0, recordsFrom('placed', 0, 2), 2)).toBe(true);
    expect(lane.bufferedRecords).toBe(0);
    expect(applier.batches).toHaveLength(0);
  });
});

describe('a working lane', () => {
  it('returns at once and applies what arrived meanwhile as one batch', async () => {
    const { applier, lane, begin, scene } = setUp();
    const { passed, open } = gateway();
    applier.onApply = () => passed;
    begin();
    lane.receive('placed', 0, recordsFrom('placed', 0, 1), 1);
    await new Promise(setImmediate);
    lane.receive('placed', 1, recordsFrom('placed', 1, 1), 2);
    lane.receive('paid', 0, recordsFrom('paid', 0, 1), 1);
    open();
    await applier.until(() => scene.applied.length >= 3);
    expect(applier.batches.map(({ items }) => items.length)).toEqual([1, 2]);
  });

  it('drops what does not begin where it should, and says so', async () => {
    const { applier, lane, begin, scene } = setUp();
    begin();
    expect(lane.receive('placed', 0, recordsFrom('placed', 0, 2), 2)).toBe(true);
    expect(lane.receive('placed', 5, recordsFrom('placed', 5, 2), 7)).toBe(false);
    expect(lane.receive('placed', 0, recordsFrom('placed', 0, 2), 2)).toBe(false);
    expect(lane.receive('placed', 2, recordsFrom('placed', 2, 1), 3)).toBe(true);
    await applier.until(() => scene.applied.length >= 3);
    expect(scene.applied).toEqual(['placed/0', 'placed/1', 'placed/2']);
  });

  it('tells the offsets behind each batch, control records included', async () => {
    const { applier, lane, begin, calls } = setUp();
    begin();
    lane.receive('placed', 0, recordsFrom('placed', 0, 2), 3);
    lane.receive('paid', 0, [], 4);
    await applier.until(() => calls.includes('2 records'));
    expect(calls).toEqual(expect.arrayContaining(['placed 3', 'paid 4']));
    expect([...lane.appliedOffsets]).toEqual([
      ['placed', 3],
      ['paid', 4],
    ]);
  });

  it('stops fetching when too much waits, and goes on when half of it is done', async () => {
    const { applier, lane, begin, calls, scene } = setUp();
    const { passed, open } = gateway();
    applier.onApply = () => passed;
    begin();
    lane.receive('placed', 0, recordsFrom('placed', 0, 9), 9);
    expect(calls).not.toContain('pause placed');
    lane.receive('placed', 9, recordsFrom('placed', 9, 9), 18);
    expect(calls.filter((call) => call === 'pause placed')).toHaveLength(1);
    expect(calls).not.toContain('resume placed');
    open();
    await applier.until(() => scene.applied.length >= 18);
    expect(calls.filter((call) => call === 'resume placed')).toHaveLength(1);
  });

  it('fetches a topic that runs dry, however much waits of others', async () => {
    const { applier, lane, begin, calls } = setUp();
    const { passed, open } = gateway();
    applier.onApply = () => passed;
    begin();
    await new Promise(setImmediate);
    const records = (topic: string, from: number, count: number, timestamp: number) =>
      Array.from({ length: count }, (_, at) => recordAt(topic, from + at, { timestamp }));
    const moves = () => calls.filter((call) => /^(pause|resume)/.test(call));
    lane.receive('paid', 0, records('paid', 0, 12, 2_000), 12);
    lane.receive('placed', 0, records('placed', 0, 3, 1_000), 3);
    expect(moves()).toEqual(['pause paid']);
    lane.receive('placed', 3, records('placed', 3, 3, 1_000), 6);
    expect(moves()).toEqual(['pause paid', 'pause placed']);
    open();
    await applier.until(() => applier.batches.length > 4);
    expect(moves()).toEqual(['pause paid', 'pause placed', 'resume placed', 'resume paid']);
  });

  it('waits for its turn when enough others are at work', async () => {
    const scene = new LaneScene();
    const { gate } = scene.context;
    await gate.acquire();
    await gate.acquire();
    const { lane, begin, applier, calls } = setUp(scene);
    begin();
    await applier.until(() => calls.includes('0 records'));
    lane.receive('placed', 0, recordsFrom('placed', 0, 100), 100);
    await new Promise(setImmediate);
    expect(scene.applied).toEqual([]);
    gate.release();
    // The last ones are few, and need no turn.
    await applier.until(() => scene.applied.length >= 100);
    await gate.acquire();
  });

  it('waits for nobody with a small batch', async () => {
    const scene = new LaneScene();
    const { gate } = scene.context;
    await gate.acquire();
    await gate.acquire();
    const { lane, begin, applier } = setUp(scene);
    begin();
    lane.receive('placed', 0, recordsFrom('placed', 0, 99), 99);
    await applier.until(() => scene.applied.length >= 99);
  });
});

describe('a lane whose applier waits', () => {
  /** Ten records wait when a batch of four of them is applied, whose applier calls `meanwhile` and then `look`. */
  function setUpWaiting(look: () => void = () => {}, isRefused = (_call: number) => false) {
    const calls: string[] = [];
    const scene: LaneScene = new LaneScene({
      translate: (records) => {
        calls.push(`${records[0]?.topic}/${records[0]?.offset}+${records.length}`);
        if (isRefused(calls.length)) return Promise.reject(new Error('not now'));
        return Promise.resolve(records.map((record) => ({ record, event: record.offset })));
      },
    });
    const { lane, begin, applier } = setUp(scene);
    applier.onApply = async ({ items, meanwhile }) => {
      if (items.length === 0) lane.receive('placed', 0, recordsFrom('placed', 0, 10), 10);
      if (items[0]?.record.offset !== 0) return;
      meanwhile?.();
      await new Promise(setImmediate);
      look();
    };
    begin();
    return { scene, lane, calls };
  }
  const tenApplied = Array.from({ length: 10 }, (_, at) => `placed/${at}`);

  it('translates what waits, once', async () => {
    const { scene, calls } = setUpWaiting();
    await scene.applier.until(() => scene.applied.length >= 10);
    expect(calls).toEqual(['placed/0+4', 'placed/4+6']);
    expect(scene.applier.batches.map(({ items }) => items.length)).toEqual([0, 4, 4, 2]);
    expect(scene.applied).toEqual(tenApplied);
  });

  it('still takes in what comes then, at its place', async () => {
    const { scene, lane, calls } = setUpWaiting(() => {
      // As early as the first of those that wait, and so before them: its topic comes first.
      lane.receive('paid', 0, [recordAt('paid', 0, { timestamp: 0 })], 1);
    });
    await scene.applier.until(() => scene.applied.length >= 11);
    expect(calls).toEqual(['placed/0+4', 'placed/4+6', 'paid/0+1']);
    expect(scene.applied).toEqual([...tenApplied.slice(0, 4), 'paid/0', ...tenApplied.slice(4)]);
  });

  it('translates again what it could not', async () => {
    const { scene, calls } = setUpWaiting(undefined, (call) => call === 2);
    await scene.applier.until(() => scene.applied.length >= 10);
    expect(calls).toEqual(['placed/0+4', 'placed/4+6', 'placed/4+4', 'placed/8+2']);
    expect(scene.applied).toEqual(tenApplied);
  });
});

describe('a lane that is given up', () => {
  it('finishes the batch in flight and takes nothing more', async () => {
    const { applier, lane, begin, calls, scene } = setUp();
    const { passed, open } = gateway();
    applier.onApply = () => passed;
    begin();
    lane.receive('placed', 0, recordsFrom('placed', 0, 4), 4);
    await new Promise(setImmediate);
    lane.receive('placed', 4, recordsFrom('placed', 4, 4), 8);
    const retired = lane.retire();
    open();
    await retired;
    expect(scene.applied).toEqual(['placed/0', 'placed/1', 'placed/2', 'placed/3']);
    expect(calls).toContain('placed 4');
    expect(lane.appliedOffsets.get('placed')).toBe(4);
    expect(lane.bufferedRecords).toBe(0);
  });

  it('does not wait for a server that is away', async () => {
    const { applier, lane, begin, scene } = setUp();
    applier.onApply = () => Promise.reject(new TransientFault('away'));
    begin();
    await scene.clock.asleep();
    await lane.retire();
    expect(scene.fatal).toEqual([]);
  });

  it('because another owner has it drops what it has, and tells', async () => {
    const { applier, lane, begin, calls, scene } = setUp();
    applier.onApply = () => Promise.reject(new LaneLostFault('worker/2 has it'));
    begin();
    lane.receive('placed', 0, recordsFrom('placed', 0, 9), 9);
    await applier.until(() => calls.includes('lost'));
    expect(lane.receive('placed', 9, recordsFrom('placed', 9, 1), 10)).toBe(true);
    expect(lane.bufferedRecords).toBe(0);
    expect(scene.fatal).toEqual([]);
  });
});

describe('a fault of ours', () => {
  it('stops the process', async () => {
    const { applier, lane, begin, scene } = setUp(new LaneScene({ maxUnknownInARow: 0 }));
    applier.onApply = () => Promise.reject(new Error('odd'));
    begin();
    lane.receive('placed', 0, recordsFrom('placed', 0, 1), 1);
    const failed = applier.until(() => scene.fatal.length > 0).then(() => true);
    while (!(await Promise.race([scene.clock.wake().then(() => false), failed])));
    expect(scene.fatal).toHaveLength(1);
  });
});
