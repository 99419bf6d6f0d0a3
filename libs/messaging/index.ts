export { refusalOf } from './refusals.js';
export {
  createKafka,
  type Admin,
  type Consumer,
  type ConsumerSettings,
  type KafkaOptions,
  type KafkaPort,
} from './kafka-port.js';
export { LaneServer } from './lane-server.js';
export { SMALL_BATCH } from './lane-buffer.js';
export type { LaneProgress, LaneServerOptions } from './lane-server-options.js';
export { OffsetOutOfRange } from './lane-set.js';
export { UnrecoverableFault } from './fault-policy.js';
export { FromTopic } from './from-topic.js';
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
export { deadLetterOf, deadLetterTopic, type DeadLetter, type Failure } from './dead-letter.js';
export { isBrokerFault, isMessageTooLarge } from './broker-faults.js';
export { isUnreachable } from './cluster-channel.js';
export { EndOffsets } from './end-offsets.js';
export { groupView, type GroupView } from './group-view.js';
export { RecordTimes } from './record-times.js';
export { Publisher, type OutgoingMessage } from './publisher.js';
export type { OutgoingHeaders } from './record-batch.js';
export { applyTopics, planTopics, type TopicStep, type TopicWanted } from './topics-admin.js';
export { ALIVE, lagOf, observed, STALL_AFTER_MS, type Liveness, type Observation } from './liveness.js';
export { handingOnFrames, wholeFrameSocket } from './whole-frames.js';
export { systemClock } from './system-clock.js';
export { partitionOf } from './partition-of.js';
export { TopicTail, type TailOptions, type TailRecord } from './topic-tail.js';
export { TopicRanges, countOf, type Bound, type PartitionRange } from './ranges/topic-ranges.js';
export {
  letterFrom,
  redriven,
  REDRIVE_HEADER,
  type ReadLetter,
  type RedrivenRecord,
} from './dead-letter-reading.js';
export { PartitionSender } from './partition-sender.js';
