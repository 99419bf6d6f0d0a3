/** What the broker says about a group's topics: how many partitions, where their logs begin and end, and what is committed. */

import type { ClusterChannel } from '../kafkajs/cluster-channel.js';
import { checkGroupAccess } from './group-access.js';
import type { KafkaPort } from '../kafkajs/kafka-port.js';
import { withAdmin } from '../kafkajs/with-admin.js';
import { listOffsets } from '../protocol/list-offsets.js';

/** Of one topic-partition, by the broker. */
export interface LogRange {
  /** the group's; undefined when it never committed here */
  committed: number | undefined;
  /** oldest offset there is */
  start: number;
  /** offset after the newest record */
  end: number;
}

export class GroupOffsets {
  readonly #channel: ClusterChannel;

  constructor(
    private readonly kafka: KafkaPort,
    private readonly groupId: string,
    private readonly topics: readonly string[],
  ) {
    this.#channel = kafka.channel();
  }

  connect(): Promise<void> {
    return this.#channel.connect();
  }

  disconnect(): Promise<void> {
    return this.#channel.disconnect();
  }

  /** @throws RefusedFault when this user may not join the group */
  checkAccess(): Promise<void> {
    return checkGroupAccess(this.#channel, this.groupId);
  }

  /** By topic; 0 for one that does not exist. */
  async partitionCounts(): Promise<Map<string, number>> {
    return withAdmin(this.kafka, async (admin) => {
      const existing = new Set(await admin.listTopics());
      const known = this.topics.filter((topic) => existing.has(topic));
      const { topics } = await admin.fetchTopicMetadata({ topics: known });
      const counts = new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
      return new Map(this.topics.map((topic) => [topic, counts.get(topic) ?? 0]));
    });
  }

  /** By partition number and topic. */
  async ranges(partitions: readonly number[]): Promise<Map<number, Map<string, LogRange>>> {
    // An assignment may follow a change of the topics.
    await this.#channel.retrying('metadata', () => this.#channel.refresh());
    const committed = await withAdmin(this.kafka, (admin) =>
      admin.fetchOffsets({ groupId: this.groupId, topics: [...this.topics] }),
    );
    // The ends last: what is committed by then lies before them.
    const starts = await listOffsets(this.#channel, this.topics, 'start');
    const ends = await listOffsets(this.#channel, this.topics, 'end');
    const ranges = new Map<number, Map<string, LogRange>>();
    for (const partition of partitions) {
      const ofTopics = new Map<string, LogRange>();
      for (const topic of this.topics) {
        const found = committed
          .find((answer) => answer.topic === topic)
          ?.partitions.find((answer) => answer.partition === partition);
        const offset = Number(found?.offset ?? -1);
        ofTopics.set(topic, {
          committed: offset < 0 ? undefined : offset,
          start: starts.get(topic)?.[partition] ?? 0,
          end: ends.get(topic)?.[partition] ?? 0,
        });
      }
      ranges.set(partition, ofTopics);
    }
    return ranges;
  }
}
