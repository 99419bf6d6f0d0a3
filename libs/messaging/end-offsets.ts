/** Where the topics end, asked again and again over one connection. */

import type { ClusterChannel } from './cluster-channel.js';
import type { KafkaPort } from './kafka-port.js';
import { listOffsets } from './list-offsets.js';

export class EndOffsets {
  readonly #channel: ClusterChannel;

  constructor(kafka: KafkaPort) {
    this.#channel = kafka.channel();
  }

  connect(): Promise<void> {
    return this.#channel.connect();
  }

  disconnect(): Promise<void> {
    return this.#channel.disconnect();
  }

  /**
   * High watermarks: the offset after the newest record, open transactions included.
   * @returns by topic, by partition number
   * @throws KafkaJS errors
   */
  of(topics: readonly string[]): Promise<Map<string, number[]>> {
    return listOffsets(this.#channel, topics, 'end');
  }
}
