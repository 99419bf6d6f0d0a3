/** The relay's publisher, which says how much it has sent, and in which traces. */

import { Publisher, type KafkaPort, type OutgoingMessage } from '@holdfast/messaging';
import type { Tracing } from '@holdfast/telemetry';
import { tracesOfMessages } from '../traces.js';
import type { WorkerMetrics } from './worker-metrics.js';

export class CountingPublisher extends Publisher {
  constructor(
    kafka: KafkaPort,
    private readonly metrics: WorkerMetrics | undefined,
    private readonly tracing: Tracing | undefined,
  ) {
    super(kafka);
  }

  override async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    const asked = performance.now();
    if (!this.tracing) await super.publish(messages);
    else {
      const attributes = { 'messaging.system': 'kafka', 'messaging.batch.message_count': messages.length };
      const from = tracesOfMessages(messages);
      await this.tracing.span('publish', { kind: 'producer', attributes, from }, () =>
        super.publish(messages),
      );
    }
    this.metrics?.published(messages.length, performance.now() - asked);
  }
}
