/** What is seen of the consumer's transactions: counted, traced where somebody traces, and said at debug level. */

import type { OrderEvent } from '@holdfast/core';
import type { Translated } from '@holdfast/messaging';
import type { BatchResult, BatchWatch } from '@holdfast/store';
import type { Tracing, WorkSpan } from '@holdfast/telemetry';
import type { Logger } from '@nestjs/common';
import type { WorkerMetrics } from '../metrics/worker-metrics.js';
import { tracesOfRecords } from '../traces.js';

export interface BatchSightOptions {
  metrics?: WorkerMetrics | undefined;
  tracing?: Tracing | undefined;
  groupId: string;
  log: Pick<Logger, 'debug'>;
}

type Items = readonly Translated<OrderEvent>[];

/** A transaction that is committed. */
export interface Committed {
  lanes: readonly number[];
  /** so many records */
  applied: number;
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
  #count({ applied, result, durationMs }: Committed): void {
    const { metrics } = this.options;
    if (!metrics || applied === 0) return;
    const { decisions, letters } = result;
    metrics.batch({ source: 'consume', records: applied, durationMs, decisions });
    for (const { topic, errorClass } of letters) metrics.deadLetter(topic, errorClass);
  }
}
