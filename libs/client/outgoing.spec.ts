import { chunksOf, InvalidEvent, recordOf } from './outgoing.js';

const placed = { storeId: 'bakery', orderId: 'o-1', lines: [{ productId: 'stollen', quantity: 2 }] };
const textOf = (headers: Record<string, Buffer>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.toString()]));

describe('recordOf', () => {
  it('keys an event by its store, and says in CloudEvents headers what it is and who says so', () => {
    const event = { ...placed, eventId: 'e-1', occurredAt: '2026-12-01T09:00:00Z' };
    const { key, value, headers } = recordOf('OrderPlaced', event, '/shop/checkout');
    expect(key.toString()).toBe('bakery');
    expect(JSON.parse(value.toString())).toEqual(event);
    expect(textOf(headers)).toEqual({
      ce_specversion: '1.0',
      ce_id: 'e-1',
      ce_type: 'holdfast.OrderPlaced.v1',
      ce_source: '/shop/checkout',
      ce_time: '2026-12-01T09:00:00Z',
      'content-type': 'application/json',
    });
  });

  it('makes up an id and takes this moment where they are left away', () => {
    const event = JSON.parse(recordOf('OrderPlaced', placed, '/shop').value.toString()) as Record<
      string,
      string
    >;
    expect(event['eventId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(Math.abs(Date.now() - Date.parse(event['occurredAt'] ?? ''))).toBeLessThan(60_000);
  });

  it.each([
    ['a line of nothing', { ...placed, lines: [{ productId: 'stollen', quantity: 0 }] }, '/lines/0/quantity'],
    ['an id with a slash', { ...placed, storeId: 'a/b' }, '/storeId'],
    ['a time without an offset', { ...placed, occurredAt: '2026-12-01T09:00:00' }, '/occurredAt'],
    ['no lines', { ...placed, lines: [] }, '/lines'],
  ])('refuses %s by the rules that Holdfast reads with, and names the field', (_, event, field) => {
    const publish = () => recordOf('OrderPlaced', event, '/shop');
    expect(publish).toThrow(InvalidEvent);
    expect(publish).toThrow(new RegExp(`^OrderPlaced: ${field} must `));
  });

  it('names what is missing', () => {
    const incomplete = { storeId: 'bakery', orderId: 'o-1' } as Parameters<
      typeof recordOf<'PaymentReceived'>
    >[1];
    expect(() => recordOf('PaymentReceived', incomplete, '/shop')).toThrow(/\/paymentId is missing/);
  });
});

describe('chunksOf', () => {
  const record = recordOf('OrderPlaced', placed, '/shop');

  it('keeps the order, and no chunk larger than a topic takes', () => {
    const records = Array.from({ length: 10 }, (_, at) => ({ ...record, value: Buffer.alloc(300_000, at) }));
    const chunks = chunksOf(records);
    expect(chunks.map(({ length }) => length)).toEqual([2, 2, 2, 2, 2]);
    expect(chunks.flat()).toEqual(records);
  });

  it('gives what is too large by itself a chunk of its own, and nothing none', () => {
    expect(chunksOf([record, { ...record, value: Buffer.alloc(2_000_000) }, record])).toHaveLength(3);
    expect(chunksOf([])).toEqual([]);
  });
});
