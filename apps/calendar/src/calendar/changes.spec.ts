import type { Balances, ChangedCell } from '../api/types.js';
import {
  answered,
  cellOf,
  decidedAnew,
  groupsOf,
  outcomeOf,
  parseEntry,
  previewOf,
  type Edit,
} from './changes.js';

const place = { productId: 'stollen', variantId: null, date: '2026-12-24' };
const balances = (free: number | null, more: Partial<Balances> = {}): Balances => ({
  free,
  held: 0,
  sold: 0,
  refunded: 0,
  total: null,
  version: 1,
  ...more,
});
const edit = (text: string, version = 1, free: number | null = 40): Edit => ({
  place,
  entry: parseEntry(text) as Edit['entry'],
  seen: { free, version },
});

describe('what the merchant types', () => {
  it.each([
    ['40', { kind: 'set', quantity: 40 }],
    [' 40 ', { kind: 'set', quantity: 40 }],
    ['1 000', { kind: 'set', quantity: 1000 }],
    ['0', { kind: 'set', quantity: 0 }],
    ['', { kind: 'set', quantity: null }],
    ['  ', { kind: 'set', quantity: null }],
    ['∞', { kind: 'set', quantity: null }],
    ['Unlimited', { kind: 'set', quantity: null }],
    ['+5', { kind: 'adjust', by: 5 }],
    ['−5', { kind: 'adjust', by: -5 }],
    ['-5', { kind: 'adjust', by: -5 }],
    ['+0', { kind: 'wrong', why: 'no-change' }],
    ['12.5', { kind: 'wrong', why: 'fraction' }],
    ['12,5', { kind: 'wrong', why: 'fraction' }],
    ['1000000001', { kind: 'wrong', why: 'too-large' }],
    ['forty', { kind: 'wrong', why: 'not-a-number' }],
    ['4e1', { kind: 'wrong', why: 'not-a-number' }],
  ])('%j is read', (text, entry) => {
    expect(parseEntry(text)).toEqual(entry);
  });

  it('cannot take away more than there is, nor move what is unlimited', () => {
    expect(outcomeOf(parseEntry('-5'), balances(3))).toEqual({ wrong: 'negative' });
    expect(outcomeOf(parseEntry('-5'), balances(5))).toEqual({ free: 0 });
    expect(outcomeOf(parseEntry('+5'), balances(null))).toEqual({ wrong: 'not-a-number' });
  });
});

describe('an edit', () => {
  it('sets what was seen, and says so', () => {
    expect(cellOf(edit('40', 7))).toEqual({
      productId: 'stollen',
      date: '2026-12-24',
      quantity: 40,
      expected: 7,
    });
    expect(cellOf({ ...edit(''), place: { productId: 'mug', variantId: 'red', date: null } })).toEqual({
      productId: 'mug',
      variantId: 'red',
      quantity: null,
      expected: 1,
    });
  });

  it('that moves a number does not depend on what was seen', () => {
    expect(cellOf(edit('+5'))).toEqual({ productId: 'stollen', date: '2026-12-24', adjust: 5 });
  });

  it('is previewed only where it changes something', () => {
    expect(previewOf([edit('40')], () => balances(40))).toEqual([]);
    expect(previewOf([edit('40')], () => balances(12, { held: 3, sold: 25 }))).toEqual([
      { place, before: 12, after: 40, total: 68, held: 3, sold: 25, settles: 0 },
    ]);
  });

  it('is previewed in one line with others that do the same', () => {
    const on = (date: string | null, before: number | null, sold = 0) => ({
      place: { ...place, date },
      before,
      after: 40,
      total: 40 + sold,
      held: 0,
      sold,
      settles: 0,
    });
    const groups = groupsOf([on('2026-12-22', 12), on('2026-12-23', null), on('2026-12-24', 12, 3)]);
    expect(groups.map(({ before, totals, dates }) => [before, totals, dates])).toEqual([
      [12, { least: 40, most: 43 }, ['2026-12-22', '2026-12-24']],
      [null, { least: 40, most: 40 }, ['2026-12-23']],
    ]);
    expect(groupsOf([on(null, 12)])[0]?.dates).toEqual([]);
  });

  it('says which refunded units a set number settles, even when the number stays', () => {
    expect(previewOf([edit('40')], () => balances(40, { refunded: 2 }))[0]).toMatchObject({
      settles: 2,
      total: 40,
    });
    expect(previewOf([edit('+1')], () => balances(40, { refunded: 2 }))[0]).toMatchObject({
      settles: 0,
      total: 43,
    });
  });
});

describe('the answers to edits', () => {
  const cell = (more: Partial<ChangedCell>): ChangedCell => ({
    ...place,
    result: 'refused',
    before: null,
    after: null,
    ...more,
  });

  it('are told apart: done, changed by someone else, refused', () => {
    const current = balances(35, { version: 2 });
    const stale = answered([edit('50')], [cell({ reason: 'stale', current })]);
    expect(stale.conflicts).toEqual([{ edit: edit('50'), current }]);
    expect(answered([edit('50')], [cell({ reason: 'inventory-off' })]).refused).toHaveLength(1);
    expect(answered([edit('50')], [cell({ result: 'changed' })]).changed).toHaveLength(1);
  });

  it('let the merchant set his own all the same', () => {
    const anew = decidedAnew({ edit: edit('50'), current: balances(35, { version: 2 }) });
    expect(cellOf(anew)).toMatchObject({ quantity: 50, expected: 2 });
  });
});
