import { ofBehind, ofRefund } from './put-back.js';

const line = { productId: 'cake', variantId: 'l', fulfillmentDate: '2026-12-24', units: 3, pastDate: false };

describe('what is put back', () => {
  it('of a refund is every line, as far as it can be', () => {
    const refund = {
      orderId: 'o-1',
      customerId: null,
      placedAt: null,
      lines: [
        { ...line, restockable: 2 },
        { ...line, variantId: null, fulfillmentDate: null, restockable: 1, pastDate: true },
        { ...line, variantId: 's', restockable: 0 },
      ],
    };
    expect(ofRefund(refund)).toEqual({
      orderId: 'o-1',
      units: 3,
      pastDate: true,
      lines: [
        { productId: 'cake', variantId: 'l', fulfillmentDate: '2026-12-24', quantity: 2 },
        { productId: 'cake', quantity: 1 },
      ],
    });
  });

  it('behind one number is its units, with a warning when the day is over', () => {
    const order = {
      orderId: 'o-1',
      customerId: null,
      state: 'refunded' as const,
      placedAt: null,
      expiresAt: null,
      lines: [],
      units: 2,
    };
    const place = { productId: 'cake', variantId: 'l', date: '2026-12-24' };
    expect(ofBehind(order, place, '2026-12-24').pastDate).toBe(false);
    expect(ofBehind(order, place, '2026-12-25')).toMatchObject({ pastDate: true, units: 2 });
  });
});
