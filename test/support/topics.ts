import type { Admin } from 'kafkajs';
import { untilKnown } from '../../libs/messaging/topics/topics-admin.js';

/**
 * Resolves when the broker that answers knows them; kafkajs's own waiting fails when it asks a moment too early.
 * Take names that were never used: a broker with a slow disk serves a deleted topic's records for a while yet, also
 * under the new one of its name.
 */
export async function makeTopics(admin: Admin, topics: readonly string[], partitions = 1): Promise<void> {
  await admin.createTopics({
    waitForLeaders: false,
    topics: topics.map((topic) => ({ topic, numPartitions: partitions })),
  });
  await untilKnown(
    admin,
    topics.map((name) => ({ name, partitions })),
  );
}
