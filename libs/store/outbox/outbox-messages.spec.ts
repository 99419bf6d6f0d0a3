import fc from 'fast-check';
import { MessagePacker, packed, unpacked, type OutboxMessage } from './outbox-messages.js';

const message = fc.record({
  topic: fc.constantFrom('StockOutcome', 'OrderExpired', 'CustomerNotification'),
  key: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  id: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
  value: fc.json(),
});

const textOf = (packs: ReturnType<typeof packed>): OutboxMessage[] =>
  packs
    .flatMap(unpacked)
    .map(({ topic, key, id, value }) => ({ topic, key, id: id.toString(), value: value.toString() }));

describe('messages packed for the outbox', () => {
  it('come out as they went in, in any script, whatever the size of a pack', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 60 }),
        fc.integer({ min: 1, max: 5_000 }),
        (all, maxBytes) => {
          expect(textOf(packed(all, maxBytes))).toEqual(all);
          const packer = new MessagePacker(maxBytes);
          for (const { value, ...message } of all)
            packer.push({ ...message, writeValue: (to) => to.text(value) });
          expect(packer.packs()).toEqual(packed(all, maxBytes));
        },
      ),
    );
  });

  it('fill packs up to the limit, and one that is larger has a pack to itself', () => {
    const of = (bytes: number): OutboxMessage => ({
      topic: 't',
      key: 'k',
      id: 'i',
      value: 'x'.repeat(bytes),
    });
    const packs = packed([of(400), of(400), of(400), of(2_000), of(1)], 1_000);
    expect(packs.map(({ count }) => count)).toEqual([2, 1, 1, 1]);
    expect(textOf(packs).map(({ value }) => value.length)).toEqual([400, 400, 400, 2_000, 1]);
  });

  it('are compressed where they are many', () => {
    const all = Array.from({ length: 200 }, (_, at) => ({
      topic: 'StockOutcome',
      key: 'store-1',
      id: `store-1/order-${at}/1/Held`,
      value: `{"outcomeId":"store-1/order-${at}/1/Held","outcome":"Held","storeId":"store-1","orderId":"order-${at}"}`,
    }));
    const [few] = packed(all.slice(0, 3));
    expect(few?.encoding).toBeUndefined();
    const packs = packed(all);
    expect(packs).toMatchObject([{ count: 200, encoding: 'lz4' }]);
    expect(packs[0]?.messages.position).toBeLessThan(10_000);
    expect(textOf(packs)).toEqual(all);
  });

  it('stay what they are while the next ones are packed, also by two at a time', () => {
    const all = (of: string): OutboxMessage[] =>
      Array.from({ length: 3 }, (_, at) => ({
        topic: 't',
        key: of,
        id: `${of}/${at}`,
        value: of.repeat(500),
      }));
    const first = packed(all('a'));
    const second = new MessagePacker();
    for (const message of all('b')) second.push(message);
    const third = packed(all('c'));
    expect([first, second.packs(), third].map(textOf)).toEqual([all('a'), all('b'), all('c')]);
  });

  it('are none when there is nothing to say', () => {
    expect(packed([], 1_000)).toEqual([]);
  });
});
