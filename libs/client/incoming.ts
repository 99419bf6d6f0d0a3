/** A record of Holdfast's as the message that it is, and what makes two of them the same. */

import type { CustomerNotification, OrderExpired, PublishedTopic, StockOutcome } from '@holdfast/contracts';

/** What is consumed, by topic. */
export interface Messages {
  StockOutcome: StockOutcome;
  OrderExpired: OrderExpired;
  CustomerNotification: CustomerNotification;
}

/** What a message is about, and where it stands in the order's life. */
export interface Identity {
  /** the same however often the message is sent */
  id: string;
  /** what is numbered by `version`: `store/order`, or the message itself where nothing is numbered */
  subject: string;
  /** numbers the transitions of an order; several messages may share one */
  version: number;
}

export interface Incoming<T extends PublishedTopic = PublishedTopic> {
  message: Messages[T];
  identity: Identity;
}

const ID_FIELDS = {
  StockOutcome: 'outcomeId',
  OrderExpired: 'eventId',
  CustomerNotification: 'notificationId',
} as const;

/**
 * Checks no more than is needed to tell messages apart: a later version of Holdfast may have added to them.
 * @returns why it cannot be read, as text, when it cannot
 */
export function incomingOf<T extends PublishedTopic>(topic: T, value: Buffer | null): Incoming<T> | string {
  if (value === null) return 'it has no value';
  let json: unknown;
  try {
    json = JSON.parse(value.toString('utf8'));
  } catch {
    return 'its value is not JSON';
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return 'its value is not a JSON object';
  const id = (json as Record<string, unknown>)[ID_FIELDS[topic]];
  if (typeof id !== 'string' || id === '') return `it has no ${ID_FIELDS[topic]}`;
  return { message: json as Messages[T], identity: identityOf(topic, id) };
}

/** Ids are `store/order/version/what…`, of merchants' changes `store/change/chunk/StockChanged`; no part has a `/`. */
function identityOf(topic: PublishedTopic, id: string): Identity {
  const [store, order, number, what] = id.split('/');
  const version = Number(number);
  const isOrders = what !== undefined && Number.isSafeInteger(version) && version > 0;
  if (!isOrders || (topic === 'StockOutcome' && what === 'StockChanged'))
    return { id, subject: id, version: 0 };
  return { id, subject: `${store}/${order}`, version };
}
