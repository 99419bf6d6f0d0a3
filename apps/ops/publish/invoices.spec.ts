import type { CsvLine } from './csv-lines.js';
import { InvoiceReader, localTime, NOT_GOODS, type Reading } from './invoices.js';

const DATE = '2010-12-01 08:26:00';

/** `536365 mug 6`, one a line of the file, from its line 2 */
function read(...rows: string[]): Reading {
  const reader = new InvoiceReader({ timeZone: 'Europe/London', notGoods: NOT_GOODS });
  rows.forEach((row, at) => {
    const [invoice = '', product = '', quantity = '', ...date] = row.split(' ');
    const line: CsvLine = { line: at + 2, invoice, product, quantity, date: date.join(' ') || DATE };
    reader.add(line);
  });
  return reader.finish();
}

describe('invoices', () => {
  it('are orders of their goods, the same product added up, codes in capitals', () => {
    const { orders, unusableLines } = read(
      '536365 85123a 6',
      '536365 71053 2',
      '536365 85123A 4',
      '536366 71053 1',
    );
    expect(unusableLines).toEqual([]);
    expect(orders).toMatchObject([
      {
        id: '536365',
        at: Date.UTC(2010, 11, 1, 8, 26),
        firstLine: 2,
        lastLine: 4,
        goods: [
          { productId: '85123A', quantity: 10, lines: [2, 4] },
          { productId: '71053', quantity: 2, lines: [3] },
        ],
      },
      { id: '536366', goods: [{ productId: '71053' }] },
    ]);
  });

  it('whose numbers start with C are cancellations, with their quantities turned round', () => {
    const { cancellations } = read('C536391 22556 -12', 'C536391 22556 -3');
    expect(cancellations).toMatchObject([{ id: 'C536391', goods: [{ productId: '22556', quantity: 15 }] }]);
  });

  it('name each line that cannot be used, and use the others', () => {
    const { orders, cancellations, unusableLines } = read(
      '1 mug 6',
      '1 POST 1',
      '1 mug 0',
      '1 cup -10',
      '1 cup 1.5',
      '1 cup 2000000',
      '1 a/b 1',
      '1 cup 1 1.12.2010',
      'C2 mug 5',
      'C2 mug -5',
      'C2 D -1',
    );
    expect(unusableLines.map(({ line, fault }) => [line, fault])).toEqual([
      [3, 'not-goods'],
      [4, 'not-positive'],
      [5, 'not-positive'],
      [6, 'bad-quantity'],
      [7, 'bad-quantity'],
      [8, 'no-product'],
      [9, 'bad-date'],
      [10, 'not-negative'],
      [12, 'not-goods'],
    ]);
    expect(orders).toMatchObject([{ id: '1', goods: [{ productId: 'MUG', quantity: 6 }] }]);
    expect(cancellations).toMatchObject([{ goods: [{ quantity: 5 }] }]);
  });

  it('without a usable line, or with more products than an order may have, are reported as a whole', () => {
    const many = Array.from({ length: 501 }, (_, at) => `2 p${at} 1`);
    const { orders, unusableInvoices, unusableLines } = read('1 mug -6', ...many);
    expect(unusableLines).toHaveLength(502);
    expect(orders).toEqual([]);
    expect(unusableInvoices).toMatchObject([
      { invoice: '1', fault: 'no-usable-line', firstLine: 2, lastLine: 2 },
      { invoice: '2', fault: 'too-many-products', firstLine: 3, lastLine: 503 },
    ]);
  });
});

describe('local times', () => {
  it.each([
    ['2010-12-01 08:26:00', 'Europe/London', '2010-12-01T08:26:00.000Z'],
    ['2010-07-01 08:26:00', 'Europe/London', '2010-07-01T07:26:00.000Z'],
    ['2010-12-01 8:26', 'Europe/London', '2010-12-01T08:26:00.000Z'],
    ['2010-12-01T08:26:00', 'America/New_York', '2010-12-01T13:26:00.000Z'],
  ])('%s in %s is %s', (text, zone, time) =>
    expect(new Date(localTime(text, zone)).toISOString()).toBe(time),
  );

  it('are none when there is no such day, or when the clocks skipped it', () => {
    expect(localTime('2010-02-30 08:00:00', 'Europe/London')).toBeNaN();
    expect(localTime('2010-03-28 01:30:00', 'Europe/London')).toBeNaN();
    expect(localTime('01/12/2010 08:26', 'Europe/London')).toBeNaN();
  });
});
