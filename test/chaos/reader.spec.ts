/** The tests' own reader of what is published, when its client stands still. */

import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { wholeFrameSocket } from '@holdfast/messaging';
import kafkajs from 'kafkajs';
import { Arrivals } from '../support/pipeline-arrivals.js';
import { line, startPipeline } from '../support/pipeline.js';

describe('the reader of what is published', () => {
  it('reads on with another consumer when its own gets no answer any more', async () => {
    const shop = await startPipeline();
    let isMute = false;
    const sockets: Socket[] = [];
    const kafka = new kafkajs.Kafka({
      brokers: (shop.environment['KAFKA_BROKERS'] ?? '').split(','),
      logLevel: kafkajs.logLevel.NOTHING,
      socketFactory: (options) => {
        const socket = wholeFrameSocket(options);
        // Those that were open when the answers stopped never get one again.
        const wasOpenBefore = !isMute;
        sockets.push(socket);
        const emit = socket.emit.bind(socket) as (event: string, ...given: unknown[]) => boolean;
        socket.emit = ((event: string, ...given: unknown[]) =>
          (isMute && wasOpenBefore && event === 'data') || emit(event, ...given)) as typeof socket.emit;
        return socket;
      },
    });
    const arrivals = new Arrivals(kafka, shop.topicPrefix);
    await arrivals.start();
    await shop.product('bakery', 'mug');
    await shop.stock('bakery', { mug: 5 });
    isMute = true;
    const muted = [...sockets];
    await shop.publish.placed({ storeId: 'bakery', orderId: 'o-1', lines: [line('mug')] });
    await shop.until(({ story }) => story('bakery', 'o-1').length > 0, 'the others have it');
    const ends = new Map(
      await Promise.all(
        arrivals.topics.map(async (topic) => {
          const offsets = await shop.admin.fetchTopicOffsets(topic);
          return [
            topic,
            offsets.sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high)),
          ] as const;
        }),
      ),
    );
    await new Promise<void>((resolve) => {
      const stop = arrivals.watch(() => {
        if (!arrivals.hasReached(ends)) return;
        stop();
        resolve();
      });
    });
    expect(arrivals.all.story('bakery', 'o-1')).toEqual(['Held']);
    expect(sockets.length).toBeGreaterThan(muted.length);
    await arrivals.stop();
    for (const socket of muted) socket.destroy(new Error('read ECONNRESET'));
    await delay(5_000);
    // The one that stood still does not begin again.
    expect(sockets.filter((socket) => !socket.destroyed)).toHaveLength(0);
    await shop.finish();
  });
});
