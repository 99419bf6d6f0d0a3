/** Reads all topics from their beginning, as any other service would, into the tally and the ledger. */

import {
  CONSUMED_TOPICS,
  deadLetterTopicOf,
  PUBLISHED_TOPICS,
  type ConsumedTopic,
  type CustomerNotification,
  type OrderExpired,
  type StockOutcome,
} from '@holdfast/contracts';
import type { Consumer, KafkaPort } from '@holdfast/messaging';
import { Ledger } from '@holdfast/store';
import { MALFORMED_HEADER } from '../traffic/record.js';
import type { Tally } from './tally.js';

const DEAD_LETTER_TOPICS = CONSUMED_TOPICS.map(deadLetterTopicOf);

/** What is read of a record. */
interface ReadRecord {
  offset: string;
  timestamp: string;
  value: Buffer | null;
  headers?: Record<string, unknown> | undefined;
}

export class TopicsReader {
  readonly ledger = new Ledger();
  readonly #consumer: Consumer;
  /** topic/partition → next offset; what a rebalance brings again is passed over */
  readonly #positions = new Map<string, number>();

  constructor(
    kafka: KafkaPort,
    private readonly tally: Tally,
  ) {
    this.#consumer = kafka.consumer({
      groupId: 'demo-view',
      maxWaitTimeInMs: 100,
      maxBytesPerPartition: 2_000_000,
    });
  }

  /** @param onFatal when reading ends and cannot go on */
  async start(onFatal: (error: Error) => void): Promise<void> {
    const consumer = this.#consumer;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) onFatal(payload.error);
    });
    await consumer.connect();
    const topics: string[] = [...CONSUMED_TOPICS, ...PUBLISHED_TOPICS, ...DEAD_LETTER_TOPICS];
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      eachBatch: ({ batch }) => {
        for (const record of batch.messages) this.#read(batch.topic, batch.partition, record);
        return Promise.resolve();
      },
    });
  }

  stop(): Promise<void> {
    return this.#consumer.disconnect();
  }

  /** Whether everything below these end offsets is read. @param ends topic → by partition */
  hasReached(ends: ReadonlyMap<string, readonly number[]>): boolean {
    return [...ends].every(([topic, offsets]) =>
      offsets.every((end, partition) => (this.#positions.get(`${topic}/${partition}`) ?? 0) >= end),
    );
  }

  #read(topic: string, partition: number, record: ReadRecord): void {
    const place = `${topic}/${partition}`;
    const offset = Number(record.offset);
    if (offset < (this.#positions.get(place) ?? 0)) return;
    this.#positions.set(place, offset + 1);
    const { tally, ledger } = this;
    const timestamp = Number(record.timestamp);
    const headers = record.headers ?? {};
    if (topic === 'StockOutcome') {
      const outcome = messageOf<StockOutcome>(record);
      ledger.add(outcome);
      tally.addOutcome(outcome, timestamp);
    } else if (topic === 'OrderExpired') tally.addExpired(messageOf<OrderExpired>(record));
    else if (topic === 'CustomerNotification') tally.addNotification(messageOf<CustomerNotification>(record));
    else if (isConsumed(topic)) {
      tally.addSent({ topic, timestamp, value: record.value, isMalformed: MALFORMED_HEADER in headers });
    } else {
      tally.addDeadLetter({
        topic: String(headers['dead-letter-topic']) as ConsumedTopic,
        partition: String(headers['dead-letter-partition']),
        offset: String(headers['dead-letter-offset']),
      });
    }
  }
}

function isConsumed(topic: string): topic is ConsumedTopic {
  return (CONSUMED_TOPICS as readonly string[]).includes(topic);
}

function messageOf<Message>({ value }: ReadRecord): Message {
  return JSON.parse(String(value)) as Message;
}
