/** How far a pipeline has come with what was sent to it. */

import { CONSUMED_TOPICS } from '@holdfast/contracts';
import { appliedPositions, type Database } from '@holdfast/store';
import type { Admin } from 'kafkajs';

/** What is not applied or published yet, for people; empty when nothing. */
export async function leftOf(database: Database, admin: Admin, topicPrefix: string): Promise<string> {
  const ends = await endsOf(
    admin,
    CONSUMED_TOPICS.map((topic) => topicPrefix + topic),
  );
  const positions = await appliedPositions(database);
  for (const [name, offsets] of ends) {
    const topic = name.slice(topicPrefix.length);
    for (const [partition, end] of offsets.entries()) {
      const next = positions.get(topic)?.get(partition)?.next ?? 0;
      if (next < end) return `${topic}/${partition} is applied to ${next} of ${end}`;
    }
  }
  const outbox = await database.outbox.countDocuments();
  return outbox === 0 ? '' : `${outbox} outbox documents are not published`;
}

/** What of the applied the group has not committed yet, for people; empty when nothing. */
export async function uncommittedOf(
  database: Database,
  admin: Admin,
  groupId: string,
  topicPrefix: string,
): Promise<string> {
  const group = await admin.fetchOffsets({ groupId });
  for (const [topic, positions] of await appliedPositions(database)) {
    const committed = group.find((answer) => answer.topic === topicPrefix + topic)?.partitions;
    for (const [lane, { next }] of positions) {
      const offset = committed?.find(({ partition }) => partition === lane)?.offset;
      if (Number(offset) !== next)
        return `${topic}/${lane} is applied to ${next} and committed to ${offset ?? '-1'}`;
    }
  }
  return '';
}

/** End offsets by topic and partition. One topic after the other: asked for at once, kafkajs may answer without one. */
export async function endsOf(admin: Admin, topics: string[]): Promise<Map<string, number[]>> {
  const ends = new Map<string, number[]>();
  for (const topic of topics) {
    const offsets: number[] = [];
    for (const { partition, high } of await admin.fetchTopicOffsets(topic)) offsets[partition] = Number(high);
    ends.set(topic, offsets);
  }
  return ends;
}
