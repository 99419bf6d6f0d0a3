/**
 * When the broker took records: how long the oldest one that waits has waited. A look fetches and decodes the batch
 * that has the record, up to a megabyte, so it is for people who ask and not for loops.
 */

import { OverChannel } from '../kafkajs/over-channel.js';

/** The broker answers with the first batch whole, whatever its size. */
const ONE_BATCH = { maxWaitMs: 100, maxBytes: 1, maxBytesPerPartition: 1 };

export class RecordTimes extends OverChannel {
  /**
   * The broker's time of the record at the offset, or of the first behind it; epoch ms.
   * @returns undefined when that batch has only control records, or the log no longer has it
   * @throws KafkaJS errors
   */
  async at(topic: string, partition: number, offset: number): Promise<number | undefined> {
    return this.channel.retrying(`a record of ${topic}`, async () => {
      await this.channel.know([topic]);
      const leader = this.channel.partitionsOf(topic).find(({ partitionId }) => partitionId === partition);
      if (!leader) return undefined;
      const [found] = await this.channel.fetch(leader.leader, topic, [{ partition, offset }], ONE_BATCH);
      const record = found?.messages.find(
        (message) => !message.isControlRecord && Number(message.offset) >= offset,
      );
      return record && Number(record.timestamp);
    });
  }
}
