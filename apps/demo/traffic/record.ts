/** What the producers send, as it will stand on Kafka. */

import type {
  ConsumedTopic,
  OrderPlaced,
  OrderRefunded,
  OrderRejected,
  PaymentReceived,
} from '@holdfast/contracts';
import { FLASH_SALE } from './shops.js';
import { Random } from './random.js';

/** The programs that send orders' events, each a process of its own that knows nothing of the others. */
export const SERVICES = ['checkout', 'flash-sale', 'payments', 'back-office'] as const;
export type Service = (typeof SERVICES)[number];

export interface TrafficRecord {
  /** the event's id */
  name: string;
  /** when it is sent, epoch ms */
  sendAt: number;
  topic: ConsumedTopic;
  key: string;
  value: string | Buffer | null;
  /** what is wrong with it; stands in a header, so that whoever counts need not trust Holdfast's parser */
  malformed?: string;
}

/** Header of records that are malformed on purpose. */
export const MALFORMED_HEADER = 'demo-malformed';

type Messages = {
  OrderPlaced: OrderPlaced;
  PaymentReceived: PaymentReceived;
  OrderRejected: OrderRejected;
  OrderRefunded: OrderRefunded;
};

export function recordOf<Topic extends ConsumedTopic>(
  topic: Topic,
  sendAt: number,
  message: Messages[Topic],
): TrafficRecord {
  const { eventId, storeId, orderId } = message;
  // Events are keyed by store, but for the flash sale's: keyed by order they go to every lane, and all lanes of
  // all workers meet at one stock key. That is slower, and must not be wrong.
  const key = storeId === FLASH_SALE ? orderId : storeId;
  return { name: eventId, sendAt, topic, key, value: JSON.stringify(message) };
}

const COPIES = 0.02;

/** The record, and now and then a second copy some time later: networks and retries do that. */
export function withCopy(record: TrafficRecord, seed: string): TrafficRecord[] {
  const random = new Random(`${seed}/copy/${record.name}`);
  if (!random.chance(COPIES)) return [record];
  return [record, { ...record, sendAt: record.sendAt + Math.round(random.between(50, 4_000)) }];
}

/** ISO 8601, UTC. @param at epoch ms */
export function timeText(at: number): string {
  return new Date(at).toISOString();
}
