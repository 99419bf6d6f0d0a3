/** Four consumed topics of a test's own on the real broker, and workers that consume them. */

import { randomBytes } from 'node:crypto';
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { testStack } from '../../../test/support/stack.js';
import {
  applyTopics,
  createKafka,
  FromTopic,
  LaneServer,
  planTopics,
  withAdmin,
  type Admin,
  type ConsumedRecord,
  type KafkaPort,
  type LaneServerOptions,
  type Log,
  type Translated,
} from '../index.js';
import { RecordingApplier } from './recording-applier.js';

export const TOPICS = ['OrderPlaced', 'PaymentReceived', 'OrderRejected', 'OrderRefunded'] as const;

@Controller()
export class EchoController {
  @FromTopic('OrderPlaced')
  placed(records: ConsumedRecord[]): Translated<string>[] {
    return echo(records);
  }

  @FromTopic('PaymentReceived')
  paid(records: ConsumedRecord[]): Translated<string>[] {
    return echo(records);
  }

  @FromTopic('OrderRejected')
  rejected(records: ConsumedRecord[]): Translated<string>[] {
    return echo(records);
  }

  @FromTopic('OrderRefunded')
  refunded(records: ConsumedRecord[]): Translated<string>[] {
    return echo(records);
  }
}

function echo(records: ConsumedRecord[]): Translated<string>[] {
  return records.map((record) => ({ record, event: record.value?.toString('latin1') ?? '' }));
}

@Module({ controllers: [EchoController] })
class EchoModule {}

export const silent: Log = { debug: () => {}, log: () => {}, warn: () => {}, error: () => {} };

export interface TestWorker {
  applier: RecordingApplier<string>;
  server: LaneServer<string>;
  service: INestMicroservice;
  /** what onFatal was called with */
  fatal: Promise<unknown>;
}

export class LaneFixture {
  readonly prefix = `t${randomBytes(4).toString('hex')}-`;
  readonly groupId = `${this.prefix}workers`;
  readonly kafka: KafkaPort = createKafka({ brokers: testStack().brokers, clientId: 'test', log: silent });
  readonly #workers: TestWorker[] = [];

  static async create(partitions: number, configs: Record<string, string> = {}): Promise<LaneFixture> {
    const fixture = new LaneFixture();
    const wanted = TOPICS.map((topic) => ({
      name: fixture.prefix + topic,
      partitions,
      replicationFactor: -1,
      configs,
      owned: true,
    }));
    await fixture.admin(async (admin) =>
      applyTopics(admin, wanted, await planTopics(admin, wanted, { changeConsumed: true })),
    );
    return fixture;
  }

  topic(name: (typeof TOPICS)[number]): string {
    return this.prefix + name;
  }

  /** One message a store and topic, `rounds` times. */
  messages(rounds: number, stores = 12): { topic: string; key: string; value: string }[] {
    return Array.from({ length: rounds }, (_, round) =>
      TOPICS.flatMap((topic) =>
        Array.from({ length: stores }, (__, store) => ({
          topic: this.topic(topic),
          key: `store-${store}`,
          value: `${topic} ${store} ${round}`,
        })),
      ),
    ).flat();
  }

  admin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    return withAdmin(this.kafka, work);
  }

  /** What the group has committed, by partition; -1 where nothing. */
  async committed(name: (typeof TOPICS)[number]): Promise<number[]> {
    const topics = await this.admin((admin) =>
      admin.fetchOffsets({ groupId: this.groupId, topics: [this.topic(name)] }),
    );
    const offsets: number[] = [];
    for (const { partition, offset } of topics[0]?.partitions ?? []) offsets[partition] = Number(offset);
    return offsets;
  }

  /** Listens: the worker has joined the group when this resolves. */
  async worker(options: Partial<LaneServerOptions<string>> = {}): Promise<TestWorker> {
    const applier = new RecordingApplier<string>();
    let onFatal: (error: unknown) => void = () => {};
    const fatal = new Promise<unknown>((resolve) => (onFatal = resolve));
    const server = new LaneServer<string>({
      kafka: this.kafka,
      applier,
      topics: TOPICS,
      topicPrefix: this.prefix,
      groupId: this.groupId,
      workerId: `worker-${this.#workers.length + 1}`,
      logger: silent,
      onFatal,
      ...options,
    });
    const service = await NestFactory.createMicroservice(EchoModule, { strategy: server, logger: false });
    const worker = { applier, server, service, fatal };
    this.#workers.push(worker);
    await service.listen();
    return worker;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map(({ service }) => service.close()));
    await this.admin((admin) => admin.deleteTopics({ topics: TOPICS.map((topic) => this.prefix + topic) }));
  }
}
