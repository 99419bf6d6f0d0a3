import kafkajs, { type Cluster, type Logger } from 'kafkajs';
import { assignLanes, coPartitionAssigner, type MemberLanes } from './co-partition-assigner.js';

const LANES = [0, 1, 2, 3, 4, 5];

function members(...had: [string, ...number[]][]): MemberLanes[] {
  return had.map(([memberId, ...lanes]) => ({ memberId, lanes }));
}

describe('assignLanes', () => {
  it('gives every lane to exactly one member, balanced to within one', () => {
    for (let count = 1; count <= 8; count++) {
      const group = Array.from({ length: count }, (_, at) => ({ memberId: `m${at}`, lanes: [] }));
      const assigned = assignLanes(group, LANES);
      expect(assigned.flatMap(({ lanes }) => lanes).sort()).toEqual(LANES);
      const sizes = assigned.map(({ lanes }) => lanes.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  });

  it('does not depend on the order of the members', () => {
    const group = members(['c'], ['a'], ['b']);
    expect(assignLanes(group, LANES)).toEqual(assignLanes([...group].reverse(), LANES));
  });

  it('moves only as many lanes to a newcomer as the balance asks for', () => {
    const assigned = assignLanes(members(['a', 0, 1, 2], ['b', 3, 4, 5], ['c']), LANES);
    expect(assigned).toEqual([
      { memberId: 'a', lanes: [0, 1] },
      { memberId: 'b', lanes: [3, 4] },
      { memberId: 'c', lanes: [2, 5] },
    ]);
  });

  it('leaves the lanes of those who stay where they are when one leaves', () => {
    const assigned = assignLanes(members(['a', 0, 1], ['c', 2, 5]), LANES);
    expect(assigned[0]?.lanes).toEqual(expect.arrayContaining([0, 1]));
    expect(assigned[1]?.lanes).toEqual(expect.arrayContaining([2, 5]));
  });

  it('lets the surplus lane stay with a member that has it', () => {
    const assigned = assignLanes(members(['a', 0, 1], ['b', 2, 3, 4]), [0, 1, 2, 3, 4]);
    expect(assigned).toEqual(members(['a', 0, 1], ['b', 2, 3, 4]));
  });

  it('gives a lane that two claim to one of them, and drops lanes that are no more', () => {
    const assigned = assignLanes(members(['a', 0, 1], ['b', 1, 9]), [0, 1]);
    expect(assigned.flatMap(({ lanes }) => lanes).sort()).toEqual([0, 1]);
    expect(assigned.map(({ lanes }) => lanes.length)).toEqual([1, 1]);
  });
});

describe('coPartitionAssigner', () => {
  const cluster = { findTopicPartitionMetadata: () => [{}, {}, {}, {}] } as unknown as Cluster;
  const assignerOf = (lanes: number[]) =>
    coPartitionAssigner(() => lanes)({ cluster, groupId: 'g', logger: {} as Logger });

  it('gives a member the same partition numbers of all topics, and takes what it says it has', async () => {
    const topics = ['OrderPlaced', 'PaymentReceived'];
    const assigner = assignerOf([]);
    const assigned = await assigner.assign({
      topics,
      members: [
        { memberId: 'a', memberMetadata: assignerOf([3, 1]).protocol({ topics }).metadata },
        { memberId: 'b', memberMetadata: assignerOf([]).protocol({ topics }).metadata },
      ],
    });
    const decoded = assigned.map(({ memberId, memberAssignment }) => [
      memberId,
      kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment,
    ]);
    expect(decoded).toEqual([
      ['a', { OrderPlaced: [1, 3], PaymentReceived: [1, 3] }],
      ['b', { OrderPlaced: [0, 2], PaymentReceived: [0, 2] }],
    ]);
  });

  it('treats a member that says nothing it understands as one that has nothing', async () => {
    const topics = ['OrderPlaced'];
    const strange = (userData: Buffer) =>
      kafkajs.AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData });
    const assigned = await assignerOf([]).assign({
      topics,
      members: [
        { memberId: 'a', memberMetadata: strange(Buffer.from('{not json')) },
        { memberId: 'b', memberMetadata: strange(Buffer.alloc(0)) },
      ],
    });
    expect(assigned).toHaveLength(2);
  });
});
