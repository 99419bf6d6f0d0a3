import type { StockOutcome } from '@holdfast/contracts';
import { encodeTransition } from '@holdfast/contracts';
import {
  DEFAULT_STORE,
  WorkingSet,
  orderKey,
  type Order,
  type OrderEvent,
  type Settings,
} from '@holdfast/core';
import { written } from '../../contracts/testing/written.js';
import { line, paid, placed, refunded, rejected, STORE } from '../../core/testing/events.js';
import { orderFrom } from '../documents/order-documents.js';
import { LedgerKeys } from './rebuild-ledger.js';
import { rebuildOrder, type ReadEvent, type ReadOutcome, type RebuiltOrder } from './rebuild-order.js';

const settings: Settings = { store: () => DEFAULT_STORE, product: () => ({ inventory: 'product' }) };
const KEY = `${STORE}/mug/-/-`;

interface Lived {
  events: ReadEvent[];
  outcomes: ReadOutcome[];
  order: Order;
}

/** Plays the events on a stock of that many mugs. */
function live(free: number, ...events: OrderEvent[]): Lived {
  const working = new WorkingSet(settings);
  working.loadStock(KEY, { free, held: 0, sold: 0, refunded: 0, settlement: 0, version: 1 });
  const read: ReadEvent[] = [];
  const outcomes: ReadOutcome[] = [];
  for (const [at, event] of events.entries()) {
    const decision = working.decide(event);
    if (!['due', 'restocked', 'extended'].includes(event.type)) {
      const cause = { ...event.cause, partition: 0, offset: at };
      read.push({ event: { ...event, cause }, timestamp: at });
    }
    if (decision.kind !== 'fact' || !decision.transition) continue;
    const told = encodeTransition(decision.order, decision.transition, event.cause, at);
    for (const { topic, value } of told.map(written)) {
      if (topic === 'StockOutcome')
        outcomes.push({ seq: outcomes.length + 1, message: JSON.parse(value) as StockOutcome });
    }
  }
  const { storeId, orderId } = events[0] as OrderEvent;
  return { events: read, outcomes, order: working.order(storeId, orderId) as Order };
}

function rebuilt({ events, outcomes }: Lived): RebuiltOrder {
  const keys = new LedgerKeys();
  for (const { seq, message } of outcomes) keys.read(seq, message);
  return rebuildOrder(events, outcomes, keys, settings);
}

/** As when the broker had the placing first. */
function placedFirst({ events }: Lived): ReadEvent[] {
  const isPlacing = ({ event }: ReadEvent): boolean => event.type === 'placed';
  const placings = events.filter(isPlacing).map(({ event }) => ({ event, timestamp: -1 }));
  return [...placings, ...events.filter((read) => !isPlacing(read))];
}

function orderOf({ doc, facts }: RebuiltOrder): Order {
  if (!doc) throw new Error('nothing was rebuilt');
  return orderFrom(doc, facts);
}

const due: OrderEvent = {
  type: 'due',
  storeId: STORE,
  orderId: 'o1',
  watermark: Number.MAX_SAFE_INTEGER,
  cause: { topic: 'timer', eventId: 'due' },
};
const restock: OrderEvent = {
  type: 'restocked',
  storeId: STORE,
  orderId: 'o1',
  restockId: 'back',
  lines: [line('mug', 1)],
  cause: { topic: 'api', eventId: 'back' },
};

describe('an order from its records and the ledger', () => {
  const order = placed([line('mug', 2)]);
  const lives: [string, number, OrderEvent[]][] = [
    ['held', 5, [order]],
    ['paid', 5, [order, paid()]],
    ['paid before it was placed', 5, [paid(), order]],
    ['refused', 1, [order]],
    ['refused, and paid for nothing', 1, [order, paid()]],
    ['rejected', 5, [order, paid(), rejected('no')]],
    ['rejected before it was placed', 5, [rejected(), order]],
    ['expired', 5, [order, due]],
    ['expired and reinstated', 5, [order, due, paid()]],
    ['paid twice', 5, [order, paid('p1'), paid('p2')]],
    ['refunded, and put back by the merchant in part', 5, [order, paid(), refunded(), restock]],
    ['placed twice, differently', 5, [order, placed([line('mug', 3)]), paid()]],
  ];

  it.each(lives)('%s, is what it was', (_name, free, events) => {
    const lived = live(free, ...events);
    const again = rebuilt(lived);
    expect(again.findings).toEqual([]);
    expect(again.undecided).toEqual([]);
    expect(orderOf(again)).toEqual(lived.order);
  });

  it.each<[string, number, OrderEvent[]]>([
    ['a payment', 5, [paid(), order]],
    ['a payment, of what was refused', 1, [paid(), order]],
    ['a payment and its refund', 5, [paid(), refunded(), order]],
    ['a refund and its payment', 5, [refunded(), paid(), order]],
    ['a rejection', 5, [rejected(), order]],
    ['a payment before, and a rejection after it', 5, [paid(), order, rejected('no')]],
  ])(
    'shows that a lane took %s before the placing, although the broker got it later',
    (_name, free, events) => {
      const lived = live(free, ...events);
      const again = rebuilt({ ...lived, events: placedFirst(lived) });
      expect(again.doc?.placed?.entry).toBe(1 + events.indexOf(order));
      expect(again.findings).toEqual([]);
      expect(again.undecided).toEqual([]);
      expect(orderOf(again)).toEqual(lived.order);
    },
  );

  it('takes the first of two payments of a partition, although the broker has it later', () => {
    const lived = live(5, paid('p1'), paid('p2'), order);
    const backwards = lived.events.map((read, at) => ({ ...read, timestamp: 2 - at }));
    const again = rebuilt({ ...lived, events: backwards });
    expect(again.findings).toEqual([]);
    expect(orderOf(again)).toEqual(lived.order);
  });

  it('stands whatever comes more than once', () => {
    const lived = live(5, order, paid(), refunded());
    const twice = {
      ...lived,
      events: [...lived.events, ...lived.events],
      outcomes: [...lived.outcomes, ...lived.outcomes],
    };
    const again = rebuilt(twice);
    expect(orderOf(again)).toEqual(lived.order);
    expect(again.moved).toHaveLength(lived.outcomes.length);
  });

  it('leaves what nothing was published of undecided, but for facts that move nothing', () => {
    const lived = live(5, order, paid());
    const again = rebuilt({ ...lived, outcomes: lived.outcomes.slice(0, 1) });
    expect(orderOf(again)).toMatchObject({ version: 1, payments: [] });
    expect(again.undecided.map(({ event }) => event.type)).toEqual(['paid']);
    const early = rebuilt({ ...live(5, paid()), outcomes: [] });
    expect(orderOf(early)).toMatchObject({ version: 0, payments: ['p1'] });
  });

  it('says when a record is no longer there, and ends before it', () => {
    const lived = live(5, order, paid());
    const again = rebuilt({ ...lived, events: lived.events.slice(0, 1) });
    expect(again.findings).toMatchObject([{ kind: 'record-missing' }]);
    expect(orderOf(again)).toMatchObject({ version: 1 });
  });

  it('notices when a record does not lead to what was published', () => {
    const lived = live(5, order);
    const [held] = lived.outcomes as [ReadOutcome];
    const other = { ...held, message: { ...held.message, deltas: [{ ...held.message.deltas[0], held: 7 }] } };
    const again = rebuilt({ ...lived, outcomes: [other as ReadOutcome] });
    expect(again.findings).toMatchObject([{ kind: 'differs' }]);
    expect(orderKey({ storeId: STORE, orderId: 'o1' })).toBe(again.doc?._id);
  });
});
