/** A notification as a mail: what the customer reads. */

import { createHash } from 'node:crypto';
import type { Messages } from '@holdfast/client';

type Notification = Messages['CustomerNotification'];

export interface Customer {
  name: string;
  email: string;
}

export interface Mail {
  to: { name: string; address: string };
  subject: string;
  text: string;
  messageId: string;
}

const WORDS: Record<Notification['template'], { subject: string; text: string }> = {
  'order-refused': {
    subject: 'is sold out',
    text: 'We are sorry: what you ordered is not available any more, so your order was not placed.',
  },
  'order-rejected': { subject: 'was declined', text: 'We are sorry: we cannot take your order.' },
  'order-expired': {
    subject: 'was cancelled',
    text: 'Your order was not paid in time, so we have cancelled it. You are welcome to order again.',
  },
  'order-reinstated': {
    subject: 'is confirmed after all',
    text: 'Your payment has arrived, and everything is still there: your order is confirmed.',
  },
  'refund-on-its-way': {
    subject: 'is refunded',
    text: 'Your payment came for an order that we cannot deliver. You will get your money back.',
  },
};

/** undefined for a template that this service does not know yet. */
export function mailOf(notification: Notification, customer: Customer): Mail | undefined {
  const { notificationId, template, orderId, reason, lines } = notification;
  const words = Object.hasOwn(WORDS, template) ? WORDS[template] : undefined;
  if (!words) return undefined;
  const goods = lines.map(({ quantity, productId, variantId, fulfillmentDate }) => {
    const what = variantId === undefined ? productId : `${productId} (${variantId})`;
    return `  ${quantity} × ${what}${fulfillmentDate === undefined ? '' : ` for ${fulfillmentDate}`}`;
  });
  const why = template === 'order-rejected' && reason ? [`Reason: ${reason}`, ''] : [];
  return {
    // Apart, so that no name can add another address.
    to: { name: customer.name, address: customer.email },
    subject: `Your order ${orderId} ${words.subject}`,
    text: [`Dear ${customer.name},`, '', words.text, '', ...why, 'You had ordered:', ...goods, ''].join('\n'),
    // The same for a copy, so that even a mail that is sent twice can be told to be one.
    messageId: `<${createHash('sha256').update(notificationId).digest('hex').slice(0, 32)}@notifications.example>`,
  };
}
