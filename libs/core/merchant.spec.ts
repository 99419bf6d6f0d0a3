import { changeStock, type Stock } from './index.js';

const stock: Stock = { free: 5, held: 1, sold: 2, refunded: 3, settlement: 7, version: 9 };
const blank: Stock = { ...stock, free: null };

describe('what the merchant does to a key', () => {
  it('sets what can still be ordered, settles, and says by how much', () => {
    expect(changeStock(stock, { type: 'set', quantity: 12 })).toEqual({
      kind: 'changed',
      stock: { free: 12, held: 1, sold: 2, refunded: 0, settlement: 8, version: 10 },
      delta: { free: 7, held: 0, sold: 0, refunded: -3 },
    });
  });

  it('sets to unlimited: the number goes, which counts as 0 from then on', () => {
    expect(changeStock(stock, { type: 'set', quantity: null })).toEqual({
      kind: 'changed',
      stock: { free: null, held: 1, sold: 2, refunded: 0, settlement: 8, version: 10 },
      delta: { free: -5, held: 0, sold: 0, refunded: -3 },
    });
  });

  it('sets a blank to a number', () => {
    expect(changeStock(blank, { type: 'set', quantity: 4 })).toMatchObject({
      stock: { free: 4, settlement: 8, version: 10 },
      delta: { free: 4, held: 0, sold: 0, refunded: -3 },
    });
  });

  it('leaves no -0 in what is published', () => {
    const answer = changeStock({ ...stock, refunded: 0 }, { type: 'set', quantity: 5 });
    expect(answer).toMatchObject({ delta: { free: 0, held: 0, sold: 0, refunded: 0 } });
  });

  it('adjusts the number alone, and does not settle', () => {
    expect(changeStock(stock, { type: 'adjust', by: -5 })).toEqual({
      kind: 'changed',
      stock: { free: 0, held: 1, sold: 2, refunded: 3, settlement: 7, version: 10 },
      delta: { free: -5, held: 0, sold: 0, refunded: 0 },
    });
  });

  it('refuses to adjust below 0, and on blank, and says what there is', () => {
    expect(changeStock(stock, { type: 'adjust', by: -6 })).toEqual({
      kind: 'refused',
      reason: 'below-zero',
      free: 5,
    });
    expect(changeStock(blank, { type: 'adjust', by: 1 })).toEqual({
      kind: 'refused',
      reason: 'unlimited',
      free: null,
    });
  });
});
