import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Delivery, Messages } from '@holdfast/client';
import { mailOf, type Mail } from './mail.js';
import { notifying } from './notify.js';
import { SentJournal } from './sent-journal.js';

const notification: Messages['CustomerNotification'] = {
  notificationId: 's/o-1/2/order-rejected',
  template: 'order-rejected',
  storeId: 's',
  orderId: 'o-1',
  customerId: 'c-1',
  occurredAt: '2026-03-14T08:56:54.101Z',
  reason: 'We are closed on that day.',
  lines: [{ productId: 'mug', variantId: 'blue', fulfillmentDate: '2026-03-20', quantity: 2 }],
};
const customer = { name: 'Ada', email: 'ada@example.com' };

describe('mailOf', () => {
  it('tells what was ordered and why it was declined', () => {
    expect(mailOf(notification, customer)?.subject).toBe('Your order o-1 was declined');
    expect(mailOf(notification, customer)?.text.split('\n')).toEqual([
      'Dear Ada,',
      '',
      'We are sorry: we cannot take your order.',
      '',
      'Reason: We are closed on that day.',
      '',
      'You had ordered:',
      '  2 × mug (blue) for 2026-03-20',
      '',
    ]);
  });

  it('gives copies one Message-ID, and other notifications others', () => {
    const id = mailOf(notification, customer)?.messageId;
    expect(mailOf(structuredClone(notification), customer)?.messageId).toBe(id);
    expect(
      mailOf({ ...notification, notificationId: 's/o-1/3/order-rejected' }, customer)?.messageId,
    ).not.toBe(id);
  });
});

describe('notifying', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-notify-'));
  const delivery = { id: notification.notificationId } as Delivery;
  let journal: SentJournal;
  let mails: Mail[];
  beforeEach(async () => {
    mails = [];
    journal = await SentJournal.open(join(folder, String(Math.random())));
  });
  afterEach(() => journal.close());
  afterAll(() => rmSync(folder, { recursive: true }));

  /** @param answer of the mail server to each mail */
  function handler(answer?: object) {
    return notifying({
      journal,
      customer: (id) => (id === 'c-1' ? customer : undefined),
      send: (mail) => {
        mails.push(mail);
        return answer ? Promise.reject(Object.assign(new Error('no'), answer)) : Promise.resolve();
      },
      log: () => {},
    });
  }

  it('mails once, and notes it', async () => {
    for (let copy = 0; copy < 2; copy++) await handler()(notification, delivery);
    expect(mails).toHaveLength(1);
    expect(journal.has(delivery.id)).toBe(true);
  });

  it.each([
    ['is away', { code: 'ECONNECTION' }],
    ['is busy', { code: 'EENVELOPE', responseCode: 450 }],
    ['wants another password', { code: 'EAUTH', responseCode: 535 }],
  ])('asks to be called again when the mail server %s', async (_, answer) => {
    await expect(handler(answer)(notification, delivery)).rejects.toThrow('no');
    expect(journal.has(delivery.id)).toBe(false);
  });

  it('passes a mail that the server refuses for good, for later ones wait behind it', async () => {
    await handler({ code: 'EENVELOPE', responseCode: 550 })(notification, delivery);
    expect(journal.has(delivery.id)).toBe(true);
  });

  it('passes what it has no address or no words for', async () => {
    const { customerId: _, ...anonymous } = notification;
    await handler()(anonymous, delivery);
    await handler()({ ...notification, customerId: 'c-2' }, delivery);
    await handler()({ ...notification, template: 'toString' as 'order-refused' }, delivery);
    expect(mails).toEqual([]);
  });
});
