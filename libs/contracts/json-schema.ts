/** The messages' schemas as documents for other programs: JSON Schema 2020-12. */

import type { TSchema } from 'typebox';
import {
  OrderPlacedSchema,
  OrderRefundedSchema,
  OrderRejectedSchema,
  PaymentReceivedSchema,
} from './consumed.js';
import { CustomerNotificationSchema, OrderExpiredSchema, StockOutcomeSchema } from './published.js';
import type { ConsumedTopic, PublishedTopic } from './topics.js';

export const SCHEMAS: Record<ConsumedTopic | PublishedTopic, TSchema> = {
  OrderPlaced: OrderPlacedSchema,
  PaymentReceived: PaymentReceivedSchema,
  OrderRejected: OrderRejectedSchema,
  OrderRefunded: OrderRefundedSchema,
  OrderExpired: OrderExpiredSchema,
  StockOutcome: StockOutcomeSchema,
  CustomerNotification: CustomerNotificationSchema,
};

export type MessageName = keyof typeof SCHEMAS;
export const MESSAGE_NAMES = Object.keys(SCHEMAS) as MessageName[];

/** File name to text, of every message. */
export function schemaFiles(): Map<string, string> {
  return new Map(
    MESSAGE_NAMES.map((name) => [`${name}.json`, `${JSON.stringify(schemaDocument(name), undefined, 2)}\n`]),
  );
}

export function schemaDocument(name: MessageName): Record<string, unknown> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:holdfast:message:${name}:v1`,
    title: name,
    ...(withoutOwnFormats(SCHEMAS[name]) as object),
  };
}

/** Validators refuse formats that they do not know; the patterns beside ours say nearly the same. */
function withoutOwnFormats(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutOwnFormats);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).filter(
    ([key, value]) => !(key === 'format' && typeof value === 'string' && value.startsWith('holdfast-')),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutOwnFormats(value)]));
}
