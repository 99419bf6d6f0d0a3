/**
 * Sends requests of our own making over kafkajs's connections: it keeps the sockets, the logins, the metadata
 * and the reconnecting, and the bytes are ours. It is how records are encoded in one buffer instead of some
 * thirty small ones each. Relies on `connectionPool.send` of the pinned kafkajs, and says so when it is gone.
 */

import kafkajs, { type Broker, type Cluster, type KafkaMessage, type PartitionMetadata } from 'kafkajs';
import { jitteredBackoffMs } from '../backoff.js';
import type { Log } from '../records.js';
import { systemClock } from '../system-clock.js';
import { sendable } from './uncopied-bodies.js';

export interface RawRequest<T> {
  apiKey: number;
  apiVersion: number;
  apiName: string;
  /** the whole body, without the request's header; stays as it is until `send` resolves, and for ever when it rejects */
  body: Buffer;
  decode: (response: Buffer) => T;
}

/** Where to go on in one partition. */
export interface FetchPosition {
  partition: number;
  offset: number;
}

export interface FetchLimits {
  /** how long the broker waits for the first byte */
  maxWaitMs: number;
  maxBytes: number;
  maxBytesPerPartition: number;
}

/** A record as kafkajs decodes it, with what kafkajs has of it and does not declare. */
export type FetchedMessage = KafkaMessage & { isControlRecord?: boolean };

export interface FetchedPartition {
  partition: number;
  /** may begin before the offset that was asked for, where a batch does */
  messages: FetchedMessage[];
  /** transactions that were given up and of which records may be among the messages */
  abortedTransactions?: AbortedTransaction[];
}

export interface AbortedTransaction {
  producerId: string;
  firstOffset: string;
}

interface ProtocolRequest {
  request: {
    apiKey: number;
    apiVersion: number;
    apiName: string;
    encode: () => Promise<{ buf: Buffer; buffer: Buffer }>;
  };
  response: { decode: (bytes: Buffer) => Promise<unknown>; parse: (data: unknown) => Promise<unknown> };
}

/** What there is of a broker besides its typed calls. */
type RawBroker = Broker & { connectionPool?: { send?: (request: ProtocolRequest) => Promise<unknown> } };
type RawCluster = Omit<Cluster, 'findBroker' | 'findControllerBroker'> & {
  findBroker(node: { nodeId: string | number }): Promise<RawBroker>;
  findControllerBroker(): Promise<RawBroker>;
};

const MAX_TRIES = 12;

export class ClusterChannel {
  readonly #cluster: RawCluster;
  readonly #topics = new Set<string>();

  constructor(
    cluster: Cluster,
    private readonly log: Log,
  ) {
    this.#cluster = cluster as RawCluster;
  }

  connect(): Promise<void> {
    return this.#cluster.connect();
  }

  disconnect(): Promise<void> {
    return this.#cluster.disconnect();
  }

  /** Makes the partitions of these topics known. @throws KafkaJS errors when a topic does not exist */
  async know(topics: Iterable<string>): Promise<void> {
    const missing = [...topics].filter((topic) => !this.#topics.has(topic));
    if (missing.length > 0) {
      await this.#cluster.addMultipleTargetTopics(missing);
      for (const topic of missing) this.#topics.add(topic);
    }
    await this.#cluster.refreshMetadataIfNecessary();
  }

  refresh(): Promise<void> {
    return this.#cluster.refreshMetadata();
  }

  partitionsOf(topic: string): PartitionMetadata[] {
    return this.#cluster.findTopicPartitionMetadata(topic);
  }

  /** @returns -1 where it is not known: no broker has that number, and a request to it fails until it is looked up anew */
  leaderOf(topic: string, partition: number): number {
    return this.partitionsOf(topic).find(({ partitionId }) => partitionId === partition)?.leader ?? -1;
  }

  /** Sends to one broker. */
  async send<T>(nodeId: number | 'controller', request: RawRequest<T>): Promise<T> {
    const broker =
      nodeId === 'controller'
        ? await this.#cluster.findControllerBroker()
        : await this.#cluster.findBroker({ nodeId });
    const pool = broker.connectionPool;
    if (typeof pool?.send !== 'function') throw new Error('this version of kafkajs has no open connections');
    const { bytes, letGo } = sendable(request.body);
    try {
      return (await pool.send(protocolRequest(request, bytes))) as T;
    } catch (error) {
      // As kafkajs's own calls do: a socket that is gone must not be taken for connected.
      if (isClosed(error)) await broker.disconnect();
      throw error;
    } finally {
      letGo();
    }
  }

  /** Reads on in partitions that one broker leads. @throws KafkaJS errors, of any of the partitions */
  async fetch(
    nodeId: number,
    topic: string,
    positions: readonly FetchPosition[],
    limits: FetchLimits,
  ): Promise<FetchedPartition[]> {
    const broker = await this.#cluster.findBroker({ nodeId });
    try {
      const answer = (await broker.fetch({
        maxWaitTime: limits.maxWaitMs,
        minBytes: 1,
        maxBytes: limits.maxBytes,
        topics: [
          {
            topic,
            partitions: positions.map(({ partition, offset }) => ({
              partition,
              fetchOffset: String(offset),
              maxBytes: limits.maxBytesPerPartition,
            })),
          },
        ],
      })) as { responses: { partitions: FetchedPartition[] }[] };
      return answer.responses.flatMap(({ partitions }) => partitions);
    } catch (error) {
      if (isClosed(error)) await broker.disconnect();
      throw error;
    }
  }

  /** Tries again what the broker or the connection says may be tried again, with fresh metadata. */
  async retrying<T>(what: string, work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (!isRetriable(error) || tries >= MAX_TRIES) throw error;
        if (tries === 1 || tries % 5 === 0) this.log.warn(`${what}: ${(error as Error).message}, again`);
        await systemClock.delay(jitteredBackoffMs(tries, { firstMs: 20, mostMs: 2_000 }));
        await this.#recover(error);
      }
    }
  }

  async #recover(error: unknown): Promise<void> {
    try {
      const { host, port } = error as { host?: string; port?: number };
      if (isClosed(error) && host !== undefined && port !== undefined) {
        this.#cluster.removeBroker({ host, port });
      }
      if (!this.#cluster.isConnected()) await this.#cluster.connect();
      await this.#cluster.refreshMetadata();
    } catch (failure) {
      // The next try meets the same trouble, and counts it.
      this.log.debug(`metadata not refreshed: ${(failure as Error).message}`);
    }
  }
}

/** @param body what stands for the request's own */
function protocolRequest<T>(raw: RawRequest<T>, body: Buffer): ProtocolRequest {
  const { apiKey, apiVersion, apiName, decode } = raw;
  return {
    request: {
      apiKey,
      apiVersion,
      apiName,
      // Shaped like kafkajs's encoder, which is copied from and nothing else.
      encode: () => Promise.resolve({ buf: body, buffer: body }),
    },
    response: {
      decode: (bytes) => Promise.resolve(decode(bytes) as unknown).then(dataOf),
      parse: (data) => Promise.resolve((data as { data: unknown }).data),
    },
  };
}

/** kafkajs looks for a throttle time in what was decoded. */
function dataOf(data: unknown): { data: unknown; clientSideThrottleTime: number } {
  return { data, clientSideThrottleTime: 0 };
}

function isClosed(error: unknown): boolean {
  return error instanceof Error && error.name === 'KafkaJSConnectionClosedError';
}

export function isRetriable(error: unknown): boolean {
  return error instanceof kafkajs.KafkaJSError && error.retriable;
}

/**
 * The brokers do not answer, which is something to wait for; kafkajs wraps what its own tries ended with. Two of
 * these it calls final although they only say that it got no answer: a broker that goes away while its group's
 * coordinator is asked for, and a request that waits for another one's metadata.
 */
export function isUnreachable(error: unknown): boolean {
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    if (isRetriable(one) || isUnanswered(one)) return true;
  }
  return false;
}

function isUnanswered(error: unknown): boolean {
  return (
    error instanceof kafkajs.KafkaJSGroupCoordinatorNotFound || error instanceof kafkajs.KafkaJSLockTimeout
  );
}
