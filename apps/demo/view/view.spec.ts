import type { Snapshot } from '../run/snapshot.js';
import { dashboard } from './dashboard.js';
import { NO_PAINT } from './paint.js';
import { journalLine, plainLine } from './plain-line.js';
import { count, progressBar, sparkline, stockBar, wrapped } from './words.js';

const moment: Snapshot = {
  phase: 'traffic',
  page: {
    url: 'http://127.0.0.1:45123/#/sole-bakery/calendar/2026-12',
    key: `hf_${'k'.repeat(12)}_${'s'.repeat(43)}`,
  },
  elapsedSeconds: 20.4,
  trafficSeconds: 55,
  ordersPerSecond: 412.3,
  history: [100, 400, 200],
  latencyMs: { median: 31, p99: 204 },
  counts: {
    events: 9_000,
    orders: 5_210,
    sentTwice: 80,
    malformed: 12,
    decided: 5_204,
    outcomes: { Held: 3_000, Sold: 2_100, Refused: 2_204, 'Released, expired': 310 },
    notifications: { 'order-refused': 2_204, 'order-expired': 310 },
    notified: 2_514,
    expired: 310,
    deadLetters: 12,
    publishedTwice: 3,
  },
  stock: [
    { label: 'Sneakers, flash sale', free: 0, held: 120, sold: 380, refunded: 0 },
    { label: 'Notebooks, not limited', free: null, held: 40, sold: 900, refunded: 3 },
  ],
  flash: { looks: 66, mostPromised: 500, wrongLooks: 0 },
  heldOrders: 900,
  waiting: 6,
  outbox: 1,
  workers: [
    { name: 'worker-1', state: 'killed', goneForSeconds: 3, lanes: [], standing: [0, 2, 4], active: [] },
    { name: 'worker-2', state: 'works', lanes: [1, 3, 5], standing: [], active: ['relay', 'expire'] },
  ],
  journal: [
    { at: 11, text: 'the flash sale opens' },
    { at: 17, text: 'kill -9 of worker-1' },
  ],
};

describe('the dashboard', () => {
  const lines = dashboard(moment, { columns: 100, rows: 40 }, NO_PAINT);
  const text = lines.join('\n');

  it('says how fast orders are decided and what became of them', () => {
    expect(text).toContain('412/s');
    expect(text).toContain('5,204 of 5,210 decided, lately within 31 ms (p99 204)');
    expect(text).toContain('held 3,000 (now 900)   sold 2,100   refused 2,204   expired 310');
  });

  it('shows stock as numbers and as a bar, and no bar where there is no limit', () => {
    const [sneakers, notebooks] = lines.filter((line) => /Sneakers|Notebooks/.test(line));
    expect(sneakers?.trimEnd()).toMatch(/ 0 +120 +380 +0 +█{15}▒{5}$/);
    expect(notebooks?.trimEnd()).toMatch(/no limit +40 +900 +3$/);
  });

  it('says who works, who was killed, and which lanes stand still', () => {
    expect(text).toContain('WORKERS   6 records and 1 batch wait');
    expect(text).toContain('worker-1  killed 3 s ago: lanes 0 2 4 stand still');
    expect(text).toContain('worker-2  works: lanes 1 3 5, publishes, lets holds expire');
  });

  it('says where the page is and with which key, for as long as it is there', () => {
    expect(lines).toContain(`BAKERY'S PAGE  ${moment.page?.url}`);
    expect(lines).toContain(`  sign in with ${moment.page?.key}`);
    const later = dashboard({ ...moment, page: undefined }, { columns: 100, rows: 40 }, NO_PAINT);
    expect(later.join()).not.toMatch(/PAGE|sign in/);
  });

  it('fits into 80 columns', () => {
    const outcomes = { Held: 80_000, Sold: 60_000, Refused: 50_000, 'Released, expired': 10_000 };
    const counts = { ...moment.counts, orders: 143_310, decided: 143_300, notified: 80_000, outcomes };
    const full = { ...moment, counts, heldOrders: 9_000, latencyMs: { median: 12_000, p99: 25_000 } };
    for (const line of dashboard(full, { columns: 80, rows: 40 }, NO_PAINT)) {
      expect(line.length).toBeLessThanOrEqual(80);
    }
  });

  it('keeps to the rows of a small terminal, the newest of the journal in it', () => {
    const small = dashboard(moment, { columns: 80, rows: 24 }, NO_PAINT);
    expect(small.length).toBeLessThanOrEqual(24);
    expect(small.at(-1)).toContain('kill -9 of worker-1');
  });
});

describe('the plain view', () => {
  it('is one line a moment', () => {
    expect(plainLine(moment)).toBe(
      '  20 s | 412 orders/s | held 3,000, sold 2,100, refused 2,204, expired 310 | ' +
        'sneakers: 0 left, 120 held, 380 sold | customers told 2,514 | ' +
        'dead letters 12 of 12 malformed | waiting 6 records, 1 batch | 1 of 2 workers',
    );
    expect(journalLine({ at: 17.2, text: 'kill -9 of worker-1' })).toBe('  17 s * kill -9 of worker-1');
  });
});

describe('numbers as pictures', () => {
  it('draws bars against the highest of all', () => {
    expect(sparkline([0, 4, 8], 10)).toBe('▁▅█');
    expect(sparkline([8, 0, 8], 2)).toBe('▁█');
    expect(progressBar(0.5, 4)).toBe('██░░');
    expect(progressBar(7, 4)).toBe('████');
  });

  it('gives every unit its place in a bar', () => {
    expect(stockBar({ free: 5, held: 2, sold: 2, refunded: 1 }, 10)).toBe('██▒▒x·····');
    expect(stockBar({ free: 0, held: 0, sold: 0, refunded: 0 }, 10)).toBe('');
  });

  it('writes thousands apart', () => {
    expect(count(1234567.4)).toBe('1,234,567');
  });
});

describe('long lines', () => {
  it('are cut between words, and what stands apart stays apart', () => {
    expect(wrapped('one two   three four', 11)).toEqual(['one two', 'three four']);
    expect(wrapped('one two   three', 80)).toEqual(['one two   three']);
  });
});
