/**
 * Rebuilds a database from the topics. The ledger is read once for the merchant's changes; then records and outcomes
 * are read together, the orders of one share at a time, so that what is in memory has a bound.
 */

import {
  CONSUMED_TOPICS,
  consumedTopicOf,
  parseRecord,
  topicName,
  type StockOutcome,
} from '@holdfast/contracts';
import { orderKey } from '@holdfast/core';
import { countOf, type ConsumedRecord, type PartitionRange, type TopicRanges } from '@holdfast/messaging';
import {
  allSettings,
  LedgerKeys,
  rebuildOrder,
  RebuildWriter,
  type Database,
  type LaneDoc,
  type ReadEvent,
  type ReadOutcome,
  type RebuildFinding,
} from '@holdfast/store';

export interface RebuildSource {
  ranges: TopicRanges;
  topicPrefix: string;
  /** records and outcomes that are in memory at the same time */
  recordsAtOnce: number;
  maxListed: number;
  onProgress(text: string): void;
}

export interface RebuildReport {
  /** records of the consumed topics, those that cannot be read among them */
  records: number;
  unreadable: number;
  /** published outcomes, copies among them */
  outcomes: number;
  copies: number;
  orders: number;
  facts: number;
  transitions: number;
  stockKeys: number;
  /** how often the topics were read for it */
  passes: number;
  findings: Partial<Record<RebuildFinding | 'undecided', number>>;
  listed: { kind: RebuildFinding | 'undecided'; message: string }[];
}

/** What is read of both, fixed at the start: the ledger first, so that the record of each outcome is there. */
export interface RebuildRanges {
  ledger: PartitionRange[];
  consumed: PartitionRange[];
}

export async function rebuildRanges(ranges: TopicRanges, topicPrefix: string): Promise<RebuildRanges> {
  const ledger = await ranges.between([topicName('StockOutcome', topicPrefix)], 'start', 'end');
  const names = CONSUMED_TOPICS.map((topic) => topicName(topic, topicPrefix));
  return { ledger, consumed: await ranges.between(names, 'start', 'end') };
}

interface OrderParts {
  events: ReadEvent[];
  outcomes: ReadOutcome[];
}

/** @throws TransientFault, KafkaJS errors; the database is then neither empty nor whole */
export async function rebuild(
  database: Database,
  source: RebuildSource,
  ranges: RebuildRanges,
): Promise<RebuildReport> {
  return new Rebuild(database, source, ranges).run();
}

class Rebuild {
  readonly #keys = new LedgerKeys();
  readonly #positions: Positions;
  readonly #report: RebuildReport = {
    records: 0,
    unreadable: 0,
    outcomes: 0,
    copies: 0,
    orders: 0,
    facts: 0,
    transitions: 0,
    stockKeys: 0,
    passes: 0,
    findings: {},
    listed: [],
  };

  constructor(
    private readonly database: Database,
    private readonly source: RebuildSource,
    private readonly ranges: RebuildRanges,
  ) {
    this.#positions = new Positions(ranges.consumed, source.topicPrefix);
  }

  async run(): Promise<RebuildReport> {
    const report = this.#report;
    await this.#readLedger((seq, message) => {
      this.#keys.read(seq, message);
      report.outcomes += 1;
    }, 'the ledger');
    const settings = await allSettings(this.database);
    const writer = new RebuildWriter(this.database);
    const total = countOf(this.ranges.ledger) + countOf(this.ranges.consumed);
    report.passes = Math.max(1, Math.ceil(total / this.source.recordsAtOnce));
    for (let pass = 0; pass < report.passes; pass++) {
      const orders = await this.#readShare(pass);
      let done = 0;
      for (const [key, { events, outcomes }] of orders) {
        orders.delete(key);
        const rebuilt = rebuildOrder(events, outcomes, this.#keys, settings);
        report.copies += outcomes.length - rebuilt.moved.length;
        for (const { seq, message } of rebuilt.moved) {
          for (const delta of message.deltas) this.#keys.add(seq, delta);
        }
        report.transitions += rebuilt.transitions;
        report.facts += rebuilt.facts.length;
        if (rebuilt.doc) report.orders += 1;
        for (const { kind, message } of rebuilt.findings) this.#find(kind, message);
        for (const read of rebuilt.undecided) this.#leave(read);
        await writer.add(rebuilt);
        if (++done % 10_000 === 0) this.#tell(pass, `${done} orders decided`);
      }
    }
    await writer.finish(this.#keys, this.#positions.lanes());
    report.stockKeys = this.#keys.size;
    return report;
  }

  /** Records and outcomes of the orders of one share. */
  async #readShare(pass: number): Promise<Map<string, OrderParts>> {
    const orders = new Map<string, OrderParts>();
    const partsOf = (key: string): OrderParts | undefined => {
      if (shareOf(key, this.#report.passes) !== pass) return undefined;
      let parts = orders.get(key);
      if (!parts) orders.set(key, (parts = { events: [], outcomes: [] }));
      return parts;
    };
    const isFirst = pass === 0;
    await this.#readConsumed(isFirst, (read) => partsOf(orderKey(read.event))?.events.push(read), pass);
    await this.#readLedger(
      (seq, message) => {
        if (message.orderId === undefined) return;
        partsOf(message.storeId + '/' + message.orderId)?.outcomes.push({ seq, message });
      },
      this.#named(pass, 'outcomes'),
    );
    return orders;
  }

  async #readConsumed(isFirst: boolean, take: (read: ReadEvent) => void, pass: number): Promise<void> {
    const { ranges, topicPrefix } = this.source;
    const total = countOf(this.ranges.consumed);
    let read = 0;
    for await (const records of ranges.merged(this.ranges.consumed)) {
      for (const record of records) {
        const topic = consumedTopicOf(record.topic, topicPrefix);
        if (!topic) continue;
        const { event } = parseRecord(topic, record.value, record);
        if (isFirst) {
          this.#report.records += 1;
          if (!event) this.#report.unreadable += 1;
          this.#positions.passed(record);
        }
        if (event) take({ event, timestamp: record.timestamp });
      }
      this.#tell(pass, `${(read += records.length)} of ${total} records read`);
    }
  }

  /** @param take is given each outcome's place in the ledger, the same one every time */
  async #readLedger(take: (seq: number, message: StockOutcome) => void, name: string): Promise<void> {
    const total = countOf(this.ranges.ledger);
    let seq = 0;
    for await (const records of this.source.ranges.merged(this.ranges.ledger)) {
      for (const { value } of records) {
        seq += 1;
        if (value) take(seq, JSON.parse(value.toString()) as StockOutcome);
      }
      this.source.onProgress(`${name}: ${seq} of ${total} read`);
    }
  }

  #tell(pass: number, text: string): void {
    this.source.onProgress(this.#named(pass, text));
  }

  #named(pass: number, text: string): string {
    return `pass ${pass + 1} of ${this.#report.passes}: ${text}`;
  }

  #leave({ event }: ReadEvent): void {
    const { topic, partition, offset } = event.cause;
    this.#positions.leave(topic, partition ?? 0, offset ?? 0);
    this.#find(
      'undecided',
      `${topic}/${partition}/${offset}: of ${orderKey(event)}, and nothing was published of it`,
    );
  }

  #find(kind: RebuildFinding | 'undecided', message: string): void {
    const { findings, listed } = this.#report;
    findings[kind] = (findings[kind] ?? 0) + 1;
    if (listed.length < this.source.maxListed) listed.push({ kind, message });
  }
}

/** FNV-1a: orders spread evenly over shares, and the same ones fall together every time. */
function shareOf(key: string, shares: number): number {
  if (shares === 1) return 0;
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % shares;
}

/**
 * How far the new database has every partition: to where it was read, but not beyond a record that is undecided, or
 * holds would expire while a payment waits there.
 */
class Positions {
  readonly #ranges: { topic: string; partition: number; next: number; at: number }[];
  readonly #byPlace = new Map<string, { topic: string; partition: number; next: number; at: number }>();

  constructor(
    ranges: readonly PartitionRange[],
    private readonly prefix: string,
  ) {
    this.#ranges = ranges.map(({ topic, partition, to }) => ({
      topic: topic.slice(prefix.length),
      partition,
      next: to,
      at: 0,
    }));
    for (const range of this.#ranges) this.#byPlace.set(`${range.topic}/${range.partition}`, range);
  }

  passed({ topic, partition, timestamp }: ConsumedRecord): void {
    const range = this.#byPlace.get(`${topic.slice(this.prefix.length)}/${partition}`);
    if (range) range.at = Math.max(range.at, timestamp);
  }

  leave(topic: string, partition: number, offset: number): void {
    const range = this.#byPlace.get(`${topic}/${partition}`);
    if (range) range.next = Math.min(range.next, offset);
  }

  lanes(): LaneDoc[] {
    const lanes = new Map<number, LaneDoc>();
    for (const { topic, partition, next, at } of this.#ranges) {
      let lane = lanes.get(partition);
      if (!lane) lanes.set(partition, (lane = { _id: String(partition), owner: 'rebuild', positions: {} }));
      lane.positions[topic] = { next, at: new Date(at) };
    }
    return [...lanes.values()];
  }
}
