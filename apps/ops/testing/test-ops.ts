/** The command line on topics and a database of a test's own, without a process or a worker. */

import { randomBytes } from 'node:crypto';
import { topicsFor } from '@holdfast/contracts';
import {
  applyTopics,
  createKafka,
  planTopics,
  TopicRanges,
  withAdmin,
  type ConsumedRecord,
} from '@holdfast/messaging';
import { openTestDatabase, type TestDatabase } from '../../../libs/store/testing/test-database.js';
import { testStack } from '../../../test/support/stack.js';
import { runOps } from '../program.js';

export interface Said {
  code: number;
  out: string;
  err: string;
}

export class TestOps {
  readonly prefix = `o${randomBytes(4).toString('hex')}-`;
  readonly kafka = createKafka({ brokers: testStack().brokers, clientId: 'test', log: silent });

  private constructor(readonly shop: TestDatabase) {}

  static async open(): Promise<TestOps> {
    const ops = new TestOps(await openTestDatabase());
    const wanted = topicsFor({ prefix: ops.prefix, partitions: 2 });
    await withAdmin(ops.kafka, async (admin) =>
      applyTopics(admin, wanted, await planTopics(admin, wanted, { changeConsumed: true })),
    );
    return ops;
  }

  async run(words: readonly string[], environment: Record<string, string> = {}): Promise<Said> {
    const said = { out: '', err: '' };
    const code = await runOps(words, {
      streams: {
        out: (text) => void (said.out += text),
        err: (text) => void (said.err += text),
        isTerminal: false,
      },
      environment: {
        KAFKA_BROKERS: testStack().brokers.join(','),
        KAFKA_TOPIC_PREFIX: this.prefix,
        MONGODB_URI: this.shop.uri,
        MONGODB_DATABASE: this.shop.name,
        ...environment,
      },
    });
    return { code, ...said };
  }

  /** @throws when it ends with another code than `code` */
  async json(words: readonly string[], code = 0): Promise<unknown> {
    const said = await this.run([...words, '--json']);
    if (said.code !== code) throw new Error(`${words.join(' ')}: ${said.code}: ${said.err}${said.out}`);
    return JSON.parse(said.out);
  }

  /** Everything that a topic has. */
  async records(topic: string): Promise<ConsumedRecord[]> {
    const ranges = new TopicRanges(this.kafka);
    await ranges.connect();
    try {
      const all: ConsumedRecord[] = [];
      const whole = await ranges.between([this.prefix + topic], 'start', 'end');
      for await (const records of ranges.merged(whole)) all.push(...records);
      return all;
    } finally {
      await ranges.disconnect();
    }
  }

  async close(): Promise<void> {
    const topics = topicsFor({ prefix: this.prefix }).map(({ name }) => name);
    await withAdmin(this.kafka, (admin) => admin.deleteTopics({ topics }));
    await this.shop.drop();
  }
}

const silent = { debug: () => {}, log: () => {}, warn: () => {}, error: () => {} };
