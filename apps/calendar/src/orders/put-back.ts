/** Putting refunded units back: what is sent for which lines. */

import type { RestockLine } from '../api/holdfast.js';
import type { OrderBehind, Place, Refund, RefundLine } from '../api/types.js';

export interface PutBack {
  orderId: string;
  units: number;
  pastDate: boolean;
  lines: RestockLine[];
}

/** All that an order waits for. */
export function ofRefund({ orderId, lines }: Refund): PutBack {
  const open = lines.filter(({ restockable }) => restockable > 0);
  return {
    orderId,
    units: open.reduce((sum, { restockable }) => sum + restockable, 0),
    pastDate: open.some(({ pastDate }) => pastDate),
    lines: open.map((line) => restockLine(line, line.restockable)),
  };
}

/** What an order waits for of one number. */
export function ofBehind({ orderId, units }: OrderBehind, place: Place, today: string): PutBack {
  const { productId, variantId, date } = place;
  return {
    orderId,
    units,
    pastDate: date !== null && date < today,
    lines: [restockLine({ productId, variantId, fulfillmentDate: date }, units)],
  };
}

function restockLine(
  { productId, variantId, fulfillmentDate }: Pick<RefundLine, 'productId' | 'variantId' | 'fulfillmentDate'>,
  quantity: number,
): RestockLine {
  return {
    productId,
    ...(variantId !== null && { variantId }),
    ...(fulfillmentDate !== null && { fulfillmentDate }),
    quantity,
  };
}
