/** What is remembered of stock, on a real broker; what is in the database is a map here, so that each read is seen. */

import { randomBytes } from 'node:crypto';
import type { StockOutcome } from '@holdfast/contracts';
import { createKafka, Publisher, type Admin, type Log } from '@holdfast/messaging';
import { testStack } from '../../../test/support/stack.js';
import { makeTopics } from '../../../test/support/topics.js';
import { LiveFeed } from '../live/live-feed.js';
import { FollowedStock } from './followed-stock.js';

const silent: Log = { debug: () => {}, log: () => {}, warn: () => {}, error: () => {} };
const KEY = 's/mug/-/-';

describe('FollowedStock', () => {
  const topic = `stock-${randomBytes(4).toString('hex')}`;
  const kafka = createKafka({ brokers: testStack().brokers, clientId: 'test', log: silent });
  let admin: Admin;
  let publisher: Publisher;
  let feed: LiveFeed;
  let stock: FollowedStock;
  const left = new Map<string, number | null>();
  let reads: string[][] = [];
  /** before a read answers */
  let meanwhile: () => Promise<void> = () => Promise.resolve();

  beforeAll(async () => {
    admin = kafka.admin();
    await admin.connect();
    await makeTopics(admin, [topic], 2);
    publisher = new Publisher(kafka);
    await publisher.connect();
  });
  beforeEach(() => {
    left.clear();
    reads = [];
    meanwhile = () => Promise.resolve();
    feed = new LiveFeed({ kafka, topic, log: silent });
    stock = new FollowedStock(feed, {
      freeOf: async (keys) => {
        reads.push([...keys]);
        const found = new Map(keys.flatMap((key) => (left.has(key) ? [[key, left.get(key) ?? null]] : [])));
        await meanwhile();
        return found as ReadonlyMap<string, number | null>;
      },
    });
  });
  afterEach(async () => {
    stock.stop();
    await feed.stop();
  });
  afterAll(async () => {
    await publisher.disconnect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });

  const ask = async (...keys: string[]): Promise<(number | null | undefined)[]> => {
    const free = await stock.freeOf('s', keys);
    return keys.map((key) => free.get(key));
  };

  async function live(): Promise<void> {
    feed.start();
    await ask(KEY);
    await feed.untilLive(10_000);
    expect(feed.isLive).toBe(true);
    reads = [];
  }

  async function publish(...keys: string[]): Promise<void> {
    const outcome: StockOutcome = {
      outcomeId: randomBytes(4).toString('hex'),
      outcome: 'Held',
      storeId: 's',
      version: 1,
      occurredAt: '2026-12-01T09:00:00.000Z',
      cause: { topic: 'OrderPlaced', eventId: 'e' },
      deltas: keys.map((stockKey) => ({ stockKey, free: -1, held: 1, sold: 0, refunded: 0 })),
    };
    await publisher.publish([{ topic, key: 's', value: JSON.stringify(outcome) }]);
  }

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('reads a key once, those without a document too, for as long as nothing touches it', async () => {
    await live();
    left.set(KEY, 5).set('s/pen/-/-', null);
    expect(await ask(KEY, 's/pen/-/-', 's/none/-/-')).toEqual([5, null, undefined]);
    expect(await ask('s/none/-/-', KEY, 's/pen/-/-')).toEqual([undefined, 5, null]);
    expect(reads).toEqual([[KEY, 's/pen/-/-', 's/none/-/-']]);
  });

  it('reads a key anew when an outcome touches it, and answers with what it knows meanwhile', async () => {
    await live();
    left.set(KEY, 5).set('s/pen/-/-', 1);
    await ask(KEY, 's/pen/-/-');
    left.set(KEY, 4);
    expect(await ask(KEY)).toEqual([5]);
    await publish(KEY, 's/nobody-asked/-/-');
    while ((await ask(KEY))[0] !== 4) await turn();
    expect(reads).toEqual([[KEY, 's/pen/-/-'], [KEY]]);
  });

  it('does not miss what happens while it reads', async () => {
    await live();
    left.set(KEY, 5);
    const published = new Promise<void>((resolve) => {
      meanwhile = async () => {
        meanwhile = () => Promise.resolve();
        left.set(KEY, 4);
        const seen = new Promise<void>((onOutcome) => {
          feed.listen('s', { onOutcome: () => onOutcome(), onReset: () => {} });
        });
        await publish(KEY);
        await seen;
        resolve();
      };
    });
    expect(await ask(KEY)).toEqual([5]);
    await published;
    while ((await ask(KEY))[0] !== 4) await turn();
  });

  it('asks the database every time while the feed reads nothing', async () => {
    left.set(KEY, 5);
    expect(await ask(KEY)).toEqual([5]);
    left.set(KEY, 4);
    expect(await ask(KEY)).toEqual([4]);
    expect(reads).toHaveLength(2);
  });

  it('remembers no more keys than it may', async () => {
    stock.stop();
    const counted = new FollowedStock(
      feed,
      { freeOf: (keys) => (reads.push([...keys]), Promise.resolve(new Map(keys.map((key) => [key, 1])))) },
      { maxKeys: 3 },
    );
    feed.start();
    await counted.freeOf('s', ['s/1/-/-']);
    await feed.untilLive(10_000);
    reads = [];
    await counted.freeOf('s', ['s/1/-/-', 's/2/-/-', 's/3/-/-']);
    await counted.freeOf('s', ['s/1/-/-', 's/2/-/-', 's/3/-/-']);
    expect(reads).toHaveLength(1);
    expect((await counted.freeOf('s', ['s/4/-/-', 's/1/-/-'])).size).toBe(2);
    await counted.freeOf('s', ['s/2/-/-']);
    expect(reads.length).toBeGreaterThanOrEqual(3);
    counted.stop();
  });
});
