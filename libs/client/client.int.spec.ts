import { randomUUID } from 'node:crypto';
import kafkajs, { type Admin, type ISocketFactory, type Producer } from 'kafkajs';
import type { StockOutcome } from '@holdfast/contracts';
import { MutedSockets } from '../../test/support/muted-sockets.js';
import { testStack } from '../../test/support/stack.js';
import { makeTopics } from '../../test/support/topics.js';
import { wholeFrameSocket } from '../messaging/kafkajs/whole-frames.js';
import {
  HoldfastConsumer,
  HoldfastPublisher,
  InvalidEvent,
  type ConnectionOptions,
  type ConsumerOptions,
  type Delivery,
  type DeliveryFailure,
} from './index.js';

const { brokers } = testStack();

/** Of each test its own. */
let topicPrefix: string;
const made: string[] = [];
let connection: ConnectionOptions;
let admin: Admin;
let producer: Producer;
const running = new Set<HoldfastConsumer>();

beforeAll(async () => {
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING });
  [admin, producer] = [kafka.admin(), kafka.producer({ allowAutoTopicCreation: false })];
  await Promise.all([admin.connect(), producer.connect()]);
});
beforeEach(async () => {
  topicPrefix = `client-${randomUUID().slice(0, 8)}-`;
  connection = { kafka: { brokers, clientId: 'client-test' }, topicPrefix, log: () => {} };
  const topics = ['StockOutcome', 'CustomerNotification', 'OrderPlaced'].map((name) => topicPrefix + name);
  await makeTopics(admin, topics, 2);
  made.push(...topics);
});
afterEach(async () => {
  await Promise.all([...running].map((consumer) => consumer.stop()));
  running.clear();
});
afterAll(async () => {
  // Not after each: a producer of kafkajs publishes nothing more once a topic is gone that it has published to.
  await admin.deleteTopics({ topics: made });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
});

/** What handlers were given, and waits for more of it. */
class Inbox {
  readonly ids: string[] = [];
  readonly deliveries: Delivery[] = [];
  #look: () => void = () => {};

  readonly take = (_: unknown, delivery: Delivery): void => {
    this.ids.push(delivery.id);
    this.deliveries.push(delivery);
    this.#look();
  };

  /** Resolves when the id has come so often. */
  async has(id: string, times = 1): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#look = () => this.ids.filter((known) => known === id).length >= times && resolve();
      this.#look();
    });
  }
}

async function consume(
  options: Partial<ConsumerOptions> & Pick<ConsumerOptions, 'handlers'>,
): Promise<HoldfastConsumer> {
  const consumer = new HoldfastConsumer({
    ...connection,
    groupId: `${topicPrefix}${randomUUID()}`,
    ...options,
  });
  running.add(consumer);
  await consumer.start();
  return consumer;
}

/** Puts outcomes with these ids into a partition, as Holdfast does. */
async function send(partition: number, ids: string[]): Promise<void> {
  const messages = ids.map((outcomeId) => ({ partition, value: JSON.stringify({ outcomeId }) }));
  await producer.send({ topic: `${topicPrefix}StockOutcome`, messages });
}

describe('HoldfastPublisher', () => {
  it('publishes events of a store in order; one that Holdfast cannot read is refused, and its company too', async () => {
    const publisher = new HoldfastPublisher({ ...connection, source: '/shop' });
    await publisher.start();
    const placed = (orderId: string, quantity = 1) => {
      return { storeId: 's', orderId, lines: [{ productId: 'mug', quantity }] };
    };
    const first = Array.from({ length: 300 }, (_, at) => placed(`first-${at}`));
    const sent = [publisher.orderPlaced(first), publisher.orderPlaced(placed('second'))];
    await expect(publisher.orderPlaced([placed('fine'), placed('wrong', 0)])).rejects.toThrow(InvalidEvent);
    await Promise.all([...sent, publisher.orderPlaced(placed('last'))]);
    await publisher.stop();

    const orders: string[] = [];
    const reader = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).consumer({
      groupId: topicPrefix,
    });
    await reader.connect();
    await reader.subscribe({ topic: `${topicPrefix}OrderPlaced`, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachMessage = ({
        message: { key, value },
      }: {
        message: { key: Buffer | null; value: Buffer | null };
      }) => {
        const { orderId, storeId } = JSON.parse(String(value)) as Record<string, string>;
        orders.push(String(orderId));
        expect(String(key)).toBe(storeId);
        if (orderId === 'last') resolve();
        return Promise.resolve();
      };
      reader.run({ eachMessage }).catch(reject);
    });
    await reader.disconnect();
    expect(orders).toEqual([...first.map(({ orderId }) => orderId), 'second', 'last']);
  });

  it('says so when no broker takes an event', async () => {
    const publisher = new HoldfastPublisher({
      ...connection,
      kafka: { ...connection.kafka, retry: { retries: 0 } },
      topicPrefix: 'no-such-',
      source: '/shop',
    });
    await publisher.start();
    const publishing = publisher.orderRejected({ storeId: 's', orderId: 'o' });
    await expect(publishing).rejects.toThrow(/does not host this topic-partition/);
    await publisher.stop();
  });
});

describe('HoldfastConsumer', () => {
  it('hands on every message once, those of an order in version order, whatever copies come between', async () => {
    const inbox = new Inbox();
    await send(0, ['s/a/1/Held', 's/a/1/Held', 's/b/1/Held', 's/a/2/Sold', 's/a/1/Held']);
    await consume({ handlers: { StockOutcome: inbox.take } });
    await inbox.has('s/a/2/Sold');
    await send(0, ['s/b/1/Held', 's/a/2/Sold', 's/a/3/Released', 's/a/3/RefundRequired/p', 's/end/1/Held']);
    await inbox.has('s/end/1/Held');
    const firsts = ['s/a/1/Held', 's/b/1/Held', 's/a/2/Sold', 's/a/3/Released', 's/a/3/RefundRequired/p'];
    expect(inbox.ids).toEqual([...firsts, 's/end/1/Held']);
    expect(inbox.deliveries[2]).toMatchObject({
      topic: 'StockOutcome',
      subject: 's/a',
      version: 2,
      offset: 3,
      attempt: 1,
    });
  });

  it('retries what a handler fails at, whatever it throws, in its place, while other partitions go on', async () => {
    const inbox = new Inbox();
    const failures: DeliveryFailure[] = [];
    let isHealed = false;
    let hasFailed: () => void = () => {};
    const failed = new Promise<void>((resolve) => (hasFailed = resolve));
    await consume({
      concurrentPartitions: 1,
      onFailure: (failure) => {
        failures.push(failure);
        hasFailed();
      },
      handlers: {
        StockOutcome: (message: StockOutcome, delivery) => {
          // kafkajs ends for good when it is thrown one of these.
          if (message.outcomeId === 's/a/2/Sold' && !isHealed) throw new TypeError('the mail server is away');
          inbox.take(message, delivery);
        },
      },
    });
    await send(0, ['s/a/1/Held', 's/a/2/Sold', 's/a/3/Released']);
    await inbox.has('s/a/1/Held');
    await failed;
    await send(1, ['s/other/1/Held']);
    await inbox.has('s/other/1/Held');
    isHealed = true;
    await inbox.has('s/a/3/Released');
    expect(inbox.ids).toEqual(['s/a/1/Held', 's/other/1/Held', 's/a/2/Sold', 's/a/3/Released']);
    expect(failures[0]).toMatchObject({ topic: 'StockOutcome', partition: 0, offset: 1, attempt: 1 });
    expect(inbox.deliveries[2]?.attempt).toBe(failures.length + 1);
  });

  it('stops after the handler that runs, and another one of the group goes on behind it', async () => {
    const groupId = `${topicPrefix}${randomUUID()}`;
    const [before, after] = [new Inbox(), new Inbox()];
    let finish: () => void = () => {};
    const started = new Promise<void>((hasStarted) => {
      const handler = async (message: unknown, delivery: Delivery): Promise<void> => {
        hasStarted();
        await new Promise<void>((resolve) => (finish = resolve));
        before.take(message, delivery);
      };
      void consume({ groupId, handlers: { StockOutcome: handler } });
    });
    await send(0, ['s/a/1/Held', 's/a/2/Sold']);
    await started;
    const [consumer] = running;
    const stopped = consumer?.stop();
    finish();
    await stopped;
    await consume({ groupId, handlers: { StockOutcome: after.take } });
    await after.has('s/a/2/Sold');
    expect([before.ids, after.ids]).toEqual([['s/a/1/Held'], ['s/a/2/Sold']]);
  });

  it('has nothing to say when it is stopped', async () => {
    const lines: string[] = [];
    const closed: Promise<unknown>[] = [];
    const inbox = new Inbox();
    const socketFactory: ISocketFactory = (to) => {
      const socket = wholeFrameSocket(to);
      closed.push(new Promise((resolve) => socket.once('close', resolve)));
      return socket;
    };
    const consumer = await consume({
      kafka: { ...connection.kafka, socketFactory },
      log: (line) => lines.push(line),
      handlers: { StockOutcome: inbox.take },
    });
    await send(0, ['s/a/1/Held']);
    await inbox.has('s/a/1/Held');
    const saidBefore = lines.length;
    await consumer.stop();
    await Promise.all(closed);
    expect(lines.slice(saidBefore)).toEqual([]);
  });

  it('brings a message again that a stopping handler gave up', async () => {
    const groupId = `${topicPrefix}${randomUUID()}`;
    const inbox = new Inbox();
    const started = new Promise<void>((hasStarted) => {
      const handler = async (_: unknown, { signal }: Delivery): Promise<void> => {
        hasStarted();
        await new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('stopping'))),
        );
      };
      void consume({ groupId, handlers: { StockOutcome: handler } });
    });
    await send(0, ['s/a/1/Held']);
    await started;
    await [...running][0]?.stop();
    await consume({ groupId, handlers: { StockOutcome: inbox.take } });
    await inbox.has('s/a/1/Held');
  });

  it('loses nothing when others of its group come and go', async () => {
    const groupId = `${topicPrefix}${randomUUID()}`;
    const inbox = new Inbox();
    const orders = Array.from({ length: 600 }, (_, at) => `s/o-${at}/1/Held`);
    // Heartbeats, by which a rebalance is noticed, are a tenth of it apart.
    const options = { groupId, sessionTimeoutMs: 6_000, handlers: { StockOutcome: inbox.take } };
    const first = await consume(options);
    await send(0, orders.slice(0, 300));
    const second = await consume(options);
    await send(1, orders.slice(300));
    await first.stop();
    await Promise.all([send(0, ['s/end/1/Held']), send(1, ['s/end/2/Sold'])]);
    await inbox.has('s/end/1/Held');
    await inbox.has('s/end/2/Sold');
    await second.stop();
    expect(new Set(inbox.ids)).toEqual(new Set([...orders, 's/end/1/Held', 's/end/2/Sold']));
  });

  it('goes on with another connection when the brokers do not answer any more on its own, and leaves none behind', async () => {
    const inbox = new Inbox();
    const lines: string[] = [];
    const sockets = new MutedSockets();
    const consumer = await consume({
      kafka: { ...connection.kafka, socketFactory: sockets.socketFactory },
      log: (line) => lines.push(line),
      sessionTimeoutMs: 6_000,
      standstillMs: 3_000,
      handlers: { StockOutcome: inbox.take },
    });
    await send(0, ['s/a/1/Held']);
    await inbox.has('s/a/1/Held');
    sockets.mute();
    await send(0, ['s/a/2/Sold']);
    await inbox.has('s/a/2/Sold');
    expect(inbox.ids).toEqual(['s/a/1/Held', 's/a/2/Sold']);
    expect(lines).toContainEqual(expect.stringMatching(/is replaced: asks for nothing any more/));
    await consumer.stop();
    expect(sockets.open).toHaveLength(0);
  });

  it('keeps a record that cannot be read until its owner takes it', async () => {
    const groupId = `${topicPrefix}${randomUUID()}`;
    const inbox = new Inbox();
    await producer.send({
      topic: `${topicPrefix}StockOutcome`,
      messages: [{ partition: 0, value: 'nonsense', headers: { who: 'me' } }],
    });
    await send(0, ['s/a/1/Held']);
    const failed = new Promise<DeliveryFailure>((onFailure) => {
      void consume({ groupId, onFailure, handlers: { StockOutcome: inbox.take } });
    });
    expect(String((await failed).error)).toMatch(/not JSON; `onUnreadable` may take it/);
    await [...running][0]?.stop();
    expect(inbox.ids).toEqual([]);
    const taken: unknown[] = [];
    await consume({
      groupId,
      onUnreadable: (record) => void taken.push(record),
      handlers: { StockOutcome: inbox.take },
    });
    await inbox.has('s/a/1/Held');
    expect(taken).toEqual([
      expect.objectContaining({ offset: 0, value: Buffer.from('nonsense'), reason: 'its value is not JSON' }),
    ]);
  });

  it('consumes each topic that has a handler, and each by its own memory', async () => {
    const [outcomes, notifications] = [new Inbox(), new Inbox()];
    await consume({ handlers: { StockOutcome: outcomes.take, CustomerNotification: notifications.take } });
    await send(0, ['s/a/2/Released']);
    const value = JSON.stringify({ notificationId: 's/a/2/order-rejected', template: 'order-rejected' });
    await producer.send({ topic: `${topicPrefix}CustomerNotification`, messages: [{ partition: 0, value }] });
    await Promise.all([outcomes.has('s/a/2/Released'), notifications.has('s/a/2/order-rejected')]);
  });
});
