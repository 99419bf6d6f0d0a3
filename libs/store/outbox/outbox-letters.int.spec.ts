import { RefusedFault } from '@holdfast/core';
import { keepLargeValue, letterOf, publishLetter, readLargeValue, type RawMessage } from '../index.js';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.js';

let shop: TestDatabase;
beforeAll(async () => {
  shop = await openTestDatabase();
});
afterAll(() => shop.drop());

const PLACE = 'OrderPlaced/3/42';
const value = Buffer.alloc(2_500_000, 'x');
const message: RawMessage = {
  topic: 'OrderPlaced.dlq',
  key: Buffer.from('shop'),
  value,
  headers: ['topic', 'partition', 'offset'].map((part, at) => [
    `dead-letter-${part}`,
    Buffer.from(PLACE.split('/')[at] as string),
  ]),
};

/** A topic that takes values up to a size, and what it took. */
function topicTaking(maxBytes: number): {
  taken: RawMessage[];
  send: (sent: RawMessage) => Promise<boolean>;
} {
  const taken: RawMessage[] = [];
  const send = (sent: RawMessage): Promise<boolean> => {
    const fits = (sent.value?.length ?? 0) <= maxBytes;
    if (fits) taken.push(sent);
    return Promise.resolve(fits);
  };
  return { taken, send };
}

describe('publishLetter', () => {
  it('keeps a value that its topic does not take, though it was not kept before, and sends a stub', async () => {
    const { taken, send } = topicTaking(2_000_000);
    expect(await publishLetter(shop.database, letterOf(message), send)).toBe(PLACE);
    expect(taken).toHaveLength(1);
    const [stub] = taken as [RawMessage];
    expect(JSON.parse(String(stub.value))).toEqual({ file: PLACE, bytes: value.length });
    expect(String(new Map(stub.headers).get('dead-letter-file'))).toBe(PLACE);
    expect((await readLargeValue(shop.database, PLACE))?.equals(value)).toBe(true);
  });

  it('does not send a letter whose value went out and was deleted before a crash', async () => {
    const letter = letterOf(message, 'OrderPlaced/3/43');
    await keepLargeValue(shop.database, 'OrderPlaced/3/43', value);
    const { taken, send } = topicTaking(value.length);
    await publishLetter(shop.database, letter, send);
    await publishLetter(shop.database, letter, send);
    expect(taken.map((sent) => sent.value?.equals(value))).toEqual([true]);
  });

  it('names a topic that does not even take a stub', async () => {
    const { send } = topicTaking(10);
    const published = publishLetter(shop.database, letterOf(message), send);
    await expect(published).rejects.toThrow(/OrderPlaced.dlq .* max.message.bytes/);
    await expect(published).rejects.toBeInstanceOf(RefusedFault);
  });
});
