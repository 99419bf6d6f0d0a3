import {
  BLANK,
  DEFAULT_STORE,
  WorkingSet,
  type Order,
  type OrderEvent,
  type Stock,
  type StockChange,
} from './index.js';
import { due, line, paid, placed, refunded, rejected } from './testing/events.js';

const MUG = 's1/mug/-/-';

function batch(stock?: Partial<Stock>): WorkingSet {
  const set = new WorkingSet({ store: () => DEFAULT_STORE, product: () => ({ inventory: 'product' }) });
  if (stock) set.loadStock(MUG, { ...BLANK, ...stock });
  return set;
}

/** The order that the events make of plenty. */
function orderOf(...events: OrderEvent[]): Order {
  const set = batch({ free: 100 });
  for (const event of events) set.decide(event);
  const order = set.order('s1', 'o1');
  if (!order) throw new Error('no order');
  return order;
}

function onlyChange(set: WorkingSet): StockChange {
  const [change, ...others] = set.changes();
  if (!change || others.length > 0) throw new Error('not one change');
  return change;
}

describe('the working set of a batch', () => {
  it('writes the net change, and guards the lowest point on the way', () => {
    const set = batch({ free: 5 });
    set.decide(placed([line('mug', 3)], { orderId: 'o1' }));
    set.decide(placed([line('mug', 2)], { orderId: 'o2' }));
    set.decide(rejected('no', 'o1'));
    set.decide(paid('p1', 'o2'));
    expect(onlyChange(set)).toEqual({
      stockKey: MUG,
      missing: false,
      blank: false,
      unread: false,
      free: -2,
      held: 0,
      sold: 2,
      refunded: 0,
      drawdown: { free: 5, held: 0, sold: 0, refunded: 0 },
      before: { ...BLANK, free: 5 },
      after: { ...BLANK, free: 3, sold: 2 },
    });
  });

  it('writes a key that came back to where it was: its guard still has to hold', () => {
    const set = batch({ free: 5 });
    set.decide(placed([line('mug', 5)]));
    set.decide(rejected());
    expect(onlyChange(set)).toMatchObject({ free: 0, held: 0, drawdown: { free: 5, held: 0 } });
  });

  it('guards what it takes of held, sold and refunded', () => {
    const first = batch({ free: 5 });
    first.decide(placed([line('mug', 3)]));
    const order = first.order('s1', 'o1');
    if (!order) throw new Error('no order');
    const second = batch({ free: 2, held: 3 });
    second.loadOrder(order);
    second.decide(paid());
    second.decide(refunded('r1'));
    second.decide(refunded('r2', { restock: true }));
    expect(onlyChange(second)).toMatchObject({
      free: 3,
      held: -3,
      drawdown: { free: 0, held: 3, sold: 0, refunded: 0 },
    });
  });

  it('reads no stock for payments of what is held, and moves it without a look at what is free', () => {
    const held = orderOf(placed([line('mug', 3)]));
    const set = batch();
    set.loadOrder(held);
    expect(set.keysOf([paid(), paid('p2')])).toEqual({ toRead: [], unread: [MUG] });
    set.loadUnread(MUG);
    set.decide(paid());
    set.decide(paid('p2'));
    expect(onlyChange(set)).toMatchObject({
      missing: false,
      blank: false,
      unread: true,
      free: 0,
      held: -3,
      sold: 3,
      drawdown: { free: 0, held: 3 },
    });
  });

  it('reads the stock of a payment that meets anything else', () => {
    const held = orderOf(placed([line('mug', 3)]));
    const known = (order: Order): WorkingSet => {
      const set = batch();
      set.loadOrder(order);
      return set;
    };
    const read = { toRead: [MUG], unread: [] };
    expect(known(held).keysOf([paid(), rejected()])).toEqual(read);
    const other = placed([line('mug', 1)], { orderId: 'o2' });
    expect(known(held).keysOf([paid(), other, refunded('r1', { orderId: 'o2' })])).toEqual(read);
    expect(known(orderOf(placed([line('mug', 3)]), due())).keysOf([paid()])).toEqual(read);
    const refundFirst = orderOf(placed([line('mug', 3)]), refunded('r1', { of: 'p1' }));
    expect(known(refundFirst).keysOf([paid()])).toEqual(read);
  });

  it('need not read what is only ordered, and reads what any other event may look at', () => {
    const mugs = placed([line('mug', 3)]);
    const other = placed([line('mug', 1)], { orderId: 'o2' });
    const keysOf = (set: WorkingSet, ...events: OrderEvent[]) =>
      set.keysOf(events, undefined, { isDoubtful: undefined });
    const ordered = { toRead: [], unread: [] };
    expect(keysOf(batch(), mugs, paid(), other, rejected('no', 'o2'))).toEqual(ordered);
    const read = { toRead: [MUG], unread: [] };
    expect(keysOf(batch(), mugs, refunded('r1'), other)).toEqual(read);
    expect(keysOf(batch(), refunded('r1'), mugs)).toEqual(read);
    expect(batch().keysOf([mugs])).toEqual(read);
    const doubtful = { isDoubtful: (key: string) => key === MUG };
    expect(batch().keysOf([mugs], undefined, doubtful)).toEqual(read);
    expect(batch().keysOf([mugs], undefined, { isDoubtful: (key) => key !== MUG })).toEqual(ordered);
    const paidFirst = batch();
    paidFirst.loadOrder(orderOf(paid()));
    expect(keysOf(paidFirst, mugs)).toEqual(read);
    const held = batch();
    held.loadOrder(orderOf(mugs));
    expect(keysOf(held, paid(), other)).toEqual(ordered);
    expect(keysOf(held, rejected(), other)).toEqual(read);
  });

  it('takes of what is expected exactly what it takes of what is there, under the same guard', () => {
    const [expecting, reading] = [batch(), batch({ free: 5 })];
    expecting.expectEnoughBut([]);
    for (const set of [expecting, reading]) {
      set.decide(placed([line('mug', 3)]));
      set.decide(placed([line('mug', 2)], { orderId: 'o2' }));
      set.decide(rejected('no', 'o1'));
      set.decide(paid('p1', 'o2'));
    }
    const { before: _, after: __, ...change } = onlyChange(reading);
    expect(onlyChange(expecting)).toMatchObject(change);
  });

  it('moves nothing but held to sold of a key that was not read', () => {
    const set = batch();
    set.loadUnread(MUG);
    expect(() => set.decide(placed([line('mug', 1)]))).toThrow('not read for more');
  });

  it('writes nothing of keys that were read and not moved', () => {
    const set = batch({ free: 1 });
    set.decide(placed([line('mug', 2)]));
    set.decide(due());
    expect(set.changes()).toEqual([]);
  });

  it('makes a key that nobody has set, blank, and takes nothing of it', () => {
    const set = batch();
    set.decide(placed([line('mug', 2)]));
    expect(onlyChange(set)).toMatchObject({
      missing: true,
      blank: true,
      free: 0,
      held: 2,
      drawdown: { free: 0, held: 0, sold: 0, refunded: 0 },
      after: { free: null, held: 2 },
    });
  });

  it('leaves what was loaded as it was', () => {
    const stock = Object.freeze({ ...BLANK, free: 5 });
    const set = batch();
    set.loadStock(MUG, stock);
    set.decide(placed([line('mug', 2)]));
    expect(stock).toEqual({ ...BLANK, free: 5 });
    expect(set.stock(MUG)).toMatchObject({ free: 3, held: 2 });
  });

  it('decides each event on what the ones before it left, over many lines too', () => {
    const set = batch({ free: 40 });
    const lines = Array.from({ length: 20 }, (_, at) => [
      line(`mug/v${at}`, 1),
      line(`card/v${at}`, 2),
    ]).flat();
    for (const orderId of ['o1', 'o2', 'o3']) set.decide(placed(lines, { orderId }));
    expect(set.stock(MUG)).toMatchObject({ free: 0, held: 40 });
    expect(set.order('s1', 'o3')?.refused?.shortages).toEqual([{ productId: 'mug', wanted: 20, free: 0 }]);
    expect(set.stock('s1/card/-/-')).toMatchObject({ free: null, held: 80 });
  });
});
