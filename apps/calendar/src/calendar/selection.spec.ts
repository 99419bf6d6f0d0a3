import { extendedTo, group, inOrder, NOTHING, only, toggled } from './selection.js';

const fridays = ['2026-12-04', '2026-12-11', '2026-12-18', '2026-12-25'];

describe('the chosen dates', () => {
  it('are one date after a click', () => {
    expect(inOrder(only('2026-12-24'))).toEqual(['2026-12-24']);
  });

  it('gain and lose single dates', () => {
    const two = toggled(only('2026-12-24'), '2026-12-22');
    expect(inOrder(two)).toEqual(['2026-12-22', '2026-12-24']);
    expect(inOrder(toggled(two, '2026-12-24'))).toEqual(['2026-12-22']);
  });

  it('are a range from the anchor, in either direction, over the end of a month', () => {
    const from = only('2026-12-30');
    expect(inOrder(extendedTo(from, '2027-01-02'))).toEqual([
      '2026-12-30',
      '2026-12-31',
      '2027-01-01',
      '2027-01-02',
    ]);
    const shrunk = extendedTo(extendedTo(from, '2027-01-02'), '2026-12-29');
    expect(inOrder(shrunk)).toEqual(['2026-12-29', '2026-12-30']);
  });

  it('keep what was chosen when a range is added', () => {
    const picked = toggled(only('2026-12-01'), '2026-12-10');
    expect(inOrder(extendedTo(picked, '2026-12-11', true))).toEqual([
      '2026-12-01',
      '2026-12-10',
      '2026-12-11',
    ]);
  });

  it('start a range where there was none', () => {
    expect(inOrder(extendedTo(NOTHING, '2026-12-24'))).toEqual(['2026-12-24']);
  });

  it('are all of a weekday, and none when chosen again', () => {
    const all = group(only('2026-12-01'), fridays, false);
    expect(inOrder(all)).toEqual(fridays);
    expect(inOrder(group(all, fridays, false))).toEqual([]);
  });

  it('keep the rest when a weekday is added or taken away', () => {
    const added = group(only('2026-12-01'), fridays, true);
    expect(inOrder(added)).toEqual(['2026-12-01', ...fridays]);
    expect(inOrder(group(added, fridays, true))).toEqual(['2026-12-01']);
    expect(inOrder(group(added, fridays, false))).toEqual(fridays);
  });
});
