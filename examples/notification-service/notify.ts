/** What becomes of one notification: a mail, once. */

import type { Handler } from '@holdfast/client';
import { mailOf, type Customer, type Mail } from './mail.js';
import type { SentJournal } from './sent-journal.js';

export interface Tools {
  journal: SentJournal;
  /** undefined when nobody knows the customer */
  customer: (customerId: string) => Customer | undefined;
  send: (mail: Mail) => Promise<void>;
  log: (line: string) => void;
}

/**
 * Throwing means: not done. The client then brings the notification again, for as long as it takes, and later ones
 * of the same store wait. So what can never be done is logged and passed.
 */
export function notifying({ journal, customer, send, log }: Tools): Handler<'CustomerNotification'> {
  return async (notification, { id }) => {
    // The client passes over copies while it runs; the journal knows what was mailed before it was started.
    if (journal.has(id)) return;
    const known = notification.customerId === undefined ? undefined : customer(notification.customerId);
    const mail = known && mailOf(notification, known);
    if (!mail) {
      log(
        `${id}: no mail, for ${known ? `nobody knows ${notification.template}` : 'the customer has no address'}`,
      );
      return;
    }
    try {
      await send(mail);
      log(`${id}: mailed`);
    } catch (error) {
      if (!isRefusedForGood(error)) throw error;
      log(`${id}: the mail server does not take it: ${(error as Error).message}`);
    }
    // Killed before this line, it is mailed once more, with the same Message-ID: SMTP knows no transaction.
    await journal.add(id);
  };
}

/** An address that is none, or a message that is not wanted; not a server that is away, full, or wants a password. */
function isRefusedForGood(error: unknown): boolean {
  const { code, responseCode = 0 } = error as { code?: string; responseCode?: number };
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode >= 500;
}
