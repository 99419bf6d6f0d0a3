/**
 * Publishes the four events that Holdfast acts on. A call resolves when the brokers have all of it (`acks` all).
 * When it rejects, some may have arrived: sending them once more, with the same ids, is harmless.
 */

import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type Message, type Producer } from 'kafkajs';
import type { ConsumedTopic } from '@holdfast/contracts';
import { kafkaOf, type ConnectionOptions } from './connection.js';
import { jitteredBackoffMs } from '../messaging/backoff.js';
import { chunksOf, recordOf, type Draft } from './outgoing.js';

export interface PublisherOptions extends ConnectionOptions {
  /** who says so, as the CloudEvents header `ce_source`: a path or URI of your service, such as `/shop/checkout` */
  source: string;
}

/** A broker that restarts is back within some 20 s; what lasts longer is told to the caller. */
const SEND_TRIES = 12;
const SEND_AGAIN = { firstMs: 100, mostMs: 3_000 };

type Publish<T extends ConsumedTopic> = (events: Draft<T> | readonly Draft<T>[]) => Promise<void>;

export class HoldfastPublisher {
  readonly #producer: Producer;
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: PublisherOptions) {
    this.#producer = kafkaOf(options).producer({
      allowAutoTopicCreation: false,
      // kafkajs's own retry passes over brokers that have answered, with the partitions that they lead by then, and
      // calls those sent: a broker that dies would lose them. So each try is a whole one, `#send`'s.
      retry: { retries: 0 },
      // As Java's and every other default: murmur2 of the key.
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
  }

  /** @throws when no broker answers within some 20 s */
  start(): Promise<void> {
    return this.#producer.connect();
  }

  /** Resolves when everything that was to be published is, or has failed. */
  async stop(): Promise<void> {
    await this.#last;
    await this.#producer.disconnect();
  }

  readonly orderPlaced: Publish<'OrderPlaced'> = (events) => this.publish('OrderPlaced', events);
  readonly paymentReceived: Publish<'PaymentReceived'> = (events) => this.publish('PaymentReceived', events);
  readonly orderRejected: Publish<'OrderRejected'> = (events) => this.publish('OrderRejected', events);
  readonly orderRefunded: Publish<'OrderRefunded'> = (events) => this.publish('OrderRefunded', events);

  /**
   * Events of a store stay in their order, also across calls.
   * @throws InvalidEvent, and then none of them was sent; KafkaJS errors
   */
  async publish<T extends ConsumedTopic>(topic: T, events: Draft<T> | readonly Draft<T>[]): Promise<void> {
    const all = (Array.isArray(events) ? events : [events]) as readonly Draft<T>[];
    const records = all.map((event) => recordOf(topic, event, this.options.source));
    const sending = this.#last.then(async () => {
      // One request at a time: a retried one must not come behind the next.
      for (const messages of chunksOf(records)) {
        await this.#send((this.options.topicPrefix ?? '') + topic, messages);
      }
    });
    this.#last = sending.catch(() => undefined);
    await sending;
  }

  async #send(topic: string, messages: Message[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#producer.send({ topic, messages, acks: -1 });
        return;
      } catch (error) {
        if (tries > SEND_TRIES || !isOutage(error)) throw error;
      }
      await delay(jitteredBackoffMs(tries, SEND_AGAIN));
    }
  }
}

/** What kafkajs would try again if it were told to. */
function isOutage(error: unknown): boolean {
  return (
    error instanceof kafkajs.KafkaJSNumberOfRetriesExceeded ||
    (error instanceof kafkajs.KafkaJSError && error.retriable)
  );
}
