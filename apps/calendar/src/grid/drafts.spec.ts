import type { Balances } from '../api/types.js';
import { drafted, editsOf, refused, without, wrongOf, type Drafts } from './drafts.js';

const place = { productId: 'stollen', variantId: null, date: '2026-12-24' };
const now = (free: number | null, version = 1): Balances => ({
  free,
  held: 0,
  sold: 0,
  refunded: 0,
  total: free,
  version,
});
const none: Drafts = new Map();

describe('an edited cell', () => {
  it('is a draft until it says what is there already', () => {
    const one = drafted(none, [{ place, text: '35', now: now(40) }]);
    expect(one.get('stollen/-/2026-12-24')).toMatchObject({ text: '35', seen: { free: 40, version: 1 } });
    expect(drafted(one, [{ place, text: '40', now: now(40) }]).size).toBe(0);
    expect(drafted(none, [{ place, text: '', now: now(null, 0) }]).size).toBe(0);
  });

  it('remembers what was seen when the edit began, whatever others set meanwhile', () => {
    const one = drafted(none, [{ place, text: '3', now: now(40) }]);
    const two = drafted(one, [{ place, text: '35', now: now(20, 2) }]);
    expect([...two.values()][0]?.seen).toEqual({ free: 40, version: 1 });
    expect(editsOf(two).edits[0]?.seen.version).toBe(1);
  });

  it('is not sent while it is wrong', () => {
    const texts = ['1.5', 'x', '-50', '+5', ''];
    const drafts = drafted(
      none,
      texts.map((text, at) => ({ place: { ...place, date: `2026-12-0${at + 1}` }, text, now: now(40) })),
    );
    const { edits, wrong } = editsOf(drafts);
    expect(wrong.map(wrongOf)).toEqual(['fraction', 'not-a-number', 'negative']);
    expect(edits.map(({ entry }) => entry)).toEqual([
      { kind: 'adjust', by: 5 },
      { kind: 'set', quantity: null },
    ]);
  });

  it('says why it was refused until it is edited again, and is let go', () => {
    const one = drafted(none, [{ place, text: '35', now: now(40) }]);
    const told = refused(one, [{ ...place, message: 'inventory is off' }]);
    expect([...told.values()][0]?.refused).toBe('inventory is off');
    expect([...drafted(told, [{ place, text: '36', now: now(40) }]).values()][0]?.refused).toBeUndefined();
    expect(without(told, [place]).size).toBe(0);
  });
});
