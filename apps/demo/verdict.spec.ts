import type { AuditReport, LedgerReport } from '@holdfast/store';
import { Tally } from './observe/tally.js';
import { differencesIn, type Evidence } from './verdict.js';

const clean = { clean: true, differences: 0, listed: [] };

function evidence(change: Partial<Evidence> = {}): Evidence {
  return {
    tally: new Tally(),
    flash: { looks: 9, mostPromised: 500, wrongLooks: 0 },
    sneakers: { free: 1, held: 0, sold: 490, refunded: 9 },
    audit: clean as unknown as AuditReport,
    ledger: clean as unknown as LedgerReport,
    leftOver: [],
    exits: [{ name: 'worker-1', exit: 0 }],
    kill: { worker: 'worker-1', lanes: [0, 2], standing: [], longestMs: 6_000, cameBack: true },
    ...change,
  };
}

describe('the verdict', () => {
  it('finds nothing where everything adds up', () => {
    expect(differencesIn(evidence())).toEqual([]);
  });

  it('names orders that were placed and not decided', () => {
    const tally = new Tally();
    const value = Buffer.from(JSON.stringify({ eventId: 'e', storeId: 's', orderId: 'o' }));
    tally.addSent({ topic: 'OrderPlaced', timestamp: 0, value, isMalformed: false });
    expect(differencesIn(evidence({ tally }))).toEqual(['1 orders were placed and not decided: s/o']);
  });

  it('counts dead letters against malformed records', () => {
    const tally = new Tally();
    tally.addSent({ topic: 'OrderPlaced', timestamp: 0, value: null, isMalformed: true });
    expect(differencesIn(evidence({ tally }))).toEqual([
      'OrderPlaced: 1 malformed records were sent, and there are 0 dead letters',
    ]);
  });

  it('does not forgive a flash sale that promised more than there is', () => {
    const oversold = differencesIn(
      evidence({
        flash: { looks: 9, mostPromised: 501, wrongLooks: 1 },
        sneakers: { free: 0, held: 0, sold: 501, refunded: 0 },
      }),
    );
    expect(oversold).toHaveLength(3);
    expect(oversold.every((line) => line.startsWith('flash sale'))).toBe(true);
    expect(differencesIn(evidence({ sneakers: undefined }))).toHaveLength(1);
  });

  it('wants the kill, the return, and every lane to move again', () => {
    const kill = { worker: 'worker-1', lanes: [0, 2], standing: [2], longestMs: 0, cameBack: false };
    expect(differencesIn(evidence({ kill }))).toHaveLength(2);
    expect(differencesIn(evidence({ kill: undefined }))).toEqual(['no worker was killed']);
    expect(differencesIn(evidence({ exits: [{ name: 'worker-2', exit: 'SIGKILL' }] }))).toEqual([
      'worker-2 did not stop in order (SIGKILL)',
    ]);
  });

  it('shows the first differences of the audit and counts the rest', () => {
    const listed = Array.from({ length: 5 }, (_, n) => ({ kind: 'free', subject: 'k', message: `k${n}` }));
    const audit = { clean: false, differences: 7, listed } as unknown as AuditReport;
    const found = differencesIn(evidence({ audit }));
    expect(found).toHaveLength(6);
    expect(found.at(-1)).toBe('audit: … and 2 more differences');
  });

  it('says what was still on its way', () => {
    expect(differencesIn(evidence({ leftOver: ['3 orders still hold something'] }))).toEqual([
      'not finished: 3 orders still hold something',
    ]);
  });
});
