/** Replays what lies between two bounds of the topics: reads, sorts out what was asked for, previews or applies. */

import { setTimeout as delay } from 'node:timers/promises';
import { consumedTopicOf, parseRecord } from '@holdfast/contracts';
import type { Decision, OrderEvent } from '@holdfast/core';
import { countOf, TopicRanges, type ConsumedRecord, type PartitionRange } from '@holdfast/messaging';
import {
  applyBatch,
  inSnapshot,
  NOTHING_REPLAYED,
  noteReplay,
  ReplayPreview,
  type BatchTools,
  type PreviewedOrder,
  type PreviewedStock,
  type ReplayCounts,
  type ReplayDoc,
} from '@holdfast/store';

export interface ReplayFilter {
  storeId?: string;
  /** of that store */
  orderIds?: readonly string[];
}

export interface ReplaySource {
  ranges: TopicRanges;
  topicPrefix: string;
  filter: ReplayFilter;
  /** most events a second */
  rate?: number;
  maxListed: number;
  onProgress(read: number, total: number): void;
}

/** What could not be read, or was not taken by its order. */
export interface ReplayComplaint {
  /** `OrderPlaced/3/17` */
  record: string;
  error: string;
  message: string;
}

export interface Replayed {
  counts: ReplayCounts;
  complaints: ReplayComplaint[];
}

export interface Previewed extends Replayed {
  changedOrders: number;
  orders: PreviewedOrder[];
  stock: PreviewedStock[];
}

/** Events that are decided together. */
const AT_ONCE = 2_000;

/** What a replay would change, as of one moment. @throws TransientFault when the database no longer has that moment */
export function previewReplay(
  tools: BatchTools,
  source: ReplaySource,
  ranges: readonly PartitionRange[],
): Promise<Previewed> {
  return inSnapshot(tools.database, async (session) => {
    const preview = new ReplayPreview(tools, session);
    const account = new Account(source, { ...NOTHING_REPLAYED });
    for await (const chunk of chunksOf(source, ranges, account)) {
      account.decided(chunk, await preview.add(chunk.events, recordedAt(chunk)));
    }
    const { counts, complaints } = account;
    const orders = preview.orders(source.maxListed);
    return { counts, complaints, changedOrders: preview.changedOrders, orders, stock: await preview.stock() };
  });
}

/** Applies a replay from where its record says that it stands, and keeps how far it came. */
export async function applyReplay(
  tools: BatchTools,
  source: ReplaySource,
  record: ReplayDoc,
): Promise<Replayed> {
  const account = new Account(source, record.counts);
  const places = new Map(record.ranges.map((range) => [`${range.topic}/${range.partition}`, range]));
  const open = record.ranges.map(({ topic, partition, next, to }): PartitionRange => ({
    topic,
    partition,
    from: next,
    to,
    logStart: 0,
  }));
  for await (const chunk of chunksOf(source, open, account)) {
    account.decided(chunk, await applyAll(tools, chunk));
    for (const { topic, partition, offset } of chunk.read) {
      const place = places.get(`${topic}/${partition}`);
      if (place) place.next = offset + 1;
    }
    await noteReplay(tools.database, record, false);
  }
  for (const range of record.ranges) range.next = range.to;
  await noteReplay(tools.database, record, true);
  return { counts: record.counts, complaints: account.complaints };
}

/** As a lane does it, without a lane: no progress is noted, and no dead letter written. */
async function applyAll(tools: BatchTools, chunk: Chunk): Promise<Decision[]> {
  const { events } = chunk;
  const decisions: Decision[] = [];
  while (decisions.length < events.length) {
    const rest = events.slice(decisions.length);
    const date = recordedAt(chunk, decisions.length);
    const result = await applyBatch(tools, { events: rest, recordedAt: date, now: Date.now() });
    decisions.push(...result.decisions);
  }
  return decisions;
}

/** @param from the event that is the first */
function recordedAt({ records }: Chunk, from = 0): (at: number) => number {
  return (at) => records[from + at]?.timestamp ?? -1;
}

interface Chunk {
  read: readonly ConsumedRecord[];
  events: OrderEvent[];
  /** of each event */
  records: ConsumedRecord[];
}

async function* chunksOf(
  source: ReplaySource,
  ranges: readonly PartitionRange[],
  account: Account,
): AsyncGenerator<Chunk> {
  const { rate, topicPrefix } = source;
  const total = countOf(ranges);
  const startedAt = Date.now();
  let read = 0;
  let events = 0;
  const atOnce = Math.max(1, Math.min(AT_ONCE, Math.ceil(rate ?? AT_ONCE)));
  for await (const records of source.ranges.merged(ranges, atOnce)) {
    const chunk: Chunk = { read: records, events: [], records: [] };
    for (const record of records) {
      const topic = consumedTopicOf(record.topic, topicPrefix);
      if (!topic) continue;
      const { event, poison } = parseRecord(topic, record.value, record);
      if (poison) account.unreadable(record, poison);
      else if (isWanted(event, source.filter)) {
        chunk.events.push(event);
        chunk.records.push(record);
      }
    }
    account.counts.read += records.length;
    yield chunk;
    source.onProgress((read += records.length), total);
    events += chunk.events.length;
    const early = rate === undefined ? 0 : startedAt + (events * 1_000) / rate - Date.now();
    if (early > 0) await delay(early);
  }
}

function isWanted({ storeId, orderId }: OrderEvent, filter: ReplayFilter): boolean {
  if (filter.storeId !== undefined && filter.storeId !== storeId) return false;
  return filter.orderIds?.includes(orderId) ?? true;
}

class Account {
  readonly complaints: ReplayComplaint[] = [];

  constructor(
    private readonly source: ReplaySource,
    readonly counts: ReplayCounts,
  ) {}

  unreadable(record: ConsumedRecord, { errorClass, message }: { errorClass: string; message: string }): void {
    this.counts.unreadable += 1;
    this.#complain(record, errorClass, message);
  }

  decided({ events, records }: Chunk, decisions: readonly Decision[]): void {
    const { counts } = this;
    counts.events += events.length;
    for (const [at, decision] of decisions.entries()) {
      switch (decision.kind) {
        case 'fact':
          counts.facts += 1;
          if (decision.transition) counts.transitions += 1;
          break;
        case 'refused':
          counts.refused += 1;
          this.#complain(records[at], decision.reason, decision.detail);
          break;
        default:
          counts[decision.kind] += 1;
      }
    }
  }

  #complain(record: ConsumedRecord | undefined, error: string, message: string): void {
    if (!record || this.complaints.length >= this.source.maxListed) return;
    const topic = record.topic.slice(this.source.topicPrefix.length);
    this.complaints.push({ record: `${topic}/${record.partition}/${record.offset}`, error, message });
  }
}
