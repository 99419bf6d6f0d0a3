/** What is seen of the consumer's transactions: counted, traced where somebody traces, and said at debug level. */

import type { OrderEvent } from '@holdfast/core';
import type { ConsumedRecord, Translated } from '@holdfast/messaging';
import type { BatchResult, BatchWatch } from '@holdfast/store';
import type { Tracing, WorkSpan } from '@holdfast/telemetry';
import type { Logger } from '@nestjs/common';
import type { WorkerMetrics } from '../metrics/worker-metrics.js';
import { tracesOfRecords } from '../traces.js';

export interface BatchSightOptions {
  metrics?: WorkerMetrics | undefined;
  tracing?: Tracing | undefined;
  groupId: string;
  topicPrefix: string;
  log: Pick<Logger, 'debug'>;
}

type Items = readonly Translated<OrderEvent>[];

/** A transaction that is committed. */
export interface Committed {
  lanes: readonly number[];
  /** all that were to be applied, and how many of them are */
  items: Items;
  applied: number;
  /** of each decision */
  records: readonly { record: ConsumedRecord }[];
  result: BatchResult;
  durationMs: number;
}

export class BatchSight {
  readonly watch: BatchWatch | undefined;

  constructor(private readonly options: BatchSightOptions) {
    this.watch = options.metrics?.watch('consume');
  }

  /** Does it in a span of its own, where somebody traces. */
  within<T>(lanes: readonly number[], items: Items, work: (span?: WorkSpan) => Promise<T>): Promise<T> {
    const { tracing, groupId } = this.options;
    if (!tracing || items.length === 0) return work();
    const attributes = {
      'messaging.system': 'kafka',
      'messaging.consumer.group.name': groupId,
      'messaging.destination.partition.id': lanes.join(','),
    };
    const from = tracesOfRecords(items);
    return tracing.span('apply batch', { kind: 'consumer', attributes, from }, work);
  }

  committed(batch: Committed, span: WorkSpan | undefined): void {
    const { lanes, applied, result } = batch;
    const { retries, transitions, outbox } = result;
    span?.set({
      'messaging.batch.message_count': applied,
      'holdfast.transaction.retries': retries,
      'holdfast.transitions': transitions,
    });
    const [doc] = outbox;
    const about = { lanes: lanes.join(','), records: applied, transitions, retries };
    this.options.log.debug(`lanes ${about.lanes}: ${applied} records applied`, {
      ...about,
      ...(doc && { batch: doc._id }),
    });
    this.#count(batch);
  }

  /** Only what is committed: a letter may have been written several times before. */
  #count({ items, applied, records, result, durationMs }: Committed): void {
    const { metrics } = this.options;
    if (!metrics || applied === 0) return;
    const { decisions } = result;
    metrics.batch({ source: 'consume', records: applied, durationMs, decisions });
    if (applied > decisions.length) {
      for (const item of items.slice(0, applied)) {
        if ('poison' in item) metrics.deadLetter(this.#plain(item.record), item.poison.errorClass);
      }
    }
    for (const [at, decision] of decisions.entries()) {
      if (decision.kind !== 'refused' || decision.reason !== 'too-many-facts') continue;
      const refused = records[at];
      if (refused) metrics.deadLetter(this.#plain(refused.record), decision.reason);
    }
  }

  #plain({ topic }: ConsumedRecord): string {
    return topic.slice(this.options.topicPrefix.length);
  }
}
