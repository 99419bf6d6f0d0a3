/** What a transition did, before it is put into messages. */

import type { Line } from './line.js';
import type { Order, OrderState, Shortage } from './order.js';
import type { StockDelta } from './stock.js';

export const OUTCOMES = [
  'Held',
  'Refused',
  'Sold',
  'Reinstated',
  'Released',
  'RefundRecorded',
  'RefundRequired',
  'Restocked',
  'StockChanged',
] as const;
export type OutcomeName = (typeof OUTCOMES)[number];

export interface Outcome {
  outcome: OutcomeName;
  deltas: StockDelta[];
  expiresAt?: number;
  reason?: string;
  paymentId?: string;
  shortages?: Shortage[];
}

export const TEMPLATES = [
  'order-refused',
  'order-rejected',
  'order-expired',
  'order-reinstated',
  'refund-on-its-way',
] as const;
export type Template = (typeof TEMPLATES)[number];

export interface Notification {
  template: Template;
  reason?: string;
  lines: readonly Line[];
}

/** One change of an order's state, claim or requests. */
export interface Transition {
  /** numbers the order's transitions from 1 */
  version: number;
  from: OrderState;
  to: OrderState;
  outcomes: Outcome[];
  notification?: Notification;
}

export type Decision =
  /** the fact was known, or came too early or late to matter: nothing to write */
  | { kind: 'unchanged' }
  /** a second placement that differs from the first: counted and logged, changes nothing */
  | { kind: 'conflicting' }
  /** refused as a whole; nothing is remembered */
  | {
      kind: 'refused';
      reason: 'too-many-facts' | 'too-old' | 'not-refunded' | 'too-many' | 'nothing-held';
      detail: string;
    }
  /** a new fact; with a transition when it moved the order */
  | { kind: 'fact'; order: Order; transition?: Transition; deltas: StockDelta[] };
