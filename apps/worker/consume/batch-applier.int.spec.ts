import { LaneLostFault, TransientFault, type OrderEvent } from '@holdfast/core';
import type { LaneBatch, Translated } from '@holdfast/messaging';
import { audit, MAX_BATCH_LINES, type OutboxDoc } from '@holdfast/store';
import { Registry } from 'prom-client';
import { line, placed } from '../../../libs/core/testing/events.js';
import {
  messagesOf,
  openTestDatabase,
  type TestDatabase,
} from '../../../libs/store/testing/test-database.js';
import { WorkerMetrics } from '../metrics/worker-metrics.js';
import { BatchApplier } from './batch-applier.js';

const PREFIX = 'test-';
const LINES = 500;

let shop: TestDatabase;
/** of the applier made last */
let registry: Registry;
let applier: BatchApplier;
const outbox: OutboxDoc[] = [];

beforeEach(async () => {
  shop = await openTestDatabase();
  await shop.product('shop', 'cake');
  outbox.length = 0;
  applier = applierAt(Date.now);
  for (const lane of [0, 1, 2]) await applier.takeLane(lane, 'me');
});
afterEach(async () => {
  try {
    expect(await audit(shop.database)).toMatchObject({ clean: true });
  } finally {
    await shop.drop();
  }
});

function applierAt(now: () => number): BatchApplier {
  const onOutbox = (docs: readonly OutboxDoc[]): void => void outbox.push(...docs);
  registry = new Registry();
  const metrics = new WorkerMetrics(registry);
  return new BatchApplier({ tools: shop, groupId: 'holdfast', topicPrefix: PREFIX, now, onOutbox, metrics });
}

/** A lane's records from offset 0 on: an order's id, or undefined for what is none. */
function batchOf(lane: number, orders: (string | undefined)[], lines = 1): LaneBatch<OrderEvent> {
  const items = orders.map((orderId, offset): Translated<OrderEvent> => {
    const record = {
      topic: `${PREFIX}OrderPlaced`,
      partition: lane,
      offset,
      timestamp: 1_000 + offset,
      key: null,
      value: Buffer.from('{}'),
      headers: [],
    };
    if (orderId === undefined) return { record, poison: { errorClass: 'not-json', message: 'no' } };
    const wide = Array.from({ length: lines }, (_, at) => line(lines === 1 ? 'cake' : `uncounted-${at}`, 1));
    return { record, event: placed(wide, { orderId, storeId: 'shop', occurredAt: Date.now() }) };
  });
  // A control record follows the last.
  const positions = new Map([[`${PREFIX}OrderPlaced`, { nextOffset: orders.length + 1, timestamp: 5_000 }]]);
  return { lane, owner: 'me', items, positions, attempts: 1 };
}

async function offsets(): Promise<Record<string, number | undefined>> {
  const lanes = await shop.database.lanes.find().toArray();
  return Object.fromEntries(lanes.map(({ _id, positions }) => [_id, positions?.['OrderPlaced']?.next]));
}

describe('batches of several lanes', () => {
  it('leave the lanes their own work while the database commits', async () => {
    const seen: string[] = [];
    const meanwhile = (lane: number) => () => void seen.push(`${lane}, ${outbox.length} told of`);
    await applier.apply([0, 1].map((lane) => ({ ...batchOf(lane, ['a']), meanwhile: meanwhile(lane) })));
    expect(seen).toEqual(['0, 0 told of', '1, 0 told of']);
    expect(outbox).toHaveLength(1);
  });

  it('are one transaction, with the dead letters and the progress of each', async () => {
    await applier.apply([batchOf(0, []), batchOf(1, ['a', undefined, 'b']), batchOf(2, ['c'])]);
    expect(await offsets()).toEqual({ 0: 1, 1: 4, 2: 2 });
    expect(outbox).toHaveLength(1);
    expect(outbox[0]?.letters?.map(({ topic }) => topic)).toEqual([`${PREFIX}OrderPlaced.dlq`]);
    expect(messagesOf(outbox).map(({ id }) => id)).toEqual([
      'shop/a/1/Held',
      'shop/b/1/Held',
      'shop/c/1/Held',
    ]);
  });

  it('whose lines are too many for one go on where it ended, each lane’s progress true in between', async () => {
    const fitting = MAX_BATCH_LINES / LINES;
    const wide = (lane: number, count: number) =>
      batchOf(lane, Array.from({ length: count }, (_, at) => `${lane}-${at}`), LINES); // prettier-ignore
    const batches = [batchOf(0, []), wide(1, fitting - 2), wide(2, 5)];
    let looks = 0;
    const dying = applierAt(() => {
      if (++looks > 1) throw new Error('died before the second transaction');
      return Date.now();
    });
    await expect(dying.apply(batches)).rejects.toThrow('died');
    expect(await offsets()).toEqual({ 0: 1, 1: fitting - 1, 2: 2 });
    expect(await shop.database.orders.countDocuments()).toBe(fitting);
    await applier.apply(batches);
    expect(await offsets()).toEqual({ 0: 1, 1: fitting - 1, 2: 6 });
    expect(messagesOf(outbox)).toHaveLength(fitting + 3);
  });

  it('are given up together when one lane has another owner', async () => {
    await applier.takeLane(1, 'somebody else');
    await expect(applier.apply([batchOf(0, ['a']), batchOf(1, ['b'])])).rejects.toThrow(LaneLostFault);
    expect(await shop.database.orders.countDocuments()).toBe(0);
    expect(await offsets()).toEqual({ 0: undefined, 1: undefined, 2: undefined });
  });

  describe('that are tried again', () => {
    const letters = (): string[] =>
      outbox.flatMap((doc) => doc.letters ?? []).map(({ headers }) => {
        const told = new Map(headers.map(([name, value]) => [name, String(value.buffer)]));
        return `${told.get('dead-letter-partition')}/${told.get('dead-letter-offset')}`;
      }); // prettier-ignore

    it('leave one dead letter of each record, though the first of their transactions is committed', async () => {
      const fitting = MAX_BATCH_LINES / LINES;
      const ids = Array.from({ length: fitting }, (_, at) => `wide-${at}`);
      const batches = [batchOf(1, [undefined, ...ids], LINES), batchOf(2, ['more', undefined], LINES)];
      let looks = 0;
      const dying = applierAt(() => {
        if (++looks === 2) throw new TransientFault('away before the second transaction');
        return Date.now();
      });
      await expect(dying.apply(batches)).rejects.toThrow('away');
      expect(letters()).toEqual(['1/0']);
      await dying.apply(batches);
      expect(letters()).toEqual(['1/0', '2/1']);
      const counted = await registry.getSingleMetric('holdfast_dead_letters_total')?.get();
      expect(counted?.values.reduce((sum, { value }) => sum + value, 0)).toBe(2);
      // As when the answer to its commit was lost.
      await dying.apply(batches);
      expect(letters()).toEqual(['1/0', '2/1']);
    });

    it('by another owner leave theirs: its topic may have been made anew', async () => {
      await applier.apply([batchOf(1, ['a', undefined, undefined])]);
      await applier.takeLane(1, 'another');
      await applier.apply([{ ...batchOf(1, [undefined]), owner: 'another' }]);
      expect(letters()).toEqual(['1/1', '1/2', '1/0']);
    });
  });
});
