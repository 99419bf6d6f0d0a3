/** What must be true of the consumed topics before the first record is fetched. */

import type { Admin, KafkaPort } from './kafka-port.js';
import { OffsetOutOfRangeError } from './kafka-port.js';

/** @throws when topics are missing, have unequal partitions, or the group's offsets are outside the log */
export async function checkTopics(
  kafka: KafkaPort,
  topics: readonly string[],
  groupId: string,
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await checkPartitions(admin, topics);
    await checkOffsets(admin, topics, groupId);
  } finally {
    await admin.disconnect();
  }
}

async function checkPartitions(admin: Admin, topics: readonly string[]): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter((topic) => !existing.has(topic));
  if (missing.length > 0) {
    throw new Error(
      `no topic ${missing.join(', ')} at the broker: create them with \`npm run ops -- topics apply --yes\``,
    );
  }
  const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
  const counts = metadata.topics.map(({ name, partitions }) => `${name} ${partitions.length}`);
  if (new Set(metadata.topics.map(({ partitions }) => partitions.length)).size > 1) {
    throw new Error(`consumed topics need the same number of partitions, and have: ${counts.join(', ')}`);
  }
}

async function checkOffsets(admin: Admin, topics: readonly string[], groupId: string): Promise<void> {
  const wrong: string[] = [];
  for (const { topic, partitions } of await admin.fetchOffsets({ groupId, topics: [...topics] })) {
    const ranges = new Map((await admin.fetchTopicOffsets(topic)).map((range) => [range.partition, range]));
    for (const { partition, offset } of partitions) {
      const committed = Number(offset);
      const range = ranges.get(partition);
      if (committed < 0 || !range) continue;
      if (committed < Number(range.low) || committed > Number(range.high)) {
        wrong.push(`${topic}/${partition} at ${committed}, the log has ${range.low} to ${range.high}`);
      }
    }
  }
  if (wrong.length > 0) {
    throw new OffsetOutOfRangeError(
      `group ${groupId} is outside the log: ${wrong.join('; ')}. Records were deleted before they were applied, or a ` +
        'topic was made anew. Set the group’s offsets where it shall go on, with the broker’s tools, and start again.',
    );
  }
}
