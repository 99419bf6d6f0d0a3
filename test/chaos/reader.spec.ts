/** The tests' own reader of what is published, when its client stands still. */

import { setTimeout as delay } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { MutedSockets } from '../support/muted-sockets.js';
import { Arrivals } from '../support/pipeline-arrivals.js';
import { endsOf } from '../support/pipeline-progress.js';
import { line, startPipeline } from '../support/pipeline.js';

describe('the reader of what is published', () => {
  it('reads on with another consumer when its own gets no answer any more', async () => {
    const shop = await startPipeline();
    const sockets = new MutedSockets();
    const kafka = new kafkajs.Kafka({
      brokers: (shop.environment['KAFKA_BROKERS'] ?? '').split(','),
      logLevel: kafkajs.logLevel.NOTHING,
      socketFactory: sockets.socketFactory,
    });
    const arrivals = new Arrivals(kafka, shop.topicPrefix);
    await arrivals.start();
    await shop.product('bakery', 'mug');
    await shop.stock('bakery', { mug: 5 });
    const muted = sockets.mute();
    await shop.publish.placed({ storeId: 'bakery', orderId: 'o-1', lines: [line('mug')] });
    await shop.until(({ story }) => story('bakery', 'o-1').length > 0, 'the others have it');
    const ends = await endsOf(shop.admin, arrivals.topics);
    await new Promise<void>((resolve) => {
      const stop = arrivals.watch(() => {
        if (!arrivals.hasReached(ends)) return;
        stop();
        resolve();
      });
    });
    expect(arrivals.all.story('bakery', 'o-1')).toEqual(['Held']);
    expect(sockets.all.length).toBeGreaterThan(muted.length);
    await arrivals.stop();
    const closed = sockets.open.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of muted) socket.destroy(new Error('read ECONNRESET'));
    await Promise.all(closed);
    await delay(5_000);
    // The one that stood still does not begin again.
    expect(sockets.open).toHaveLength(0);
    await shop.finish();
  });
});
