/** A broker that only answers questions about offsets, and a consumer that the test drives by hand. */

import kafkajs, { type Batch, type ConsumerRunConfig } from 'kafkajs';
import type { ClusterChannel, RawRequest } from '../kafkajs/cluster-channel.js';
import type { Admin, Consumer, ConsumerSettings, KafkaPort } from '../kafkajs/kafka-port.js';

type Listener = (event: { payload: unknown }) => void;

const events = {
  GROUP_JOIN: 'join',
  HEARTBEAT: 'heartbeat',
  FETCH: 'fetch',
  END_BATCH_PROCESS: 'end',
  CRASH: 'crash',
};

export class FakeKafka {
  /** what was asked of the consumer, in order */
  readonly calls: string[] = [];
  settings: ConsumerSettings | undefined;
  onCall: () => void = () => {};
  /** of every partition: where its log begins, and the group's place in it */
  start = 0;
  committed: number | undefined;
  readonly #listeners = new Map<string, Listener>();
  #run: ConsumerRunConfig | undefined;

  /** @param end of every partition's log */
  constructor(
    private readonly topics: readonly string[],
    private readonly partitions: number,
    private readonly end = 100,
  ) {}

  get port(): KafkaPort {
    return {
      admin: () => this.#admin,
      channel: () => this.#channel,
      consumer: (settings) => {
        this.settings = settings;
        return this.#consumer;
      },
    };
  }

  /** A generation in which this member has these lanes. */
  join(lanes: number[], topics = this.topics): void {
    this.#listeners.get(events.GROUP_JOIN)?.({
      payload: { memberAssignment: Object.fromEntries(topics.map((topic) => [topic, lanes])) },
    });
  }

  crash(error: Error, restart: boolean): void {
    this.#listeners.get(events.CRASH)?.({ payload: { error, restart } });
  }

  /** A fetch that brought nothing. */
  fetchedNothing(): void {
    this.#listeners.get(events.FETCH)?.({ payload: {} });
  }

  /** A fetch that began at `from` and brought these offsets, the last of them perhaps no record. */
  async fetched(
    topic: string,
    partition: number,
    from: number,
    offsets: number[],
    last = from,
  ): Promise<void> {
    const batch = {
      topic,
      partition,
      fetchedOffset: String(from),
      messages: offsets.map((offset) => ({ offset: String(offset), timestamp: '5', key: null, value: null, headers: {} })), // prettier-ignore
      lastOffset: () => String(Math.max(last, ...offsets)),
    };
    await this.#run?.eachBatch?.({ batch: batch as unknown as Batch } as never);
  }

  /** A fetch without a record for us. */
  fetchedControl(topic: string, partition: number, firstOffset: number, lastOffset: number): void {
    this.#listeners.get(events.END_BATCH_PROCESS)?.({
      payload: {
        topic,
        partition,
        batchSize: 0,
        firstOffset: String(firstOffset),
        lastOffset: String(lastOffset),
      },
    });
  }

  get #consumer(): Consumer {
    const call = (line: string): void => {
      this.calls.push(line);
      this.onCall();
    };
    const consumer = {
      events,
      on: (event: string, listener: Listener) => this.#listeners.set(event, listener),
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(call('disconnect')),
      subscribe: () => Promise.resolve(),
      run: (config: ConsumerRunConfig) => {
        this.#run = config;
        return Promise.resolve(call('run'));
      },
      stop: () => Promise.resolve(call('stop')),
      pause: (what: { topic: string; partitions: number[] }[]) =>
        call(`pause ${what[0]?.partitions.join(' ')}`),
      resume: (what: { topic: string; partitions: number[] }[]) =>
        call(`resume ${what[0]?.partitions.join(' ')}`),
      seek: ({ topic, partition, offset }: { topic: string; partition: number; offset: string }) =>
        call(`seek ${topic}/${partition} ${offset}`),
      commitOffsets: (offsets: { topic: string; partition: number; offset: string }[]) => {
        for (const { topic, partition, offset } of offsets) call(`commit ${topic}/${partition} ${offset}`);
        return Promise.resolve();
      },
    };
    return consumer as unknown as Consumer;
  }

  get #admin(): Admin {
    const metadata = this.topics.map((name) => ({ name, partitions: new Array(this.partitions).fill({}) }));
    const admin = {
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
      listTopics: () => Promise.resolve([...this.topics]),
      fetchTopicMetadata: () => Promise.resolve({ topics: metadata }),
      fetchOffsets: () => {
        const offset = String(this.committed ?? -1);
        const partitions = Array.from({ length: this.partitions }, (_, partition) => ({ partition, offset }));
        return Promise.resolve(this.topics.map((topic) => ({ topic, partitions })));
      },
    };
    return admin as unknown as Admin;
  }

  get #channel(): ClusterChannel {
    const partitions = Array.from({ length: this.partitions }, (_, partitionId) => ({
      partitionId,
      leader: 1,
    }));
    const channel = {
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
      refresh: () => Promise.resolve(),
      know: () => Promise.resolve(),
      retrying: <T>(_: string, work: () => Promise<T>) => work(),
      partitionsOf: () => partitions,
      // The request's timestamp says which end is asked for: -2 is the beginning.
      send: (_: number, { body }: RawRequest<unknown>) => {
        const offset = body.includes(Buffer.from('fffffffffffffffe', 'hex')) ? this.start : this.end;
        return Promise.resolve(
          this.topics.flatMap((topic) => partitions.map(({ partitionId }) => ({ topic, partition: partitionId, offset }))), // prettier-ignore
        );
      },
    };
    return channel as unknown as ClusterChannel;
  }
}

/** As kafkajs wraps it: asking for the coordinator found nobody, which its tries do not repeat. */
export function noCoordinator(): Error {
  const error = nonRetriable('Failed to find group coordinator');
  // Its types leave out the message that its constructor needs.
  const Cause = kafkajs.KafkaJSGroupCoordinatorNotFound as unknown as new (message: string) => Error;
  error.cause = new Cause(error.message);
  return error;
}

export function nonRetriable(message: string): Error {
  return new kafkajs.KafkaJSNonRetriableError(message);
}
