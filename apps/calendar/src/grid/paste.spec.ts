import { areaOf, blockText, moved, nextSpot, parseBlock, placeBlock, spotsOf } from './paste.js';

const size = { row: 31, column: 4 };

describe('a pasted block', () => {
  it('is a column, a row or both, whatever ends its lines', () => {
    expect(parseBlock('40\n35\n30')).toEqual([['40'], ['35'], ['30']]);
    expect(parseBlock('40\r\n35\r\n30\r\n')).toEqual([['40'], ['35'], ['30']]);
    expect(parseBlock('40\t12\n35\t\n')).toEqual([
      ['40', '12'],
      ['35', ''],
    ]);
  });

  it('keeps blank cells, which mean unlimited', () => {
    expect(parseBlock('40\n\n30')).toEqual([['40'], [''], ['30']]);
    expect(parseBlock('')).toEqual([['']]);
  });

  it('reads quoted cells', () => {
    expect(parseBlock('"4\t0"\t"a ""b"""\n"1\n2"\t5"')).toEqual([
      ['4\t0', 'a "b"'],
      ['1\n2', '5"'],
    ]);
  });

  it('is read again as it was copied', () => {
    const block = [
      ['40', ''],
      ['0', '12'],
    ];
    expect(parseBlock(blockText(block))).toEqual(block);
  });

  it('lands from the first chosen cell, and what does not fit is counted', () => {
    const { entries, outside } = placeBlock(
      [
        ['1', '2'],
        ['3', '4'],
      ],
      areaOf({ row: 30, column: 2 }, { row: 30, column: 2 }),
      size,
    );
    expect(entries).toEqual([
      { spot: { row: 30, column: 2 }, text: '1' },
      { spot: { row: 30, column: 3 }, text: '2' },
    ]);
    expect(outside).toBe(2);
  });

  it('of one value fills the chosen area', () => {
    const area = areaOf({ row: 5, column: 1 }, { row: 3, column: 0 });
    expect(placeBlock([['7']], area, size).entries).toEqual(
      spotsOf(area).map((spot) => ({ spot, text: '7' })),
    );
    expect(spotsOf(area)).toHaveLength(6);
  });
});

describe('the keys of the table', () => {
  const at = { row: 3, column: 1 };

  it.each([
    ['ArrowUp', false, { row: 2, column: 1 }],
    ['ArrowDown', true, { row: 30, column: 1 }],
    ['ArrowRight', true, { row: 3, column: 3 }],
    ['Home', false, { row: 3, column: 0 }],
    ['End', true, { row: 30, column: 3 }],
    ['PageUp', false, { row: 0, column: 1 }],
    ['PageDown', false, { row: 10, column: 1 }],
    ['a', false, undefined],
  ])('%s (with Control: %s)', (key, control, spot) => {
    expect(moved(at, key, size, control)).toEqual(spot);
  });

  it('lead on to the next row, and out at the end', () => {
    expect(nextSpot({ row: 0, column: 3 }, size, 1)).toEqual({ row: 1, column: 0 });
    expect(nextSpot({ row: 1, column: 0 }, size, -1)).toEqual({ row: 0, column: 3 });
    expect(nextSpot({ row: 30, column: 3 }, size, 1)).toBeUndefined();
    expect(nextSpot({ row: 0, column: 0 }, size, -1)).toBeUndefined();
  });
});
