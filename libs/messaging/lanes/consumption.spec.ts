import { Consumption } from './consumption.js';
import { OffsetOutOfRange } from './lane-set.js';
import { FakeKafka, noCoordinator, nonRetriable } from '../testing/fake-kafka.js';
import { LaneScene } from '../testing/lane-scene.js';

async function setUp(topics = ['placed', 'paid']) {
  const kafka = new FakeKafka(topics, 2);
  const scene = new LaneScene();
  const { applier } = scene;
  kafka.onCall = () => applier.tell();
  const { clock, log, translate, onFatal } = scene.context;
  const consumption = new Consumption<number>({
    kafka: kafka.port,
    applier,
    topics,
    topicPrefix: '',
    workerId: 'worker',
    fetchPauseMs: 0,
    onFatal,
    clock,
    log,
    translate,
  });
  await consumption.start();
  const called = (call: string) => applier.until(() => kafka.calls.includes(call));
  /** With lane 0 at work, everything at offset 0. */
  const begin = async () => {
    kafka.join([0]);
    await called('resume 0');
    kafka.calls.length = 0;
  };
  return { kafka, scene, applier, consumption, called, begin };
}

describe('what a fetch brings', () => {
  it('is applied in order, and committed', async () => {
    const { kafka, scene, applier, begin, called } = await setUp();
    await begin();
    await kafka.fetched('placed', 0, 0, [0, 1, 2]);
    await applier.until(() => scene.applied.length >= 3);
    const committed = called('commit placed/0 3').then(() => true);
    while (!(await Promise.race([scene.clock.wake(100).then(() => false), committed])));
  });

  it('is dropped and fetched again from the right place where it begins elsewhere', async () => {
    const { kafka, scene, applier, begin } = await setUp();
    await begin();
    await kafka.fetched('placed', 0, 7, [7, 8]);
    expect(kafka.calls).toEqual(['seek placed/0 0']);
    await kafka.fetched('placed', 0, 0, [0, 1]);
    await applier.until(() => scene.applied.length >= 2);
    expect(scene.applied).toEqual(['placed/0', 'placed/1']);
    expect(scene.fatal).toEqual([]);
  });

  it('of a lane that is not ours, or not ours yet, is dropped', async () => {
    const { kafka, scene, consumption } = await setUp();
    await kafka.fetched('placed', 1, 0, [0]);
    kafka.join([0]);
    await kafka.fetched('placed', 0, 0, [0]);
    expect(consumption.progress().bufferedRecords).toBe(0);
    expect(scene.fatal).toEqual([]);
  });

  it('that begins elsewhere again and again stops the process, and the offset is kept', async () => {
    const { kafka, scene, applier, begin, called } = await setUp();
    await begin();
    kafka.start = 50;
    for (let tries = 0; tries < 4; tries++) await kafka.fetched('placed', 0, 50, [50]);
    await applier.until(() => scene.fatal.length > 0);
    expect(scene.fatal[0]).toBeInstanceOf(OffsetOutOfRange);
    expect(String(scene.fatal[0])).toMatch(/placed\/0.* 0, .* 50/);
    await scene.clock.wake(100);
    await called('commit placed/0 0');
    expect(scene.applied).toEqual([]);
  });

  it('is nothing at an offset that the log does not have: that stops the process at once', async () => {
    const { kafka, scene, applier, begin } = await setUp();
    await begin();
    kafka.settings?.onOffsetOutOfRange?.('paid', 0);
    await applier.until(() => scene.fatal.length > 0);
    expect(String(scene.fatal[0])).toContain('paid/0');
  });
});

describe('a topic that was made anew while it was read', () => {
  it('stops the process, and leaves no place in it that would pass over its records', async () => {
    const { kafka, scene, applier, consumption, begin, called } = await setUp();
    await begin();
    await kafka.fetched('paid', 0, 0, [0, 1, 2]);
    await applier.until(() => scene.applied.length >= 3);
    const committed = called('commit paid/0 3').then(() => true);
    while (!(await Promise.race([scene.clock.wake(100).then(() => false), committed])));
    kafka.calls.length = 0;
    // By now its log has more than was applied of the one before.
    kafka.settings?.onOffsetOutOfRange?.('paid', 0);
    await applier.until(() => scene.fatal.length > 0);
    expect(String(scene.fatal[0])).toMatch(/paid\/0.* made anew; the next start reads it from its beginning/);
    await consumption.drain();
    expect(kafka.calls.filter((call) => call.startsWith('commit'))).toEqual([]);
  });
});

describe('a fetch without a record for us', () => {
  it('moves the position', async () => {
    const { kafka, applier, begin } = await setUp();
    await begin();
    await kafka.fetched('placed', 0, 0, [0, 1]);
    kafka.fetchedControl('placed', 0, 2, 4);
    await applier.until(() => applier.position('placed', 0) === 5);
  });

  it('behind records of the same fetch is passed with them', async () => {
    const { kafka, applier, begin } = await setUp();
    await begin();
    await kafka.fetched('placed', 0, 0, [0, 1], 2);
    await applier.until(() => applier.position('placed', 0) === 3);
  });

  it('that may be of an older generation does not, until a fetch from the right place brings it', async () => {
    const { kafka, applier, begin } = await setUp();
    await begin();
    kafka.fetchedControl('placed', 0, 5, 6);
    await kafka.fetched('placed', 0, 7, [7]);
    expect(kafka.calls).toEqual(['seek placed/0 0']);
    // Compacted: the log really begins at 5.
    kafka.fetchedControl('placed', 0, 5, 6);
    await applier.until(() => applier.position('placed', 0) === 7);
  });
});

describe('a rebalance', () => {
  it('starts every lane anew behind what is applied', async () => {
    const { kafka, scene, applier, begin, called } = await setUp();
    kafka.committed = 0;
    await begin();
    await kafka.fetched('placed', 0, 0, [0, 1, 2]);
    await applier.until(() => scene.applied.length >= 3);
    kafka.join([0, 1]);
    await called('resume 1');
    await called('resume 0');
    expect(kafka.calls).toContain('seek placed/0 3');
    expect(kafka.calls).toContain('seek placed/1 0');
    expect(new Set(applier.taken.map(({ owner }) => owner)).size).toBe(3);
  });

  it('that gives a partition number of one topic alone stops the process', async () => {
    const { kafka, scene } = await setUp();
    kafka.join([1], ['placed']);
    expect(String(scene.fatal[0])).toMatch(/placed has a partition 1 and paid has none/);
  });
});

describe('the end', () => {
  it('of a consumer that kafkajs starts again is waited for', async () => {
    const { kafka, scene } = await setUp();
    kafka.crash(new Error('broker away'), true);
    expect(scene.fatal).toEqual([]);
  });

  it('of a consumer that kafkajs gives up though the brokers are only away is not believed', async () => {
    const { kafka, scene, begin, called } = await setUp();
    await begin();
    kafka.crash(noCoordinator(), false);
    await called('run');
    kafka.crash(noCoordinator(), false);
    kafka.calls.length = 0;
    await called('run');
    expect(scene.fatal).toEqual([]);
  });

  it('of a consumer that kafkajs does not start again is the end of the process, told once', async () => {
    const { kafka, scene } = await setUp();
    const error = nonRetriable('not any more');
    kafka.crash(error, false);
    kafka.crash(error, false);
    expect(scene.fatal).toEqual([error]);
  });

  it('asked for finishes the batch in flight, commits it, and leaves', async () => {
    const { kafka, applier, consumption, begin } = await setUp();
    await begin();
    let open: () => void = () => {};
    const held = new Promise<void>((resolve) => (open = resolve));
    applier.onApply = () => held;
    await kafka.fetched('placed', 0, 0, [0, 1, 2]);
    await new Promise(setImmediate);
    const closed = consumption.close();
    await kafka.fetched('placed', 0, 3, [3]);
    open();
    await closed;
    expect(kafka.calls).toEqual(['pause 0', 'commit placed/0 3', 'commit paid/0 0', 'disconnect']);
  });
});

describe('a clock that is set back', () => {
  it('makes it join the group anew, once, since no heartbeat would come until the clock is there again', async () => {
    const { kafka, scene, called, begin } = await setUp();
    await begin();
    scene.clock.advance(-2_000);
    kafka.fetchedNothing();
    expect(kafka.calls).toEqual([]);
    scene.clock.advance(-3_600_000);
    kafka.fetchedNothing();
    kafka.fetchedNothing();
    await called('run');
    expect(kafka.calls).toEqual(['stop', 'run']);
    expect(scene.lines).toContain('the clock was set back by 3602 s and more: joining the group anew');
    expect(scene.fatal).toEqual([]);
  });
});
