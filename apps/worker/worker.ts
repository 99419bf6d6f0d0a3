/**
 * One worker process: the roles it has, started in an order in which each finds what it needs, and stopped in
 * the opposite one.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { Logger, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { WorkerConfig } from '@holdfast/config';
import { CONSUMED_TOPICS, topicName } from '@holdfast/contracts';
import type { OrderEvent } from '@holdfast/core';
import { createKafka, EndOffsets, LaneServer, Publisher, type KafkaPort } from '@holdfast/messaging';
import {
  connect,
  prepare,
  Sessions,
  SettingsCache,
  StoreGate,
  type BatchTools,
  type Database,
} from '@holdfast/store';
import { ActiveLoop } from './active-loop.js';
import { BatchApplier } from './consume/batch-applier.js';
import { ExpiryTimer, WATCHED_TOPICS } from './expire/expiry-timer.js';
import { Health } from './health.js';
import { Pulse } from './pulse.js';
import { OutboxWatcher } from './relay/outbox-watcher.js';
import { Relay } from './relay/relay.js';
import { Signal } from './signal.js';
import { WorkerModule } from './worker.module.js';

/** Something that was started, by how to stop it. */
type Stop = () => Promise<void>;

/** The relay looks by itself this often: a wake can be lost with the process that should have given it. */
const RELAY_LOOK_MS = 500;

export interface RunningWorker {
  /** Finishes what is at hand, commits it, and closes everything. */
  stop(): Promise<void>;
}

export async function startWorker(
  config: WorkerConfig,
  onFatal: (error: unknown) => void,
): Promise<RunningWorker> {
  const log = new Logger('worker');
  const stops: Stop[] = [];
  const database = await databaseWhenThere(config, log);
  stops.push(() => database.close());
  await prepare(database);
  // One for each lane at work, one for the timer.
  const sessions = new Sessions(database, config.concurrentLanes + 1);
  stops.push(() => sessions.close());
  const tools: BatchTools = {
    database,
    sessions,
    settings: new SettingsCache(database),
    gate: new StoreGate(),
  };
  const singles = (['expire', 'relay'] as const).filter((role) => config.roles.includes(role));
  const pulse = new Pulse({
    database,
    sessions,
    workerId: config.workerId,
    roles: config.roles,
    leases: singles,
    onFatal,
  });
  await pulse.start();
  stops.push(() => pulse.stop());
  const kafka = createKafka({ brokers: config.brokers, clientId: config.clientId });
  const wake = new Signal();
  const parts = { config, database, tools, kafka, pulse, wake, onFatal };
  if (config.roles.includes('relay')) stops.push(await startRelay(parts));
  if (config.roles.includes('expire')) stops.push(await startTimer(parts));
  if (config.roles.includes('consume')) stops.push(await startConsumer(parts));
  return {
    stop: async () => {
      for (const stop of stops.reverse()) await stop();
    },
  };
}

interface Parts {
  config: WorkerConfig;
  database: Database;
  tools: BatchTools;
  kafka: KafkaPort;
  pulse: Pulse;
  wake: Signal;
  onFatal: (error: unknown) => void;
}

async function databaseWhenThere(config: WorkerConfig, log: Logger): Promise<Database> {
  for (let tries = 0; ; tries++) {
    try {
      return await connect({
        uri: config.mongoUri,
        database: config.database,
        maxPoolSize: config.concurrentLanes + 8,
      });
    } catch (error) {
      if (tries % 10 === 0) log.warn(`waiting for MongoDB: ${(error as Error).message}`);
      await delay(500);
    }
  }
}

async function startRelay({ config, database, kafka, pulse, wake, onFatal }: Parts): Promise<Stop> {
  const log = new Logger('relay');
  const publisher = new Publisher(kafka);
  await publisher.connect();
  const relay = new Relay({ database, publisher, topicPrefix: config.topicPrefix, wake, log });
  const isActive = () => pulse.holds('relay');
  const turn = async () => {
    await relay.drain(isActive);
    return RELAY_LOOK_MS;
  };
  const loop = new ActiveLoop({ log, wake, isActive, turn, onFatal });
  const watcher = new OutboxWatcher(database, pulse, wake);
  watcher.start();
  loop.start();
  return async () => {
    await watcher.stop();
    await loop.stop();
    // What was committed while others were stopping goes out now rather than at the next start.
    if (isActive()) await relay.drain(isActive).catch((error: unknown) => log.warn(String(error)));
    await publisher.disconnect();
  };
}

async function startTimer({ config, tools, kafka, pulse, wake, onFatal }: Parts): Promise<Stop> {
  const log = new Logger('expire');
  const ends = new EndOffsets(kafka);
  await ends.connect();
  const byPlainName = new Map(WATCHED_TOPICS.map((topic) => [topicName(topic, config.topicPrefix), topic]));
  const timer = new ExpiryTimer({
    tools,
    log,
    now: Date.now,
    batchSize: config.expiryBatch,
    stallAlarmMs: config.stallAlarmMs,
    endOffsets: async () => {
      const found = await ends.of([...byPlainName.keys()]);
      return new Map([...found].map(([name, offsets]) => [byPlainName.get(name) ?? name, offsets]));
    },
    onOutbox: () => wake.raise(),
  });
  const loop = new ActiveLoop({
    log,
    wake: new Signal(),
    isActive: () => pulse.holds('expire'),
    turn: () => timer.turn(),
    onFatal,
  });
  loop.start();
  return async () => {
    await loop.stop();
    await ends.disconnect();
  };
}

async function startConsumer({ config, tools, kafka, wake, onFatal }: Parts): Promise<Stop> {
  const applier = new BatchApplier({
    tools,
    groupId: config.groupId,
    topicPrefix: config.topicPrefix,
    now: Date.now,
    onOutbox: () => wake.raise(),
  });
  const strategy = new LaneServer<OrderEvent>({
    kafka,
    applier,
    topics: CONSUMED_TOPICS,
    onFatal,
    ...config,
  });
  // No `logger` here: Nest would take it for the whole process, and `false` silences every later line of ours.
  const service: INestMicroservice = await NestFactory.createMicroservice(WorkerModule, { strategy });
  await service.listen();
  if (config.healthPort === 0) return () => service.close();
  const ends = new EndOffsets(kafka);
  await ends.connect();
  const health = new Health({
    port: config.healthPort,
    progress: () => strategy.progress(),
    ends,
    nameOf: (topic) => config.topicPrefix + topic,
    now: Date.now,
  });
  await health.start();
  return async () => {
    await health.stop();
    await ends.disconnect();
    await service.close();
  };
}
