/** What a broker of a cluster of three is told on top of, or instead of, what a single one is. */

import type { BrokerSettings } from './broker.js';

/** Where one of the three listens. */
export interface ClusterBrokerPlace {
  /** from 1 */
  id: number;
  controllerPort: number;
}

/** @param brokers all three, the one that is told among them */
export function clusterBrokerSettings(id: number, brokers: readonly ClusterBrokerPlace[]): BrokerSettings {
  const voters = brokers.map((broker) => `${broker.id}@127.0.0.1:${broker.controllerPort}`);
  return {
    'node.id': id,
    'controller.quorum.voters': voters.join(','),
    // Topics that leave it to the broker, as those of `ops topics apply` do, are on all three; what is acknowledged
    // is on two at the least, so that any one node may be lost without a record, and without a pause for writers.
    'default.replication.factor': brokers.length,
    'min.insync.replicas': brokers.length - 1,
    'offsets.topic.replication.factor': brokers.length,
    'transaction.state.log.replication.factor': brokers.length,
    'transaction.state.log.min.isr': brokers.length - 1,
    'share.coordinator.state.topic.replication.factor': brokers.length,
    'share.coordinator.state.topic.min.isr': brokers.length - 1,
    'unclean.leader.election.enable': false,
    // A broker that was away takes its share of the leaders back after a minute, and not after five.
    'leader.imbalance.check.interval.seconds': 60,
  };
}
