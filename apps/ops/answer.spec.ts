import { fields, table } from './answer.js';

describe('tables', () => {
  it('align texts to the left, numbers to the right, and show nothing as a dash', () => {
    expect(
      table(
        ['product', 'left'],
        [
          ['mug', 5],
          ['shirt', 1_200],
          ['cake', 'unlimited'],
          ['cup', null],
        ],
      ),
    ).toBe(
      [
        'product       left',
        '-------  ---------',
        'mug              5',
        'shirt         1200',
        'cake     unlimited',
        'cup              -',
        '',
      ].join('\n'),
    );
  });

  it('align the values of fields', () => {
    expect(
      fields([
        ['store', 's'],
        ['time zone', 'UTC'],
      ]),
    ).toBe('store:     s\ntime zone: UTC\n');
  });
});
