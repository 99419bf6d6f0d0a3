/** Which partition a key goes to, as Java's and every other default has it: murmur2 of the key. */

import kafkajs, { type PartitionMetadata } from 'kafkajs';

const partitioner = kafkajs.Partitioners.DefaultPartitioner();

/** @param partitions how many the topic has; at least one */
export function partitionOf(key: string, partitions: number): number {
  const partitionMetadata = Array.from(
    { length: partitions },
    (_, partitionId) => ({ partitionId, leader: 0 }) as PartitionMetadata,
  );
  return partitioner({ topic: '', partitionMetadata, message: { key, value: null } });
}
