/** Sends the events to Kafka, at their pace. */

import { topicName } from '@holdfast/contracts';
import { Publisher, type KafkaPort } from '@holdfast/messaging';
import { paced, type Pace } from './pace.js';
import type { PlannedEvent, PlannedTopic } from './timeline.js';

export interface SendOptions {
  storeId: string;
  topicPrefix: string;
  pace: Pace;
  /** events occur when the file says instead of when they are sent */
  keepTimes: boolean;
  onProgress(text: string, last: boolean): void;
}

export interface Sent {
  events: Record<PlannedTopic, number>;
  durationMs: number;
  ordersPerSecond: number;
}

/** Resolves when the broker has them all. */
export async function sendAll(
  kafka: KafkaPort,
  events: readonly PlannedEvent[],
  options: SendOptions,
): Promise<Sent> {
  const publisher = new Publisher(kafka);
  await publisher.connect();
  try {
    return await send(publisher, events, options);
  } finally {
    await publisher.disconnect();
  }
}

async function send(
  publisher: Publisher,
  events: readonly PlannedEvent[],
  options: SendOptions,
): Promise<Sent> {
  const { storeId, topicPrefix, pace, keepTimes } = options;
  const startedAt = Date.now();
  const sent: Sent = {
    events: { OrderPlaced: 0, PaymentReceived: 0, OrderRefunded: 0 },
    durationMs: 0,
    ordersPerSecond: 0,
  };
  const orders = events.filter(({ topic }) => topic === 'OrderPlaced').length;
  for await (const batch of paced(events, pace)) {
    const now = new Date().toISOString();
    await publisher.publish(
      batch.map(({ topic, at, message }) => ({
        topic: topicName(topic, topicPrefix),
        key: storeId,
        value: JSON.stringify(message(keepTimes ? new Date(at).toISOString() : now)),
        headers: {},
      })),
    );
    for (const { topic } of batch) sent.events[topic] += 1;
    sent.durationMs = Date.now() - startedAt;
    sent.ordersPerSecond = Math.round((sent.events.OrderPlaced * 1_000) / Math.max(sent.durationMs, 1));
    options.onProgress(
      `${sent.events.OrderPlaced} of ${orders} orders sent, ${sent.ordersPerSecond}/s`,
      false,
    );
  }
  options.onProgress(`${sent.events.OrderPlaced} of ${orders} orders sent, ${sent.ordersPerSecond}/s`, true);
  return sent;
}
