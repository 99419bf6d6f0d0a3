/**
 * Gives the same partition number of all topics to the same member: what concerns one store is decided in one
 * place, whichever topic it came through. kafkajs' own assigner deals topic-partitions out one by one.
 */

import kafkajs, { type PartitionAssigner } from 'kafkajs';

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;
const NAME = 'HoldfastCoPartition';
const VERSION = 1;

/** Round robin over the sorted members. @returns member → partition numbers */
export function assignLanes(memberIds: readonly string[], partitions: number): Map<string, number[]> {
  const sorted = [...memberIds].sort();
  const lanes = new Map<string, number[]>(sorted.map((id) => [id, []]));
  for (let partition = 0; partition < partitions; partition++) {
    lanes.get(sorted[partition % sorted.length] as string)?.push(partition);
  }
  return lanes;
}

export const coPartitionAssigner: PartitionAssigner = ({ cluster }) => ({
  name: NAME,
  version: VERSION,
  protocol: ({ topics }) => ({
    name: NAME,
    metadata: MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.alloc(0) }),
  }),
  assign: ({ members, topics }) => {
    const counts = topics.map((topic) => cluster.findTopicPartitionMetadata(topic).length);
    const lanes = assignLanes(
      members.map((member) => member.memberId),
      Math.max(0, ...counts),
    );
    const assignments = [...lanes].map(([memberId, partitions]) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({
        version: VERSION,
        assignment: Object.fromEntries(
          topics.map((topic, at) => [topic, partitions.filter((partition) => partition < (counts[at] ?? 0))]),
        ),
        userData: Buffer.alloc(0),
      }),
    }));
    return Promise.resolve(assignments);
  },
});
