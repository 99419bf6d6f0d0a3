import { matchCancellations } from './cancellations.js';
import type { Invoice } from './invoices.js';

/** `invoice('1', 10, 'mug 6', 'cup 2')`: from line 10 on */
function invoice(id: string, firstLine: number, ...goods: string[]): Invoice {
  return {
    id,
    kind: id.startsWith('C') ? 'cancellation' : 'order',
    at: firstLine * 1_000,
    firstLine,
    lastLine: firstLine + goods.length - 1,
    lines: goods.length,
    goods: goods.map((text, at) => {
      const [productId = '', quantity] = text.split(' ');
      return { productId, quantity: Number(quantity), lines: [firstLine + at] };
    }),
  };
}

function refunds(orders: Invoice[], cancellations: Invoice[]): string[] {
  return matchCancellations(orders, cancellations).refunds.map(
    ({ refundId, orderId, goods }) =>
      `${refundId} of ${orderId}: ${goods.map(({ productId, quantity }) => `${productId} ${quantity}`).join(', ')}`,
  );
}

describe('a cancellation gives back', () => {
  it('the latest earlier order that bought exactly as many', () => {
    const orders = [invoice('1', 1, 'mug 6'), invoice('2', 2, 'mug 6'), invoice('3', 3, 'mug 9')];
    expect(refunds([...orders, invoice('5', 5, 'mug 6')], [invoice('C4', 4, 'mug 6')])).toEqual([
      'C4 of 2: mug 6',
    ]);
  });

  it('else the latest that bought at least as many', () => {
    const orders = [invoice('1', 1, 'mug 9'), invoice('2', 2, 'mug 8'), invoice('3', 3, 'mug 5')];
    expect(refunds(orders, [invoice('C4', 4, 'mug 6')])).toEqual(['C4 of 2: mug 6']);
  });

  it('first of all the order that covers most of its products, then others for the rest', () => {
    const orders = [invoice('1', 1, 'mug 6', 'cup 3'), invoice('2', 3, 'mug 6'), invoice('3', 4, 'pen 1')];
    expect(refunds(orders, [invoice('C4', 5, 'mug 6', 'cup 2', 'pen 1')])).toEqual([
      'C4 of 1: mug 6, cup 2',
      'C4 of 3: pen 1',
    ]);
  });

  it('no unit twice', () => {
    const orders = [invoice('1', 1, 'mug 6'), invoice('2', 2, 'mug 3')];
    const cancellations = [invoice('C3', 3, 'mug 2'), invoice('C4', 4, 'mug 2'), invoice('C5', 5, 'mug 5')];
    const { refunds: planned, unmatched, unusableLines } = matchCancellations(orders, cancellations);
    expect(planned.map(({ refundId, orderId }) => [refundId, orderId])).toEqual([
      ['C3', '2'],
      ['C4', '1'],
    ]);
    expect(unmatched).toEqual(['C5']);
    expect(unusableLines).toEqual([
      { line: 5, invoice: 'C5', fault: 'no-order-to-refund', detail: '5 of mug' },
    ]);
  });

  it('what it can, and names the rest line by line', () => {
    const matching = matchCancellations([invoice('1', 1, 'mug 6')], [invoice('C2', 2, 'mug 6', 'cup 1')]);
    expect(matching).toMatchObject({ partly: ['C2'], matched: [], unmatched: [] });
    expect(matching.unusableLines).toMatchObject([{ line: 3, detail: '1 of cup' }]);
  });
});
