import { BLANK, changeStock, inverseOf, type NumberChange, type Stock } from './index.js';

function stock(free: number | null, more: Partial<Stock> = {}): Stock {
  return { ...BLANK, free, ...more };
}

function made(before: Stock, change: NumberChange): Stock {
  const decision = changeStock(before, change);
  if (decision.kind !== 'changed') throw new Error(`refused: ${decision.reason}`);
  return decision.stock;
}

/** The change, then what orders did, then the change taken back. */
function undone(before: Stock, change: NumberChange, orders: Partial<Stock> = {}, unsettled = 0) {
  const after = made(before, change);
  const now = { ...after, ...orders };
  const inverse = inverseOf({ type: change.type, before, after }, now, unsettled);
  return { after, inverse, result: changeStock(now, inverse) };
}

describe('the inverse of a change', () => {
  it('of an adjustment moves the number back by as much', () => {
    const { inverse, result } = undone(stock(10), { type: 'adjust', by: 5 }, { free: 12, held: 3 });
    expect(inverse).toEqual({ type: 'adjust', by: -5 });
    expect(result).toMatchObject({ kind: 'changed', stock: { free: 7, held: 3, version: 2 } });
  });

  it('of a set is the number from before, less what was ordered since', () => {
    const { result } = undone(stock(10, { sold: 2 }), { type: 'set', quantity: 40 }, { free: 36, held: 4 });
    expect(result).toMatchObject({ kind: 'changed', stock: { free: 6, held: 4, sold: 2, settlement: 1 } });
  });

  it('of a set of a blank key makes it blank again', () => {
    const { result } = undone(stock(null, { held: 2 }), { type: 'set', quantity: 40 }, { free: 39, held: 3 });
    expect(result).toMatchObject({ kind: 'changed', stock: { free: null, held: 3 }, delta: { free: -39 } });
  });

  it('of a set to unlimited counts what was ordered while it was', () => {
    const { result } = undone(stock(10, { held: 1 }), { type: 'set', quantity: null }, { held: 4, sold: 2 });
    expect(result).toMatchObject({ kind: 'changed', stock: { free: 5, held: 4, sold: 2 } });
  });

  it('is refused where the number would fall below 0', () => {
    const { result } = undone(stock(10), { type: 'set', quantity: 40 }, { free: 29, held: 11 });
    expect(result).toEqual({ kind: 'refused', reason: 'below-zero', free: 29 });
  });

  it('lets units wait again that the set had settled, beside those refunded since', () => {
    const before = stock(4, { sold: 3, refunded: 3 });
    const since = { free: 9, sold: 2, refunded: 2 };
    const { after, result } = undone(before, { type: 'set', quantity: 8 }, since, 3);
    expect(after).toMatchObject({ free: 8, refunded: 0, settlement: 1 });
    expect(result).toMatchObject({
      kind: 'changed',
      stock: { free: 3, sold: 2, refunded: 5, settlement: 1 },
      delta: { free: -6, refunded: 3 },
    });
  });

  it('of an inverse that let units wait settles them again', () => {
    const before = stock(4, { refunded: 3 });
    const { after, result } = undone(before, { type: 'set', quantity: 8 }, {}, 3);
    if (result.kind !== 'changed') throw new Error('refused');
    const again = inverseOf({ type: 'restore', before: after, after: result.stock }, result.stock, 0);
    expect(again).toEqual({ type: 'set', quantity: 8 });
    expect(made(result.stock, again)).toMatchObject({ free: 8, refunded: 0, settlement: 2, version: 3 });
  });
});
