/** Publishes in order: one send in flight, acknowledged by all in-sync replicas. */

import type { KafkaPort, Producer } from './kafka-port.js';
import type { OutgoingMessage } from './record.js';

/** What one request takes to one partition stays below the brokers' usual limit of 1 MiB a batch. */
const MAX_REQUEST_BYTES = 900_000;

interface Topic {
  topic: string;
  messages: { key: Buffer | string | null; value: Buffer | string | null; headers: Headers }[];
}
type Headers = Record<string, string | Buffer | (string | Buffer)[]>;

export class Publisher {
  readonly #producer: Producer;

  constructor(kafka: KafkaPort) {
    this.#producer = kafka.producer();
  }

  connect(): Promise<void> {
    return this.#producer.connect();
  }

  disconnect(): Promise<void> {
    return this.#producer.disconnect();
  }

  /** Resolves when the broker has all of them. A failure may have published a part. */
  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    for (const topicMessages of chunks(messages)) {
      await this.#producer.sendBatch({ topicMessages, acks: -1 });
    }
  }
}

/** Splits by size, keeping the order of each topic. */
function* chunks(messages: readonly OutgoingMessage[]): Generator<Topic[]> {
  let topics = new Map<string, Topic>();
  let bytes = 0;
  for (const { topic, key, value, headers } of messages) {
    const size = (value?.length ?? 0) + 300;
    if (bytes > 0 && bytes + size > MAX_REQUEST_BYTES) {
      yield [...topics.values()];
      topics = new Map();
      bytes = 0;
    }
    bytes += size;
    let group = topics.get(topic);
    if (!group) topics.set(topic, (group = { topic, messages: [] }));
    group.messages.push({ key, value, headers: Array.isArray(headers) ? grouped(headers) : headers });
  }
  if (topics.size > 0) yield [...topics.values()];
}

function grouped(headers: readonly [string, Buffer][]): Headers {
  const byName: Record<string, Buffer[]> = {};
  for (const [name, value] of headers) (byName[name] ??= []).push(value);
  return byName;
}
