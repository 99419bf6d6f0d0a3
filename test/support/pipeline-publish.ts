/** The shop's other services, as far as Kafka sees them: what they publish, with everything given that a test leaves open. */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  ConsumedTopic,
  OrderPlaced,
  OrderRefunded,
  OrderRejected,
  PaymentReceived,
} from '@holdfast/contracts';
import kafkajs, { type CompressionTypes, type Kafka, type Producer } from 'kafkajs';

const MESSAGES_OF_ONE_SEND = 1_000;
const SEND_TRIES = 300;
const SEND_AGAIN_MS = 200;

/** `eventId` and `occurredAt` are made up when left away. */
export type Draft<Message extends { eventId: string; occurredAt: string }> = Omit<
  Message,
  'eventId' | 'occurredAt'
> &
  Partial<Pick<Message, 'eventId' | 'occurredAt'>>;

export interface PublishOptions {
  /** the store's id unless said otherwise */
  key?: string | Buffer | null;
  /** by the key unless said otherwise */
  partition?: number;
  headers?: Record<string, string | Buffer>;
  compression?: CompressionTypes;
}

export interface RawRecord {
  key?: string | Buffer | null;
  value: string | Buffer | null;
  headers?: Record<string, string | Buffer | (string | Buffer)[]>;
  partition?: number;
}

/** Per message, from the message. */
type OptionsOf<Message> = PublishOptions | ((message: Message, at: number) => PublishOptions);
type Publish<Message extends { eventId: string; occurredAt: string }> = (
  messages: Draft<Message> | readonly Draft<Message>[],
  options?: OptionsOf<Draft<Message>>,
) => Promise<void>;

/** A line of an order; `key` as in a stock key: `mug`, `shirt/M`, `cake/-/2026-02-14`. */
export function line(key: string, quantity = 1): OrderPlaced['lines'][number] {
  const [productId = '', variantId = '-', fulfillmentDate = '-'] = key.split('/');
  return {
    productId,
    ...(variantId !== '-' && { variantId }),
    ...(fulfillmentDate !== '-' && { fulfillmentDate }),
    quantity,
  };
}

/** Each call resolves when the broker has everything; the records of one call to one partition are in order. */
export class Publishing {
  readonly #producer: Producer;

  constructor(
    kafka: Kafka,
    private readonly topicPrefix: string,
  ) {
    this.#producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      // The client must not try again by itself: on its second try it passes over brokers that answered the first
      // one, with the records of partitions that these lead by now, and reports them as sent. `#send` tries anew.
      retry: { retries: 0 },
    });
  }

  connect(): Promise<void> {
    return this.#producer.connect();
  }

  disconnect(): Promise<void> {
    return this.#producer.disconnect();
  }

  readonly placed: Publish<OrderPlaced> = (messages, options) =>
    this.#drafts('OrderPlaced', messages, options);
  readonly paid: Publish<PaymentReceived> = (messages, options) =>
    this.#drafts('PaymentReceived', messages, options);
  readonly rejected: Publish<OrderRejected> = (messages, options) =>
    this.#drafts('OrderRejected', messages, options);
  readonly refunded: Publish<OrderRefunded> = (messages, options) =>
    this.#drafts('OrderRefunded', messages, options);

  /** Bytes as they are. */
  async raw(
    topic: ConsumedTopic,
    records: RawRecord | readonly RawRecord[],
    compression?: CompressionTypes,
  ): Promise<void> {
    const all = Array.isArray(records) ? (records as readonly RawRecord[]) : [records as RawRecord];
    for (let from = 0; from < all.length; from += MESSAGES_OF_ONE_SEND) {
      await this.#send(topic, all.slice(from, from + MESSAGES_OF_ONE_SEND), compression);
    }
  }

  async #send(
    topic: ConsumedTopic,
    records: readonly RawRecord[],
    compression?: CompressionTypes,
  ): Promise<void> {
    const messages = records.map(({ key = null, value, headers, partition }) => ({
      key,
      value,
      ...(headers && { headers }),
      ...(partition !== undefined && { partition }),
    }));
    for (let tries = 1; ; tries++) {
      try {
        await this.#producer.send({
          topic: this.topicPrefix + topic,
          messages,
          acks: -1,
          ...(compression !== undefined && { compression }),
        });
        return;
      } catch (error) {
        // A broker that restarts: what was sent already comes twice, which other services do too.
        const fault = error as Error & { type?: string };
        const away =
          fault.name === 'KafkaJSConnectionError' || fault.name === 'KafkaJSNumberOfRetriesExceeded';
        if (!away || fault.type === 'MESSAGE_TOO_LARGE' || tries > SEND_TRIES) throw error;
        await delay(SEND_AGAIN_MS);
      }
    }
  }

  #drafts<Message extends { storeId: string; eventId: string; occurredAt: string }>(
    topic: ConsumedTopic,
    drafts: Draft<Message> | readonly Draft<Message>[],
    options: OptionsOf<Draft<Message>> = {},
  ): Promise<void> {
    const all = (Array.isArray(drafts) ? drafts : [drafts]) as readonly (Draft<Message> & {
      storeId: string;
    })[];
    let compression: CompressionTypes | undefined;
    const records = all.map((draft, at): RawRecord => {
      const own = typeof options === 'function' ? options(draft, at) : options;
      compression = own.compression;
      const { key = draft.storeId, partition, headers } = own;
      const message = { eventId: randomUUID(), occurredAt: new Date().toISOString(), ...draft };
      return {
        key,
        value: JSON.stringify(message),
        ...(partition !== undefined && { partition }),
        ...(headers && { headers }),
      };
    });
    return this.raw(topic, records, compression);
  }
}
