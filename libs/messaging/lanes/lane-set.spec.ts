import { LaneLostFault, TransientFault } from '@holdfast/core';
import type { LogRange } from '../offsets/group-offsets.js';
import { LaneSet, OffsetOutOfRange, type FetchControl } from './lane-set.js';
import { gateway, LaneScene } from '../testing/lane-scene.js';
import { recordsFrom } from '../testing/records.js';

function setUp(range: Partial<LogRange> = {}) {
  const scene = new LaneScene();
  const calls: string[] = [];
  const broker: LogRange = { committed: undefined, start: 0, end: 100, ...range };
  const control: FetchControl = {
    pause: (lanes) => calls.push(`pause ${lanes.join(' ')}`),
    resume: (lane) => {
      calls.push(`resume ${lane}`);
      scene.applier.tell();
    },
    seek: (topic, lane, offset) => calls.push(`seek ${topic}/${lane} ${offset}`),
    ranges: (lanes) =>
      Promise.resolve(
        new Map(
          lanes.map((lane) => [lane, new Map(['placed', 'paid'].map((topic) => [topic, { ...broker }]))]),
        ),
      ),
    applied: (lane, positions) => {
      for (const [topic, { nextOffset }] of positions) calls.push(`commit ${topic}/${lane} ${nextOffset}`);
    },
  };
  const lanes = new LaneSet<number>({ ...scene.context, workerId: 'worker', control, retakeAfterMs: 6_000 });
  const resumed = (lane: number, times = 1) =>
    scene.applier.until(() => calls.filter((call) => call === `resume ${lane}`).length >= times);
  return { scene, lanes, calls, broker, control, resumed, applier: scene.applier };
}

describe('an assignment', () => {
  it('fetches nothing of a lane before it is taken, and then from the committed offset', async () => {
    const { lanes, calls, resumed, applier } = setUp({ committed: 40 });
    lanes.assign([2]);
    expect(calls).toEqual(['pause 2']);
    await resumed(2);
    expect(applier.taken).toEqual([{ lane: 2, owner: 'worker/1' }]);
    expect(calls).toEqual(['pause 2', 'seek placed/2 40', 'seek paid/2 40', 'resume 2']);
  });

  it('without an offset begins at the earliest record', async () => {
    const { lanes, calls, resumed } = setUp({ start: 17 });
    lanes.assign([0]);
    await resumed(0);
    expect(calls).toContain('seek placed/0 17');
  });

  it('gives every lane a token of its own, each time', async () => {
    const { lanes, resumed, applier } = setUp();
    lanes.assign([0, 1]);
    await Promise.all([resumed(0), resumed(1)]);
    lanes.assign([0, 1]);
    await Promise.all([resumed(0, 2), resumed(1, 2)]);
    expect(new Set(applier.taken.map(({ owner }) => owner)).size).toBe(4);
  });

  it('outlasts a database that is away', async () => {
    const { lanes, resumed, applier, scene } = setUp();
    let failures = 30;
    applier.onTake = () => (failures-- > 0 ? Promise.reject(new TransientFault('away')) : Promise.resolve());
    lanes.assign([0]);
    const begun = resumed(0).then(() => true);
    while (!(await Promise.race([scene.clock.wake().then(() => false), begun])));
    expect(scene.fatal).toEqual([]);
  });

  it.each([
    ['records were removed before they were read', { committed: 5, start: 20 }],
    ['the topic was made anew', { committed: 500, end: 100 }],
  ])('stops loudly where %s', async (_, range) => {
    const { lanes, scene, calls, applier } = setUp(range);
    lanes.assign([0]);
    await applier.until(() => scene.fatal.length > 0);
    expect(scene.fatal[0]).toBeInstanceOf(OffsetOutOfRange);
    expect(String(scene.fatal[0])).toContain('placed/0');
    expect(calls).not.toContain('resume 0');
  });
});

describe('an assignment after another', () => {
  it('begins at the beginning of a topic in which the group has no place any more', async () => {
    const { lanes, calls, resumed, applier, scene } = setUp();
    lanes.assign([0]);
    await resumed(0);
    lanes.get(0)?.receive('placed', 0, recordsFrom('placed', 0, 3), 3);
    await applier.until(() => scene.applied.length === 3);
    lanes.assign([0]);
    await resumed(0, 2);
    expect(calls.filter((call) => call.startsWith('seek placed/0'))).toEqual([
      'seek placed/0 0',
      'seek placed/0 0',
    ]);
  });

  it('waits for the batch in flight, and goes on behind it', async () => {
    const { lanes, calls, resumed, applier, scene } = setUp({ committed: 0 });
    lanes.assign([0]);
    await resumed(0);
    const { passed, open } = gateway();
    applier.onApply = () => passed;
    lanes.get(0)?.receive('placed', 0, recordsFrom('placed', 0, 3), 3);
    await new Promise(setImmediate);
    lanes.assign([0]);
    await new Promise(setImmediate);
    expect(applier.taken).toHaveLength(1);
    open();
    await resumed(0, 2);
    expect(applier.taken).toHaveLength(2);
    expect(scene.applied).toEqual(['placed/0', 'placed/1', 'placed/2']);
    // Committed is 0 still, as the broker told; but those three are applied.
    expect(calls).toContain('seek placed/0 3');
  });

  it('drops what was buffered, and leaves the offsets of a lane that went to others alone', async () => {
    const { lanes, calls, resumed, applier, scene } = setUp();
    lanes.assign([0, 1]);
    await Promise.all([resumed(0), resumed(1)]);
    const { passed, open } = gateway();
    applier.onApply = () => passed;
    const lane = lanes.get(1);
    lane?.receive('placed', 0, recordsFrom('placed', 0, 4), 4);
    await new Promise(setImmediate);
    lane?.receive('placed', 4, recordsFrom('placed', 4, 4), 8);
    lanes.assign([0]);
    open();
    await lanes.stop();
    expect(scene.applied).toEqual(['placed/0', 'placed/1', 'placed/2', 'placed/3']);
    expect(calls.filter((call) => call.startsWith('commit placed/1'))).not.toContain('commit placed/1 4');
  });

  it('that comes while a lane is being taken starts anew', async () => {
    const { lanes, calls, resumed, applier } = setUp();
    const { passed, open } = gateway();
    applier.onTake = () => passed;
    lanes.assign([0]);
    await new Promise(setImmediate);
    applier.onTake = () => Promise.resolve();
    lanes.assign([0]);
    await new Promise(setImmediate);
    expect(applier.taken).toEqual([]);
    open();
    await resumed(0);
    expect(applier.taken.map(({ owner }) => owner)).toEqual(['worker/1', 'worker/2']);
    expect(calls.filter((call) => call === 'resume 0')).toHaveLength(1);
    expect(lanes.get(0)?.owner).toBe('worker/2');
  });
});

describe('a lane that somebody else took', () => {
  it('is taken again when no rebalance follows', async () => {
    const { lanes, resumed, applier, scene } = setUp();
    lanes.assign([0]);
    await resumed(0);
    applier.onApply = ({ owner }) =>
      owner === 'worker/1' ? Promise.reject(new LaneLostFault('worker/9 has it')) : Promise.resolve();
    lanes.get(0)?.receive('placed', 0, recordsFrom('placed', 0, 1), 1);
    await scene.clock.wake(6_000);
    await resumed(0, 2);
    lanes.get(0)?.receive('placed', 0, recordsFrom('placed', 0, 1), 1);
    await applier.until(() => scene.applied.length > 0);
    expect(applier.taken.map(({ owner }) => owner)).toEqual(['worker/1', 'worker/2']);
  });

  it('is left to them when a rebalance follows', async () => {
    const { lanes, resumed, applier, scene } = setUp();
    lanes.assign([0]);
    await resumed(0);
    applier.onApply = () => Promise.reject(new LaneLostFault('worker/9 has it'));
    lanes.get(0)?.receive('placed', 0, recordsFrom('placed', 0, 1), 1);
    await scene.clock.asleep();
    lanes.assign([]);
    scene.clock.advance(60_000);
    await new Promise(setImmediate);
    expect(applier.taken).toHaveLength(1);
  });
});

describe('stop', () => {
  it('resolves when nothing is in flight, and lets the last offsets be committed', async () => {
    const { lanes, calls, resumed, applier } = setUp();
    lanes.assign([0]);
    await resumed(0);
    const { passed, open } = gateway();
    applier.onApply = () => passed;
    lanes.get(0)?.receive('placed', 0, recordsFrom('placed', 0, 3), 3);
    await new Promise(setImmediate);
    const stopped = lanes.stop();
    open();
    await stopped;
    expect(calls).toContain('commit placed/0 3');
    expect(lanes.appliedRecords).toBe(3);
  });
});
