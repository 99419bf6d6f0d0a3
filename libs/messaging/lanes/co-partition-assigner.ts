/**
 * Assigns lanes instead of partitions: the same partition number of every consumed topic goes to the same
 * member, so that a store's events of all topics are worked by one worker, in one order. Members say which lanes
 * they have; who has one keeps it as far as the balance allows, so that a rebalance moves few.
 */

import kafkajs, { type GroupMember, type GroupMemberAssignment, type PartitionAssigner } from 'kafkajs';

const { AssignerProtocol } = kafkajs;

const NAME = 'holdfast-lanes';
const VERSION = 1;

/** What one member has and gets. */
export interface MemberLanes {
  memberId: string;
  lanes: number[];
}

/**
 * Balanced to within one lane, deterministic, and sticky.
 * @param members with what they have now
 * @param lanes every lane there is
 */
export function assignLanes(members: readonly MemberLanes[], lanes: readonly number[]): MemberLanes[] {
  if (members.length === 0) return [];
  const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const free = new Set(lanes);
  const least = Math.floor(lanes.length / members.length);
  let extras = lanes.length - least * members.length;
  const assigned = sorted.map(({ memberId, lanes: had }) => {
    const kept: number[] = [];
    for (const lane of [...had].sort((a, b) => a - b)) {
      if (!free.has(lane) || kept.length > least || (kept.length === least && extras === 0)) continue;
      if (kept.length === least) extras -= 1;
      kept.push(lane);
      free.delete(lane);
    }
    return { memberId, lanes: kept };
  });
  for (const lane of [...free].sort((a, b) => a - b)) {
    const poorest = assigned.reduce((poor, other) => (other.lanes.length < poor.lanes.length ? other : poor));
    poorest.lanes.push(lane);
  }
  for (const member of assigned) member.lanes.sort((a, b) => a - b);
  return assigned;
}

/** @param currentLanes the lanes that this member works now */
export function coPartitionAssigner(currentLanes: () => readonly number[]): PartitionAssigner {
  return ({ cluster }) => ({
    name: NAME,
    version: VERSION,
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: VERSION,
        topics,
        userData: Buffer.from(JSON.stringify(currentLanes())),
      }),
    }),
    assign: ({ members, topics }) => {
      const partitions = topics.map((topic) => cluster.findTopicPartitionMetadata(topic).length);
      const lanes = Array.from({ length: Math.max(0, ...partitions) }, (_, lane) => lane);
      const assigned = assignLanes(members.map(membersLanes), lanes);
      return Promise.resolve(assigned.map((member) => assignmentOf(member, topics, partitions)));
    },
  });
}

function membersLanes({ memberId, memberMetadata }: GroupMember): MemberLanes {
  const userData = AssignerProtocol.MemberMetadata.decode(memberMetadata)?.userData;
  return { memberId, lanes: lanesIn(userData) };
}

/** Another version's member may say something else, or nothing: then it had none. */
function lanesIn(userData: Buffer | undefined): number[] {
  if (!userData || userData.length === 0) return [];
  try {
    const lanes: unknown = JSON.parse(userData.toString());
    return Array.isArray(lanes) ? lanes.filter((lane): lane is number => Number.isInteger(lane)) : [];
  } catch {
    return [];
  }
}

function assignmentOf(
  { memberId, lanes }: MemberLanes,
  topics: readonly string[],
  partitions: readonly number[],
): GroupMemberAssignment {
  const assignment: Record<string, number[]> = {};
  for (const [at, topic] of topics.entries()) {
    assignment[topic] = lanes.filter((lane) => lane < (partitions[at] ?? 0));
  }
  const memberAssignment = AssignerProtocol.MemberAssignment.encode({
    version: VERSION,
    assignment,
    userData: Buffer.alloc(0),
  });
  return { memberId, memberAssignment };
}
