/** Where the topics begin and end, asked again and again over one connection. */

import { listOffsets } from '../protocol/list-offsets.js';
import { OverChannel } from '../kafkajs/over-channel.js';

export class EndOffsets extends OverChannel {
  /**
   * High watermarks: the offset after the newest record, open transactions included.
   * @returns by topic, by partition number
   * @throws KafkaJS errors
   */
  of(topics: readonly string[]): Promise<Map<string, number[]>> {
    return listOffsets(this.channel, topics, 'end');
  }

  /** The offset of the oldest record there is, likewise. */
  startsOf(topics: readonly string[]): Promise<Map<string, number[]>> {
    return listOffsets(this.channel, topics, 'start');
  }
}
