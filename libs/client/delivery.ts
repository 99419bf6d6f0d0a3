/** What the consumer hands to its owner. */

import type { IHeaders } from 'kafkajs';
import type { PublishedTopic } from '@holdfast/contracts';
import type { Identity, Messages } from './incoming.js';

/** Beside the message: what tells it from others, and where it came from. */
export interface Delivery extends Identity {
  topic: PublishedTopic;
  partition: number;
  offset: number;
  /** 1 for the first; counts failures of this process only */
  attempt: number;
  /** aborted when the consumer is asked to stop: long work may give up then, by throwing, and comes back */
  signal: AbortSignal;
}

/** A promise that rejects, or a throw, says: not done, bring it again. */
export type Handler<T extends PublishedTopic> = (
  message: Messages[T],
  delivery: Delivery,
) => Promise<void> | void;

/** Each topic that has a handler is consumed. */
export type Handlers = { [T in PublishedTopic]?: Handler<T> };

/** A record that is no message of Holdfast's. */
export interface UnreadableRecord {
  topic: PublishedTopic;
  partition: number;
  offset: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: IHeaders;
  /** why, as text */
  reason: string;
}

export interface DeliveryFailure {
  topic: PublishedTopic;
  partition: number;
  offset: number;
  attempt: number;
  error: unknown;
  retryInMs: number;
}
