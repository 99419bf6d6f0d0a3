/** An event as a record: completed, checked by the rules that Holdfast reads it with, keyed by its store. */

import { randomUUID } from 'node:crypto';
import {
  cloudEventHeaders,
  parseRecord,
  type ConsumedTopic,
  type OrderPlaced,
  type OrderRefunded,
  type OrderRejected,
  type PaymentReceived,
  type PoisonClass,
} from '@holdfast/contracts';

/** What is published, by topic. */
export interface Events {
  OrderPlaced: OrderPlaced;
  PaymentReceived: PaymentReceived;
  OrderRejected: OrderRejected;
  OrderRefunded: OrderRefunded;
}

/** `eventId` is made up and `occurredAt` is now when they are left away. */
export type Draft<T extends ConsumedTopic> = Omit<Events[T], 'eventId' | 'occurredAt'> &
  Partial<Pick<Events[T], 'eventId' | 'occurredAt'>>;

/** Nothing was sent: Holdfast would set this event aside. The message names the field, the rule and the remedy. */
export class InvalidEvent extends Error {
  override name = 'InvalidEvent';

  constructor(
    readonly topic: ConsumedTopic,
    readonly errorClass: PoisonClass,
    reason: string,
  ) {
    super(`${topic}: ${reason}`);
  }
}

export interface OutgoingRecord {
  key: Buffer;
  value: Buffer;
  headers: Record<string, Buffer>;
}

/** @throws InvalidEvent */
export function recordOf<T extends ConsumedTopic>(topic: T, draft: Draft<T>, source: string): OutgoingRecord {
  const event = { eventId: randomUUID(), occurredAt: new Date().toISOString(), ...draft };
  const value = Buffer.from(JSON.stringify(event));
  const { poison } = parseRecord(topic, value, { partition: 0, offset: 0, timestamp: 0 });
  if (poison) throw new InvalidEvent(topic, poison.errorClass, poison.message);
  const headers = cloudEventHeaders(topic, event.occurredAt, { source })(Buffer.from(event.eventId));
  return { key: Buffer.from(event.storeId), value, headers: Object.fromEntries(headers) };
}

/** A topic takes 1 MiB a request unless it says otherwise; this leaves room for what the estimate misses. */
const MAX_CHUNK_BYTES = 900_000;

/** The records in order, in chunks that a topic takes. */
export function chunksOf(records: readonly OutgoingRecord[], maxBytes = MAX_CHUNK_BYTES): OutgoingRecord[][] {
  const chunks: OutgoingRecord[][] = [];
  let bytes = Infinity;
  for (const record of records) {
    const size = sizeOf(record);
    if (bytes + size > maxBytes) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)?.push(record);
    bytes += size;
  }
  return chunks;
}

function sizeOf({ key, value, headers }: OutgoingRecord): number {
  const ofHeaders = Object.entries(headers).reduce(
    (sum, [name, text]) => sum + name.length + text.length + 4,
    0,
  );
  return key.length + value.length + ofHeaders + 32;
}
