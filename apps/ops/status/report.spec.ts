import type { Sight } from '@holdfast/store';
import type { KafkaLook, Looks } from './look.js';
import { reportOf } from './report.js';
import { statusText } from './text.js';

const NOW = Date.parse('2026-12-24T10:00:00Z');
const before = (seconds: number): number => NOW - seconds * 1_000;

const topics = ['OrderPlaced', 'PaymentReceived', 'OrderRejected', 'OrderRefunded'] as const;

const kafka: KafkaLook = {
  groupId: 'holdfast',
  group: { state: 'Stable', members: [{ memberId: 'm', clientId: 'c', host: 'h', lanes: [0, 1] }] },
  ends: new Map(topics.map((topic) => [topic, [5, 5]])),
  letters: new Map(topics.map((topic) => [topic, []])),
};

function lane(number: number, owner: string, next = 5) {
  const positions = Object.fromEntries(topics.map((topic) => [topic, { next, at: new Date(before(500)) }]));
  return { _id: String(number), owner, positions };
}

const sight: Sight = {
  now: NOW,
  outbox: { documents: 0 },
  nextDueAt: before(-600),
  lanes: [lane(0, 'w/a/1'), lane(1, 'w/a/2')],
  workers: [{ _id: 'w', incarnation: 'a', roles: ['consume', 'relay', 'expire'], until: new Date(NOW) }],
  leases: ['relay', 'expire'].map((_id) => ({ _id, owner: 'w', incarnation: 'a', until: new Date(NOW) })),
};

function looks(change: Partial<Sight> = {}, holds = { open: 2, overdue: 0 }): Looks {
  return {
    kafka: { found: kafka },
    database: { found: { sight: { ...sight, ...change }, holds, closedLetters: [] } },
    oldest: new Map(),
  };
}

const problems = (change: Partial<Sight>, holds?: { open: number; overdue: number }): string[] =>
  reportOf(looks(change, holds), 0).problems;

describe('the state at a glance', () => {
  it('has no problem when all is well, and fits a screen', () => {
    const report = reportOf(looks(), 0);
    expect(report).toMatchObject({ problems: [], lanesWithoutWorker: [], watermark: { secondsBehind: 0 } });
    const text = statusText(report);
    expect(text).toContain('nothing needs you');
    expect(text).toContain('2 open; the next is due at 2026-12-24T10:10:00.000Z');
    expect(text.split('\n').length).toBeLessThan(24);
  });

  it.each<[string, Partial<Sight>, string]>([
    ['a dead worker’s lane', { lanes: [lane(0, 'w/a/1'), lane(1, 'gone/b/7')] }, 'no worker has lane 1'],
    ['a lane that was never taken', { lanes: [lane(0, 'w/a/1')] }, 'no worker has lane 1'],
    ['nobody', { workers: [], leases: [] }, 'no worker is alive'],
    [
      'books that differ',
      { reconciled: { finishedAt: new Date(NOW), differences: 2 } },
      'the last reconciliation found 2 differences: ops audit; it is said until the next one has finished',
    ],
    [
      'a reconciliation that no longer runs',
      { reconciled: { finishedAt: new Date(before(7_201)), differences: 0 } },
      'the last reconciliation finished 7201 s ago',
    ],
    ['a lease that nobody has', { leases: [] }, 'nobody has the lease "relay"'],
    ['an old outbox', { outbox: { documents: 3, oldestAt: before(90) } }, 'the outbox waits for 90 s'],
    [
      'paused expiry',
      { expiryPause: { _id: 'x', on: true, at: new Date(NOW), actor: 'jo' } },
      'expiry is paused',
    ],
  ])('names %s', (_, change, problem) => {
    expect(problems(change)).toContain(problem);
  });

  it('names holds that are overdue, unless expiry is paused', () => {
    const overdue = { open: 9, overdue: 4 };
    expect(problems({ nextDueAt: before(70) }, overdue)).toEqual(['4 holds are due for up to 70 s']);
    const expiryPause = { _id: 'x', on: true, at: new Date(NOW), actor: 'jo' };
    expect(problems({ nextDueAt: before(70), expiryPause }, overdue)).toEqual(['expiry is paused']);
  });

  it('names dead letters as long as nothing is done with them', () => {
    const letters: KafkaLook['letters'] = new Map([
      [
        'OrderPlaced',
        [
          { start: 3, end: 5 },
          { start: 0, end: 2 },
        ],
      ],
    ]);
    const report = (closedLetters: string[]) =>
      reportOf(
        {
          kafka: { found: { ...kafka, letters } },
          database: { found: { sight, holds: { open: 0, overdue: 0 }, closedLetters } },
          oldest: new Map(),
        },
        0,
      );
    // The topic no longer has the letter at 2, and never had one of another topic.
    const some = report(['OrderPlaced/0/2', 'OrderPlaced/0/4', 'OrderPlaced/1/0', 'OrderRefunded/1/1']);
    expect(some.topics[0]).toMatchObject({ deadLetters: 4, openDeadLetters: 2 });
    expect(some.problems).toEqual(['dead letters are open, 2 of OrderPlaced: ops dlq list']);
    const all = ['OrderPlaced/0/3', 'OrderPlaced/0/4', 'OrderPlaced/1/0', 'OrderPlaced/1/1'];
    expect(report(all).problems).toEqual([]);
  });

  it('takes the age of what waits from the record itself', () => {
    const behind = looks({ lanes: [lane(0, 'w/a/1', 3), lane(1, 'w/a/2')] });
    behind.oldest.set('PaymentReceived/0', before(65));
    behind.oldest.set('OrderPlaced/0', before(1));
    const report = reportOf(behind, 0);
    expect(report.topics[1]).toMatchObject({ records: 2, seconds: 65, partitionsBehind: [0] });
    expect(report.topics[2]).toMatchObject({ records: 2, seconds: 500 });
    expect(report.watermark).toEqual({ at: '2026-12-24T09:51:40.000Z', secondsBehind: 500 });
    expect(report.problems).toContain('PaymentReceived is 65 s behind, by 2 records');
  });

  it('shows what is known when a server does not answer', () => {
    const report = reportOf(
      { kafka: { found: kafka }, database: { away: 'MongoDB does not answer' }, oldest: new Map() },
      NOW,
    );
    expect(report).toMatchObject({ outbox: null, workers: null, watermark: null, group: { members: 1 } });
    expect(report.problems).toEqual(['MongoDB does not answer']);
    expect(statusText(report)).toContain('MongoDB DOES NOT ANSWER');
  });
});
