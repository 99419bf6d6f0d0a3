/**
 * What a repair needs of Kafka, connected when it is first needed: what was published, how far payments are applied,
 * and a way to publish what waits.
 */

import { randomUUID } from 'node:crypto';
import type { Environment } from '@holdfast/config';
import { topicName, WATERMARK_TOPICS, type StockOutcome } from '@holdfast/contracts';
import { watermarkOf } from '@holdfast/core';
import {
  EndOffsets,
  isMessageTooLarge,
  partitionOf,
  Publisher,
  TopicRanges,
  type KafkaPort,
} from '@holdfast/messaging';
import {
  appliedPositions,
  backlogOf,
  deleteFromOutbox,
  holdLease,
  nextDue,
  outgoingOf,
  publishLetter,
  readOutbox,
  releaseLease,
  type Database,
  type OutboxDoc,
} from '@holdfast/store';
import { UsageFault } from '../failures.js';
import { kafkaOf } from '../servers.js';

const READ_LIMIT = 4;
const RELAY = 'relay';

const NOT_WHOLE =
  'the beginning of StockOutcome is gone, so it does not tell what was published; say what it is believed to agree ' +
  'with: --ledger stock, or --ledger orders';

export class RepairServers {
  #connected: Promise<{ kafka: KafkaPort; topicPrefix: string }> | undefined;
  readonly #closing: (() => Promise<unknown>)[] = [];

  constructor(private readonly environment: Environment | undefined) {}

  /** Every StockOutcome of the stores' partitions that is on the topic now, in the order of each partition. */
  async readLedger(stores: ReadonlySet<string>, onMessage: (message: StockOutcome) => void): Promise<void> {
    const { kafka, topicPrefix } = await this.#kafka();
    const topic = topicName('StockOutcome', topicPrefix);
    const ranges = new TopicRanges(kafka);
    this.#closing.push(() => ranges.disconnect());
    await ranges.connect();
    const all = await ranges.between([topic], 'start', 'end');
    const wanted = new Set([...stores].map((storeId) => partitionOf(storeId, all.length)));
    for (const range of all) {
      if (!wanted.has(range.partition)) continue;
      if (range.logStart > 0) throw new UsageFault(NOT_WHOLE);
      for await (const records of ranges.partition(range)) {
        for (const { value } of records) {
          if (value) onMessage(JSON.parse(value.toString()) as StockOutcome);
        }
      }
    }
  }

  /** Up to when payments and rejections are applied, epoch ms: what fell due later may be paid. */
  async watermark(database: Database): Promise<number> {
    const { kafka, topicPrefix } = await this.#kafka();
    const lookedAt = (await nextDue(database))?.now ?? Date.now();
    const names = new Map(WATERMARK_TOPICS.map((topic) => [topicName(topic, topicPrefix), topic]));
    const ends = await (await this.#endOffsets(kafka)).of([...names.keys()]);
    const applied = await appliedPositions(database);
    const backlogs = [...ends].flatMap(([name, offsets]) =>
      offsets.map((end, partition) => backlogOf(end, applied.get(names.get(name) as string)?.get(partition))),
    );
    return watermarkOf(backlogs, lookedAt);
  }

  /** As the relay does it, while no other process is the relay. @returns how many documents, or why not */
  async publishOutbox(database: Database): Promise<number | string> {
    const identity = { workerId: `ops-${process.pid}`, incarnation: randomUUID().slice(0, 8) };
    if (!(await holdLease(database, RELAY, identity))) {
      const owner = (await database.leases.findOne({ _id: RELAY }))?.owner ?? 'another process';
      return `outbox: ${owner} publishes it; if it does not, its log says why`;
    }
    try {
      const { kafka, topicPrefix } = await this.#kafka();
      const publisher = new Publisher(kafka);
      this.#closing.push(() => publisher.disconnect());
      await publisher.connect();
      let published = 0;
      for (;;) {
        const docs = await readOutbox(database, READ_LIMIT, [], () => undefined);
        if (docs.length === 0) return published;
        // Two that publish at once send twice what readers know by its id; but not in disorder.
        if (!(await holdLease(database, RELAY, identity))) return 'outbox: another process publishes it now';
        try {
          await publish(database, publisher, topicPrefix, docs);
        } catch (error) {
          if (!isMessageTooLarge(error)) throw error;
          return 'outbox: a topic takes less than a message that waits has: `topics apply` says which, and sets it';
        }
        const ids = docs.map(({ _id }) => _id);
        await deleteFromOutbox(database, ids);
        published += docs.length;
      }
    } finally {
      await releaseLease(database, RELAY, identity);
    }
  }

  async close(): Promise<void> {
    for (const close of this.#closing.reverse()) await close();
  }

  #kafka(): Promise<{ kafka: KafkaPort; topicPrefix: string }> {
    return (this.#connected ??= kafkaOf(this.environment));
  }

  async #endOffsets(kafka: KafkaPort): Promise<EndOffsets> {
    const ends = new EndOffsets(kafka);
    this.#closing.push(() => ends.disconnect());
    await ends.connect();
    return ends;
  }
}

async function publish(
  database: Database,
  publisher: Publisher,
  topicPrefix: string,
  docs: readonly OutboxDoc[],
): Promise<void> {
  const messages = docs.flatMap((doc) => outgoingOf(doc, topicPrefix));
  if (messages.length > 0) await publisher.publish(messages);
  for (const letter of docs.flatMap((doc) => doc.letters ?? [])) {
    await publishLetter(database, letter, (message) => publisher.offer(message));
  }
}
