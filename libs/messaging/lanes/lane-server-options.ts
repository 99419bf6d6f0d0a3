/** What a LaneServer is told, and what it tells of itself. */

import type { KafkaPort } from '../kafkajs/kafka-port.js';
import type { Clock, LaneApplier, Log } from '../records.js';

export interface LaneServerOptions<E> {
  kafka: KafkaPort;
  applier: LaneApplier<E>;
  /** without prefix, in the order that decides when the broker's times are equal */
  topics: readonly string[];
  /** stands before every topic's name on the broker */
  topicPrefix?: string;
  workerId: string;
  /** called once, when the process has to stop with a non-zero exit */
  onFatal: (error: unknown) => void;
  /** default `holdfast` */
  groupId?: string;
  /** silence after which the broker gives this worker's lanes to others; default 6,000 */
  sessionTimeoutMs?: number;
  /** default 1,500 */
  heartbeatIntervalMs?: number;
  /** how long a rebalance waits for members that are slow to join; default 10,000 */
  rebalanceTimeoutMs?: number;
  /** how long the broker may wait for records before it answers; default 100 */
  maxWaitTimeMs?: number;
  /** after a fetch that brought little the next one waits so long, and brings more; default 10 */
  fetchPauseMs?: number;
  /** default 1 */
  minBytes?: number;
  /** of one fetch and partition; a larger record arrives all the same; default 1 MiB */
  maxBytesPerPartition?: number;
  /** of one fetch; default 16 MiB */
  maxBytes?: number;
  /** lanes that apply at the same time, those with a small batch aside; default 3 */
  concurrentLanes?: number;
  /** default 2,000 */
  maxBatchRecords?: number;
  /** of keys and values; default 4,000,000 */
  maxBatchBytes?: number;
  /** per lane; default three batches */
  maxBufferedRecords?: number;
  /** per lane; default four batches */
  maxBufferedBytes?: number;
  /** at most so often are offsets committed; default 100 */
  commitIntervalMs?: number;
  /** so many records in a row that fail for an unknown reason are a fault of ours; default 20 */
  maxUnknownInARow?: number;
  logger?: Log;
  clock?: Clock;
}

/** What a worker is doing, for health and logs. */
export interface LaneProgress {
  lanes: number[];
  /** since the start of this worker, dead letters included */
  appliedRecords: number;
  bufferedRecords: number;
  /** next offsets of everything applied, by topic without prefix, by partition, of the lanes at hand */
  positions: Map<string, Map<number, number>>;
  /** when the group's coordinator last took this worker for a member, epoch ms; undefined until it joined */
  memberAt?: number;
}
