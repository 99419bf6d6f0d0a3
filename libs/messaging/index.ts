export { refusalOf } from './kafkajs/refusals.js';
export {
  createKafka,
  type Admin,
  type Consumer,
  type ConsumerSettings,
  type KafkaOptions,
  type KafkaPort,
} from './kafkajs/kafka-port.js';
export { LaneServer } from './lanes/lane-server.js';
export { SMALL_BATCH } from './lanes/lane-buffer.js';
export type { LaneProgress, LaneServerOptions } from './lanes/lane-server-options.js';
export { OffsetOutOfRange } from './lanes/lane-set.js';
export { UnrecoverableFault } from './lanes/fault-policy.js';
export { FromTopic } from './lanes/from-topic.js';
export type {
  Clock,
  ConsumedRecord,
  KafkaHeaders,
  LaneApplier,
  LaneBatch,
  LanePosition,
  Log,
  Poison,
  RecordHandler,
  Translated,
} from './records.js';
export { deadLetterOf, deadLetterTopic, type DeadLetter, type Failure } from './dead-letters/dead-letter.js';
export { isBrokerFault, isMessageTooLarge } from './kafkajs/broker-faults.js';
export { isUnreachable } from './kafkajs/cluster-channel.js';
export { withAdmin } from './kafkajs/with-admin.js';
export { EndOffsets } from './offsets/end-offsets.js';
export { groupView, type GroupView } from './offsets/group-view.js';
export { RecordTimes } from './offsets/record-times.js';
export { Publisher, type OutgoingMessage } from './publishing/publisher.js';
export type { OutgoingHeaders } from './protocol/record-batch.js';
export { applyTopics, planTopics, type TopicStep, type TopicWanted } from './topics/topics-admin.js';
export {
  ALIVE,
  lagOf,
  observed,
  STALL_AFTER_MS,
  type Liveness,
  type Observation,
} from './offsets/liveness.js';
export { handingOnFrames, wholeFrameSocket } from './kafkajs/whole-frames.js';
export { systemClock } from './system-clock.js';
export { partitionOf } from './publishing/partition-of.js';
export { TopicTail, type TailOptions, type TailRecord } from './topics/topic-tail.js';
export { TopicRanges, countOf, type Bound, type PartitionRange } from './topics/topic-ranges.js';
export {
  letterFrom,
  redriven,
  REDRIVE_HEADER,
  type ReadLetter,
  type RedrivenRecord,
} from './dead-letters/dead-letter-reading.js';
export { PartitionSender } from './publishing/partition-sender.js';
