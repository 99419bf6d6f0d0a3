/** The live feed, its streams and its waiters on a real broker, without the rest of the API. */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StockOutcome } from '@holdfast/contracts';
import { createKafka, partitionOf, Publisher, type Admin, type Log } from '@holdfast/messaging';
import { testStack } from '../../../test/support/stack.js';
import { makeTopics } from '../../../test/support/topics.js';
import { EventStreams, type StreamLimits } from './event-streams.js';
import { LiveFeed, type LiveFeedOptions } from './live-feed.js';
import { OrderWaits, TooManyWaiting } from './order-waits.js';
import { StreamReader } from './testing/stream-reader.js';

const silent: Log = { debug: () => {}, log: () => {}, warn: () => {}, error: () => {} };
const PARTITIONS = 3;

describe('live changes', () => {
  const topic = `live-${randomBytes(4).toString('hex')}`;
  const kafka = createKafka({ brokers: testStack().brokers, clientId: 'test', log: silent });
  let admin: Admin;
  let publisher: Publisher;
  const ends: (() => Promise<unknown> | void)[] = [];
  let published = 0;

  beforeAll(async () => {
    admin = kafka.admin();
    await admin.connect();
    await makeTopics(admin, [topic], PARTITIONS);
    publisher = new Publisher(kafka);
    await publisher.connect();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(async () => {
    await publisher.disconnect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });

  function outcome(storeId: string, orderId: string, more: Partial<StockOutcome> = {}): StockOutcome {
    return {
      outcomeId: `${storeId}/${orderId}/1/Held`,
      outcome: 'Held',
      storeId,
      orderId,
      version: 1,
      occurredAt: '2026-12-01T09:00:00.000Z',
      cause: { topic: 'OrderPlaced', eventId: `e-${++published}` },
      deltas: [{ stockKey: `${storeId}/cake/-/2026-12-24`, free: -1, held: 1, sold: 0, refunded: 0 }],
      ...more,
    };
  }
  const publish = (...outcomes: StockOutcome[]): Promise<void> =>
    publisher.publish(outcomes.map((one) => ({ topic, key: one.storeId, value: JSON.stringify(one) })));

  async function liveFeed(options: Partial<LiveFeedOptions> = {}): Promise<LiveFeed> {
    const feed = new LiveFeed({ kafka, topic, log: silent, ...options });
    ends.push(() => feed.stop());
    const begun = new Promise<void>((onReset) => {
      const stop = feed.listen('nobody', {
        onOutcome: () => {},
        onReset: () => {
          stop();
          onReset();
        },
      });
    });
    feed.start();
    await begun;
    return feed;
  }

  /** One path per store. */
  async function serve(
    feed: LiveFeed,
    limits: Partial<StreamLimits> = {},
  ): Promise<{ url: string; streams: EventStreams }> {
    const streams = new EventStreams(feed, { maxStreams: 100, ...limits }, silent);
    streams.start();
    const server: Server = createServer((request, response) => {
      const storeId = (request.url ?? '').slice(1);
      void streams.serve(storeId, request.headers['last-event-id'] as string | undefined, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => {
      streams.stop();
      server.closeAllConnections();
      server.close();
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, streams };
  }

  async function reader(url: string, lastEventId?: string): Promise<StreamReader> {
    const opened = await StreamReader.open(
      url,
      lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    );
    ends.push(() => opened.close());
    return opened.read();
  }
  const orders = ({ events }: StreamReader): unknown[] =>
    events.map(({ event, data }) => (event === 'stock' ? (data as { orderId?: string }).orderId : event));

  describe('a stream', () => {
    it("tells a store's reader what moved, and nothing of other stores", async () => {
      const feed = await liveFeed();
      const { url } = await serve(feed);
      const page = await reader(`${url}/s1`);
      await page.until(() => page.lastEventId !== undefined);
      await publish(outcome('s2', 'foreign'), outcome('s1', 'o1'), outcome('s1', 'o2', { outcome: 'Sold' }));
      await page.until(() => page.events.length >= 2);
      expect(page.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      expect(page.events[0]).toEqual({
        event: 'stock',
        id: expect.stringMatching(/^\d+-\d+$/) as unknown,
        data: {
          at: '2026-12-01T09:00:00.000Z',
          outcome: 'Held',
          orderId: 'o1',
          cause: { topic: 'OrderPlaced', eventId: expect.any(String) as unknown },
          deltas: [
            { stockKey: 's1/cake/-/2026-12-24', productId: 'cake', variantId: null, date: '2026-12-24' },
          ],
        },
      });
      expect(orders(page)).toEqual(['o1', 'o2']);
    });

    it('goes on where the reader was, before and after the first event', async () => {
      const feed = await liveFeed();
      const { url } = await serve(feed);
      const first = await reader(`${url}/s1`);
      await first.until(() => first.lastEventId !== undefined);
      first.close();
      await publish(outcome('s1', 'o1'), outcome('s1', 'o2'), outcome('s1', 'o3'));
      const second = await reader(`${url}/s1`, first.lastEventId);
      await second.until(() => second.events.length === 3);
      expect(orders(second)).toEqual(['o1', 'o2', 'o3']);
      const third = await reader(`${url}/s1`, second.events[1]?.id);
      await third.until(() => third.events.length === 1);
      await publish(outcome('s1', 'o4'));
      await third.until(() => third.events.length === 2);
      expect(orders(third)).toEqual(['o3', 'o4']);
    });

    it('is read for nobody, and again when somebody listens', async () => {
      const feed = await liveFeed({ lingerMs: 0, sweepMs: 10 });
      while (feed.isLive) await new Promise((resolve) => setTimeout(resolve, 5));
      await publish(outcome('s1', 'unseen'));
      const { url } = await serve(feed);
      const page = await reader(`${url}/s1`);
      await page.until(() => page.lastEventId !== undefined);
      expect(feed.isLive).toBe(true);
      await publish(outcome('s1', 'o1'));
      await page.until(() => page.events.length >= 1);
      expect(orders(page)).toEqual(['o1']);
    });

    it('needs no new start of the page after a restart of the API when nothing has happened', async () => {
      const { url } = await serve(await liveFeed());
      await publish(outcome('s1', 'o1'));
      const before = await reader(`${url}/s1`);
      await before.until(() => before.lastEventId !== undefined);
      const { url: other } = await serve(await liveFeed());
      const after = await reader(`${other}/s1`, before.lastEventId);
      await publish(outcome('s1', 'o2'));
      await after.until(() => after.events.length === 1);
      expect(orders(after)).toEqual(['o2']);
    });

    it.each([
      ['of before this process began', async () => `${partitionOf('s1', PARTITIONS)}-0`],
      ['that are none', async () => 'x'],
      ['of another topic', async () => '0-999999'],
      ['of a partition that is not', async () => '77-1'],
    ])('says reset to ids %s', async (_, id) => {
      await publish(outcome('s1', 'old'), outcome('s1', 'old'));
      const { url } = await serve(await liveFeed());
      const page = await reader(`${url}/s1`, await id());
      await page.until(() => page.events.length === 1);
      expect(orders(page)).toEqual(['reset']);
      await publish(outcome('s1', 'o1'));
      await page.until(() => page.events.length === 2);
      expect(orders(page)).toEqual(['reset', 'o1']);
    });

    it('says reset to a reader who was away for longer than is kept', async () => {
      const feed = await liveFeed({ maxEvents: 5 });
      const { url } = await serve(feed);
      const page = await reader(`${url}/s1`);
      await page.until(() => page.lastEventId !== undefined);
      page.close();
      const second = await reader(`${url}/s1`);
      await publish(...Array.from({ length: 8 }, (_, at) => outcome('s1', `o${at}`)));
      await second.until(() => second.events.length === 8);
      const late = await reader(`${url}/s1`, page.lastEventId);
      await late.until(() => late.events.length === 1);
      expect(orders(late)).toEqual(['reset']);
      const recent = await reader(`${url}/s1`, second.events[2]?.id);
      await recent.until(() => recent.events.length === 5);
      expect(orders(recent)).toEqual(['o3', 'o4', 'o5', 'o6', 'o7']);
    });

    it('beats while nothing happens, and ends when it is old, so that the key is looked at again', async () => {
      const feed = await liveFeed();
      const { url } = await serve(feed, { heartbeatMs: 20, maxAgeMs: 200 });
      const page = await reader(`${url}/s1`);
      await page.until(() => page.comments.length >= 3);
      expect(page.comments[0]).toBe('heartbeat');
      await page.untilEnded();
    });

    it('drops a reader who does not read, and no other; the dropped one comes back to all of it', async () => {
      const feed = await liveFeed();
      const { url, streams } = await serve(feed);
      const slow = await StreamReader.open(`${url}/s1`);
      ends.push(() => slow.close());
      slow.response.pause();
      const quick = await reader(`${url}/s1`);
      await quick.until(() => quick.lastEventId !== undefined);
      expect(streams.open).toBe(2);
      const start = quick.lastEventId;
      const deltas = Array.from({ length: 500 }, (_, at) => ({
        stockKey: `s1/product-${at}/variant/2026-12-24`,
        ...{ free: 1, held: 0, sold: 0, refunded: 0 },
      }));
      let sent = 0;
      while (streams.open > 1) {
        await publish(...Array.from({ length: 20 }, () => outcome('s1', `o${sent++}`, { deltas })));
        await quick.until(() => quick.events.length === sent);
      }
      expect(quick.ended).toBe(false);
      const back = await reader(`${url}/s1`, start);
      await back.until(() => back.events.length === sent);
      expect(orders(back)).toEqual(orders(quick));
    });

    it('lets go of readers who leave', async () => {
      const feed = await liveFeed();
      const { url, streams } = await serve(feed, { maxStreams: 3 });
      const pages = await Promise.all([1, 2, 3].map(() => reader(`${url}/s1`)));
      expect(streams.isFull).toBe(true);
      for (const page of pages) page.close();
      while (streams.open > 0) await new Promise((resolve) => setImmediate(resolve));
      expect(streams.isFull).toBe(false);
    });
  });

  describe('a wait for an order', () => {
    const forever = { waitMs: 30_000, signal: new AbortController().signal };

    it('looks once more when the order has an outcome, and not for others', async () => {
      const waits = new OrderWaits(await liveFeed(), 10);
      const order: { looks: number; state?: string } = { looks: 0 };
      const look = (): Promise<string | undefined> => {
        order.looks += 1;
        return Promise.resolve(order.state);
      };
      const waited = waits.until('s1', 'o1', look, forever);
      await publish(outcome('s1', 'o2'), outcome('s2', 'o1'));
      const other = waits.until('s1', 'o3', () => Promise.resolve(order.state), forever);
      order.state = 'held';
      await publish(outcome('s1', 'o3'));
      expect(await other).toBe('held');
      expect(order.looks).toBe(1);
      await publish(outcome('s1', 'o1'));
      expect(await waited).toBe('held');
      expect(order.looks).toBe(2);
      expect(waits.waiting).toBe(0);
    });

    it('answers at once what is there already, and after the time what there is then', async () => {
      const waits = new OrderWaits(await liveFeed(), 10);
      expect(await waits.until('s1', 'o1', () => Promise.resolve('paid'), forever)).toBe('paid');
      const answers = [undefined, 'late'];
      const look = (): Promise<string | undefined> => Promise.resolve(answers.shift());
      expect(await waits.until('s1', 'o1', look, { ...forever, waitMs: 30 })).toBe('late');
      expect(
        await waits.until('s1', 'o1', () => Promise.resolve(undefined), { ...forever, waitMs: 30 }),
      ).toBeUndefined();
    });

    it('ends when the one who asked has gone, and makes room', async () => {
      const waits = new OrderWaits(await liveFeed(), 2);
      const look = (): Promise<undefined> => Promise.resolve(undefined);
      const gone = new AbortController();
      const waiting = [1, 2].map(() => waits.until('s1', 'o1', look, { ...forever, signal: gone.signal }));
      while (waits.waiting < 2) await new Promise((resolve) => setImmediate(resolve));
      await expect(waits.until('s1', 'o2', look, forever)).rejects.toThrow(TooManyWaiting);
      expect(await waits.until('s1', 'o2', () => Promise.resolve('there'), forever)).toBe('there');
      gone.abort();
      expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
      expect(waits.waiting).toBe(0);
    });

    it('looks anew when the feed may have missed something', async () => {
      const feed = new LiveFeed({ kafka, topic, log: silent });
      ends.push(() => feed.stop());
      const waits = new OrderWaits(feed, 10);
      const order: { state?: string } = {};
      const waited = waits.until('s1', 'o1', () => Promise.resolve(order.state), forever);
      while (waits.waiting < 1) await new Promise((resolve) => setImmediate(resolve));
      order.state = 'held';
      feed.start();
      expect(await waited).toBe('held');
    });
  });
});
