/** What asks the brokers over a channel of its own, for as long as it is connected. */

import type { ClusterChannel } from './cluster-channel.js';
import type { KafkaPort } from './kafka-port.js';

export abstract class OverChannel {
  protected readonly channel: ClusterChannel;

  constructor(kafka: KafkaPort) {
    this.channel = kafka.channel();
  }

  connect(): Promise<void> {
    return this.channel.connect();
  }

  disconnect(): Promise<void> {
    return this.channel.disconnect();
  }
}
