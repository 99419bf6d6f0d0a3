/**
 * One worker process: the roles it has, started in an order in which each finds what it needs, and stopped in
 * the opposite one. Servers that are away are waited for.
 */

import { Logger, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { WorkerConfig } from '@holdfast/config';
import { CONSUMED_TOPICS, topicName, WATERMARK_TOPICS } from '@holdfast/contracts';
import type { OrderEvent } from '@holdfast/core';
import { createKafka, EndOffsets, LaneServer, type KafkaPort, type LaneProgress } from '@holdfast/messaging';
import {
  connect,
  EnoughStock,
  NewOrders,
  prepare,
  Sessions,
  SettingsCache,
  StoreGate,
  type BatchTools,
  type Database,
  type OutboxDoc,
} from '@holdfast/store';
import { startTracing, type Tracing } from '@holdfast/telemetry';
import { ActiveLoop } from './active-loop.js';
import { BatchApplier } from './consume/batch-applier.js';
import { SharedTransactions } from './consume/shared-transactions.js';
import { BATCHES_AT_ONCE, ExpiryTimer } from './expire/expiry-timer.js';
import { CountingPublisher } from './metrics/counting-publisher.js';
import { Pulse } from './pulse.js';
import { Reconciler } from './reconcile/reconciler.js';
import { OutboxMemory } from './relay/outbox-memory.js';
import { OutboxWatcher } from './relay/outbox-watcher.js';
import { RelayWake } from './relay/relay-wake.js';
import { Relay } from './relay/relay.js';
import { Signal } from './signal.js';
import { orAborted, whenThere, type Waiting } from './waiting.js';
import { SAMPLER_LEASE, Watch } from './watch.js';
import { WorkerModule } from './worker.module.js';

/** Something that was started, by how to stop it. */
type Stop = () => Promise<unknown>;

/** The relay looks by itself this often: a wake can be lost with the process that should have given it. */
const RELAY_LOOK_MS = 500;
const NOT_YET: LaneProgress = { lanes: [], appliedRecords: 0, bufferedRecords: 0, positions: new Map() };

export interface Worker {
  /** resolves when every role is at work; rejects when one cannot be, or when it is stopped before */
  ready: Promise<void>;
  /** Finishes what is at hand, commits it, and closes everything; at any time. */
  stop(): Promise<void>;
}

/** @param onFatal called when a role cannot go on, once it was at work */
export function startWorker(config: WorkerConfig, onFatal: (error: unknown) => void): Worker {
  const log = new Logger('worker');
  const stopping = new AbortController();
  const stops: Stop[] = [];
  const ready = start({
    config,
    onFatal,
    onStop: (stop) => stops.push(stop),
    waiting: { log, signal: stopping.signal },
  });
  ready.catch(() => undefined);
  return {
    ready,
    stop: async () => {
      stopping.abort(new Error('stopped before it was ready'));
      await ready.catch(() => undefined);
      // Each, whatever became of the others: a lease that is not given back keeps those who come after waiting.
      for (const stop of stops.reverse()) await stop().catch((error: unknown) => log.warn(String(error)));
    },
  };
}

interface Frame {
  config: WorkerConfig;
  waiting: Waiting;
  onFatal: (error: unknown) => void;
  /** notes how to stop what is about to be started */
  onStop: (stop: Stop) => void;
}

interface Parts extends Frame {
  database: Database;
  tools: BatchTools;
  kafka: KafkaPort;
  pulse: Pulse;
  wake: Signal;
  memory: OutboxMemory;
  watcher: OutboxWatcher;
  /** what was committed, to be published */
  onOutbox: (docs: readonly OutboxDoc[]) => void;
  /** what the consumer says of itself, once there is one */
  progress: { now: () => LaneProgress };
  /** where a port for it is set */
  watch: Watch | undefined;
  /** where somebody collects traces */
  tracing: Tracing | undefined;
}

async function start(frame: Frame): Promise<void> {
  const { config, waiting, onFatal, onStop } = frame;
  const kafka = createKafka({ brokers: config.brokers, clientId: config.clientId, ...config.kafkaSecurity });
  const progress = { now: () => NOT_YET };
  const watch = config.healthPort === 0 ? undefined : await startWatch(frame, kafka, () => progress.now());
  const tracing = await tracingOf(config);
  onStop(async () => tracing?.stop());
  const database = await openDatabase(frame);
  // One for each batch at work.
  const sessions = new Sessions(database, config.concurrentLanes + BATCHES_AT_ONCE);
  onStop(() => sessions.close());
  const wake = new Signal();
  const relayWake = new RelayWake(wake);
  const tools: BatchTools = {
    database,
    sessions,
    settings: new SettingsCache(database),
    gate: new StoreGate(),
    newOrders: new NewOrders(),
    enough: new EnoughStock(),
    pace: relayWake,
  };
  const singles = (['expire', 'relay', 'reconcile'] as const).filter((role) => config.roles.includes(role));
  const { workerId, roles } = config;
  const leases = watch ? [...singles, SAMPLER_LEASE] : singles;
  const pulse = new Pulse({ database, sessions, workerId, roles, leases, onFatal });
  onStop(() => pulse.stop());
  await whenThere('MongoDB', () => pulse.start(), waiting);
  if (watch) {
    watch.sample(database, pulse);
    onStop(() => watch.stopSampling());
  }
  const memory = new OutboxMemory(() => pulse.holds('relay'));
  const watcher = new OutboxWatcher(database, pulse, wake);
  const onOutbox = (docs: readonly OutboxDoc[]): void => {
    memory.keep(docs);
    watcher.committed();
    relayWake.committed(docs);
  };
  const parts: Parts = {
    ...frame,
    database,
    tools,
    kafka,
    pulse,
    wake,
    memory,
    watcher,
    onOutbox,
    progress,
    watch,
    tracing,
  };
  if (config.roles.includes('relay')) await startRelay(parts);
  if (config.roles.includes('expire')) await startTimer(parts);
  if (config.roles.includes('reconcile')) startReconciler(parts);
  if (config.roles.includes('consume')) await startConsumer(parts);
  watch?.started();
}

async function tracingOf({ otlpEndpoint: endpoint, workerId }: WorkerConfig): Promise<Tracing | undefined> {
  if (endpoint === '') return undefined;
  return startTracing({ endpoint, serviceName: 'holdfast-worker', instanceId: workerId });
}

async function openDatabase({ config, waiting, onStop }: Frame): Promise<Database> {
  const options = {
    uri: config.mongoUri,
    ...config.mongoSecurity,
    database: config.database,
    maxPoolSize: config.concurrentLanes + 8,
  };
  const database = await whenThere('MongoDB', () => connect(options), waiting);
  onStop(() => database.close());
  await whenThere('MongoDB', () => prepare(database), waiting);
  return database;
}

async function startRelay({
  config,
  database,
  kafka,
  pulse,
  wake,
  memory,
  watcher,
  ...frame
}: Parts): Promise<void> {
  const log = new Logger('relay');
  const publisher = new CountingPublisher(kafka, frame.watch?.metrics, frame.tracing);
  frame.onStop(() => publisher.disconnect());
  await whenThere('Kafka', () => publisher.connect(), frame.waiting);
  const relay = new Relay({ database, publisher, topicPrefix: config.topicPrefix, memory, wake, log });
  const isActive = () => pulse.holds('relay');
  const turn = async () => {
    await relay.drain(isActive);
    return RELAY_LOOK_MS;
  };
  const loop = new ActiveLoop({ log, wake, isActive, turn, onFatal: frame.onFatal });
  frame.onStop(async () => {
    await watcher.stop();
    await loop.stop();
    // What was committed while others were stopping goes out now rather than at the next start.
    if (isActive()) await relay.drain(isActive);
  });
  watcher.start();
  loop.start();
}

async function startTimer({ config, tools, kafka, pulse, onOutbox, ...frame }: Parts): Promise<void> {
  const log = new Logger('expire');
  const ends = await endOffsets(kafka, frame);
  const byPlainName = new Map(WATERMARK_TOPICS.map((topic) => [topicName(topic, config.topicPrefix), topic]));
  const timer = new ExpiryTimer({
    tools,
    log,
    stopwatch: () => performance.now(),
    batchSize: config.expiryBatch,
    stallAlarmMs: config.stallAlarmMs,
    endOffsets: async () => {
      const found = await ends.of([...byPlainName.keys()]);
      return new Map([...found].map(([name, offsets]) => [byPlainName.get(name) ?? name, offsets]));
    },
    onOutbox,
    metrics: frame.watch?.metrics,
    tracing: frame.tracing,
  });
  const loop = new ActiveLoop({
    log,
    wake: new Signal(),
    isActive: () => pulse.holds('expire'),
    turn: () => timer.turn(),
    onFatal: frame.onFatal,
  });
  frame.onStop(() => loop.stop());
  loop.start();
}

function startReconciler({ config, database, pulse, ...frame }: Parts): void {
  const log = new Logger('reconcile');
  const isActive = () => pulse.holds('reconcile');
  const reconciler = new Reconciler({
    database,
    log,
    everyMs: config.reconcileEveryMs,
    slice: config.reconcileSlice,
    pauseMs: config.reconcilePauseMs,
    stallAlarmMs: config.stallAlarmMs,
    isActive,
  });
  const turn = () => reconciler.turn();
  const loop = new ActiveLoop({ log, wake: new Signal(), isActive, turn, onFatal: frame.onFatal });
  frame.onStop(async () => {
    reconciler.stop();
    await loop.stop();
  });
  loop.start();
}

async function endOffsets(
  kafka: KafkaPort,
  { waiting, onStop }: Pick<Frame, 'waiting' | 'onStop'>,
): Promise<EndOffsets> {
  const ends = new EndOffsets(kafka);
  onStop(() => ends.disconnect());
  await whenThere('Kafka', () => ends.connect(), waiting);
  return ends;
}

async function startConsumer({
  config,
  tools,
  kafka,
  pulse,
  onOutbox,
  progress,
  ...frame
}: Parts): Promise<void> {
  const { workerId, incarnation } = pulse.identity;
  const applier = new BatchApplier({
    tools,
    groupId: config.groupId,
    topicPrefix: config.topicPrefix,
    now: Date.now,
    onOutbox,
    metrics: frame.watch?.metrics,
    tracing: frame.tracing,
  });
  const strategy = new LaneServer<OrderEvent>({
    kafka,
    applier: new SharedTransactions(applier, config.lingerMs),
    topics: CONSUMED_TOPICS,
    onFatal: frame.onFatal,
    fetchPauseMs: config.lingerMs / 2,
    ...config,
    // Names the owner of lanes: two processes of one name are two owners.
    workerId: `${workerId}/${incarnation}`,
  });
  // No `logger` here: Nest would take it for the whole process, and `false` silences every later line of ours.
  const service: INestMicroservice = await NestFactory.createMicroservice(WorkerModule, { strategy });
  frame.onStop(() => service.close());
  progress.now = () => strategy.progress();
  // Waits for the brokers by itself.
  const { signal, log } = frame.waiting;
  await orAborted(service.listen(), signal, () => log.log('waiting for Kafka to let this worker in'));
}

/** Before everything else: a worker that waits for its servers is alive. */
async function startWatch(
  { config, onFatal, onStop }: Frame,
  kafka: KafkaPort,
  progress: () => LaneProgress,
): Promise<Watch> {
  const watch = new Watch({ config, kafka, progress, onFatal });
  onStop(() => watch.stop());
  await watch.start();
  return watch;
}
