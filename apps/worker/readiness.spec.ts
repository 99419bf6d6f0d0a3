import { isReady, readinessChecks, type ReadinessInput } from './readiness.js';

const good: ReadinessInput = {
  isStarted: true,
  consumes: true,
  groupSilentMs: 1_400,
  sessionTimeoutMs: 6_000,
  databaseSilentMs: 900,
  brokersSilentMs: 4_000,
};

const failing = (change: Partial<ReadinessInput>): string[] =>
  readinessChecks({ ...good, ...change })
    .filter(({ ok }) => !ok)
    .map(({ name, why }) => `${name}: ${why}`);

describe('readiness', () => {
  it('is there when everything answers', () => {
    expect(isReady(readinessChecks(good))).toBe(true);
  });

  it.each<[string, Partial<ReadinessInput>, string]>([
    ['roles that are not at work yet', { isStarted: false }, 'started: not every role is at work yet'],
    ['a group that was never joined', { groupSilentMs: undefined }, 'group: no heartbeat answered yet'],
    ['a session that has run out', { groupSilentMs: 7_000 }, 'group: no heartbeat answered for 7 s'],
    ['no primary', { databaseSilentMs: 9_000 }, 'mongodb: no write taken by a primary for 9 s'],
    ['no broker', { brokersSilentMs: 20_000 }, 'kafka: no answer from a broker for 20 s'],
  ])('fails with %s, and says so', (_, change, why) => {
    expect(failing(change)).toEqual([why]);
  });

  it('asks for no group of a worker that does not consume', () => {
    expect(failing({ consumes: false, groupSilentMs: undefined })).toEqual([]);
  });
});
