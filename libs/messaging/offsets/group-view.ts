/** The consumer group as its coordinator sees it. */

import kafkajs from 'kafkajs';
import type { KafkaPort } from '../kafkajs/kafka-port.js';
import { withAdmin } from '../kafkajs/with-admin.js';

export interface GroupView {
  /** `Stable`, `Empty`, `PreparingRebalance`, …; `Dead` also when there is no such group */
  state: string;
  members: { memberId: string; clientId: string; host: string; lanes: number[] }[];
}

/** @throws KafkaJS errors */
export async function groupView(kafka: KafkaPort, groupId: string): Promise<GroupView> {
  return withAdmin(kafka, async (admin) => {
    const { groups } = await admin.describeGroups([groupId]);
    const [group] = groups;
    return {
      state: group?.state ?? 'Dead',
      members: (group?.members ?? []).map(({ memberId, clientId, clientHost, memberAssignment }) => ({
        memberId,
        clientId,
        host: clientHost.replace(/^\//, ''),
        lanes: lanesOf(memberAssignment),
      })),
    };
  });
}

/** Empty while the group rebalances. */
function lanesOf(assignment: Buffer): number[] {
  if (assignment.length === 0) return [];
  const decoded = kafkajs.AssignerProtocol.MemberAssignment.decode(assignment);
  return [...new Set(Object.values(decoded?.assignment ?? {}).flat())].sort((a, b) => a - b);
}
