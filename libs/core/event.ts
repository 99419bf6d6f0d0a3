/** What can happen to an order, as data. Times are epoch ms. */

import type { Line } from './line.js';

/** Where an event came from. Our own: topic `timer`, `api` or `ops`, without partition and offset. */
export interface Cause {
  topic: string;
  eventId: string;
  partition?: number;
  offset?: number;
  /** W3C traceparent that came with it, where somebody traces */
  trace?: string;
}

interface Base {
  storeId: string;
  orderId: string;
  cause: Cause;
}

export interface PlacedEvent extends Base {
  type: 'placed';
  occurredAt: number;
  /** the record's timestamp at the broker; the hold runs from the earlier of the two */
  recordedAt: number;
  customerId?: string;
  lines: Line[];
}
export interface PaidEvent extends Base {
  type: 'paid';
  paymentId: string;
}
export interface RejectedEvent extends Base {
  type: 'rejected';
  reason?: string;
}
export interface RefundedEvent extends Base {
  type: 'refunded';
  refundId: string;
  paymentId?: string;
  lines?: Line[];
  restock: boolean;
}
/** The merchant puts refunded units back; without lines, all that wait for it. */
export interface RestockedEvent extends Base {
  type: 'restocked';
  restockId: string;
  lines?: Line[];
}
/** The timer: holds due at or before `watermark` expire. */
export interface DueEvent extends Base {
  type: 'due';
  watermark: number;
}
/** The operator lets a hold last until `dueAt`, never shorter. */
export interface ExtendedEvent extends Base {
  type: 'extended';
  dueAt: number;
}

export type OrderEvent =
  PlacedEvent | PaidEvent | RejectedEvent | RefundedEvent | RestockedEvent | DueEvent | ExtendedEvent;
