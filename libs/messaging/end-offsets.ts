/** Where each partition ends at the broker: the offset that its next record will get. */

import type { Admin, KafkaPort } from './kafka-port.js';

export class EndOffsets {
  readonly #admin: Admin;

  constructor(kafka: KafkaPort) {
    this.#admin = kafka.admin();
  }

  connect(): Promise<void> {
    return this.#admin.connect();
  }

  disconnect(): Promise<void> {
    return this.#admin.disconnect();
  }

  /** @returns topic → end offsets by partition number */
  async of(topics: readonly string[]): Promise<Map<string, number[]>> {
    const ends = new Map<string, number[]>();
    for (const topic of topics) {
      const offsets: number[] = [];
      for (const { partition, high } of await this.#admin.fetchTopicOffsets(topic))
        offsets[partition] = Number(high);
      ends.set(topic, offsets);
    }
    return ends;
  }
}
