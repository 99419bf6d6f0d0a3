import { OffsetCommitter, type OffsetToCommit } from './offset-committer.js';
import type { Log } from '../records.js';
import { gateway } from '../testing/lane-scene.js';
import { ManualClock } from '../testing/manual-clock.js';

function setUp() {
  const clock = new ManualClock();
  const commits: string[][] = [];
  const warnings: string[] = [];
  const log: Log = { debug: () => {}, log: () => {}, warn: (line) => warnings.push(line), error: () => {} };
  let onCommit: () => Promise<void> = () => Promise.resolve();
  const committer = new OffsetCommitter({
    commit: (offsets: OffsetToCommit[]) => {
      commits.push(offsets.map(({ topic, partition, offset }) => `${topic}/${partition} ${offset}`));
      return onCommit();
    },
    intervalMs: 100,
    clock,
    log,
  });
  return {
    clock,
    commits,
    warnings,
    committer,
    commitWith: (commit: typeof onCommit) => (onCommit = commit),
  };
}

describe('OffsetCommitter', () => {
  it('commits the latest offset of each partition, once an interval', async () => {
    const { clock, commits, committer } = setUp();
    committer.mark('placed', 0, 5);
    committer.mark('paid', 0, 2);
    committer.mark('placed', 0, 9);
    await clock.wake(100);
    await committer.flush();
    expect(commits).toEqual([['placed/0 9', 'paid/0 2']]);
  });

  it('keeps what is marked while a commit is under way for the next one', async () => {
    const { clock, commits, committer, commitWith } = setUp();
    const { passed, open } = gateway();
    commitWith(() => passed);
    committer.mark('placed', 0, 5);
    await clock.wake(100);
    committer.mark('placed', 0, 6);
    open();
    await committer.flush();
    expect(commits).toEqual([['placed/0 5'], ['placed/0 6']]);
  });

  it('does not wait for the interval when flushed, and works on afterwards', async () => {
    const { clock, commits, committer } = setUp();
    committer.mark('placed', 0, 5);
    await committer.flush();
    committer.mark('placed', 0, 6);
    await clock.wake(100);
    await committer.flush();
    expect(commits).toEqual([['placed/0 5'], ['placed/0 6']]);
  });

  it('logs a commit that fails, and lives on', async () => {
    const { commits, committer, commitWith, warnings } = setUp();
    commitWith(() => Promise.reject(new Error('rebalancing')));
    committer.mark('placed', 0, 5);
    await committer.flush();
    committer.mark('placed', 0, 6);
    await committer.flush();
    expect(commits).toHaveLength(2);
    expect(warnings).toHaveLength(2);
  });

  it('forgets what waits when told to', async () => {
    const { commits, committer } = setUp();
    committer.mark('placed', 0, 5);
    committer.forget();
    await committer.flush();
    expect(commits).toEqual([]);
  });
});
