import type { AuditReport, LedgerReport } from '@holdfast/store';
import { Tally } from './observe/tally.js';
import type { Ending } from './run/ending.js';
import { summaryLines, summaryOf } from './summary.js';

const ending: Ending = {
  differences: [],
  overtaken: 4,
  evidence: {
    tally: new Tally(),
    flash: { looks: 9, mostPromised: 500, wrongLooks: 0 },
    sneakers: { free: 1, held: 0, sold: 490, refunded: 9 },
    audit: {
      clean: true,
      checked: { orders: 7_000, facts: 5_000, stockKeys: 15 },
      states: { paid: 6_000, refused: 1_000 },
    } as AuditReport,
    ledger: { clean: true, messages: 12_000, copies: 3 } as LedgerReport,
    leftOver: [],
    exits: [{ name: 'worker-1', exit: 0 }],
    kill: { worker: 'worker-1', lanes: [0, 2], standing: [], longestMs: 6_040, cameBack: true },
  },
};
const figures = {
  seed: 'abc',
  trafficSeconds: 55,
  durationSeconds: 88.04,
  latenciesMs: [30, 40, 6_000],
  latenciesBeforeKill: 2,
};

describe('the summary', () => {
  it('tells programs and people the same', () => {
    const summary = summaryOf(ending, figures);
    expect(summary).toMatchObject({ addsUp: true, seed: 'abc', durationSeconds: 88 });
    expect(summary.orderToOutcomeMs.beforeTheKill).toEqual({ median: 40, p99: 40 });
    const text = summaryLines(summary, 200).join('\n');
    expect(text).toContain('Everything adds up.  (88 s; the same orders again: --seed abc)');
    expect(text).toContain('500 pairs: 490 sold, 9 refunded, 1 left; never more than 500 promised (9 looks)');
    expect(text).toContain('its lanes 0 2 stood still for 6.0 s at most, and it came back');
    expect(text).toContain('40 ms (p99 40 ms) until the kill');
    expect(text).toContain('clean: 12,000 outcomes on Kafka add up to the stock');
  });

  it('names every difference at its end', () => {
    const summary = summaryOf({ ...ending, differences: ['one thing', 'another'] }, figures);
    expect(summary.addsUp).toBe(false);
    const lines = summaryLines(summary, 80);
    expect(lines[0]).toContain('2 things did not add up.');
    expect(lines.slice(-2)).toEqual(['  ✗ one thing', '  ✗ another']);
  });

  it('keeps to the columns of the screen', () => {
    for (const line of summaryLines(summaryOf(ending, figures), 80))
      expect(line.length).toBeLessThanOrEqual(80);
  });
});
