import { codesOf } from './codes.js';

describe('short names of products', () => {
  it.each([
    [
      ['Stollen', 'Chocolate cake', 'roast goose'],
      ['St', 'Ch', 'Ro'],
    ],
    [
      ['Chocolate cake', 'Cheese cake'],
      ['Cho', 'Che'],
    ],
    [
      ['Christmas stollen', 'Christmas cookies', 'Stollen'],
      ['CS', 'CC', 'St'],
    ],
    [
      ['Weihnachtsstollen', 'Weihnachtsgans', 'W'],
      ['W1', 'W2', 'W'],
    ],
    [
      ['Stollen 500 g', 'Stollen 1 kg'],
      ['S5G', 'S1K'],
    ],
    [
      ['Brot', 'Brötchen', '— ! —'],
      ['Bro', 'Brö', '— '],
    ],
  ])('of %j are %j', (titles, codes) => {
    expect(titles.map((title) => codesOf(titles).get(title)?.trim())).toEqual(
      codes.map((code) => code.trim()),
    );
  });
});
