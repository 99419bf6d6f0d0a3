import { Health } from './health.js';

function worker(now: { ms: number }, applied: { records: number }): Health {
  return new Health({
    port: 0,
    now: () => now.ms,
    nameOf: (topic) => `x-${topic}`,
    topics: ['OrderPlaced'],
    checks: () => [],
    isStarted: () => true,
    metrics: () => Promise.resolve(''),
    ends: { of: () => Promise.resolve(new Map([['x-OrderPlaced', [10]]])) },
    progress: () => ({
      lanes: [0],
      appliedRecords: applied.records,
      bufferedRecords: 0,
      positions: new Map([['OrderPlaced', new Map([[0, applied.records]])]]),
    }),
  });
}

describe('liveness', () => {
  it('falls when records wait and nothing moves, and comes back with the first that does', async () => {
    const now = { ms: 0 };
    const applied = { records: 3 };
    const health = worker(now, applied);
    for (now.ms = 0; now.ms <= 59_000; now.ms += 5_000) await health.look();
    expect(health.isAlive).toBe(true);
    now.ms = 66_000;
    await health.look();
    expect(health.isAlive).toBe(false);
    applied.records = 4;
    await health.look();
    expect(health.isAlive).toBe(true);
  });

  it('stays when nothing waits, however long nothing moves', async () => {
    const now = { ms: 0 };
    const health = worker(now, { records: 10 });
    for (; now.ms <= 600_000; now.ms += 5_000) await health.look();
    expect(health.isAlive).toBe(true);
  });
});
