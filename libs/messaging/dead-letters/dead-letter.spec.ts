import { deadLetterOf } from './dead-letter.js';
import type { ConsumedRecord } from '../records.js';

const record: ConsumedRecord = {
  topic: 'OrderPlaced',
  partition: 3,
  offset: 42,
  timestamp: 1_700_000_000_000,
  key: Buffer.from([0xff, 0x00]),
  value: Buffer.from([0xfe, 0x01]),
  headers: [
    ['ce_id', Buffer.from('one')],
    ['binary', Buffer.from([0xc3, 0x28])],
    ['ce_id', Buffer.from('two')],
    ['empty', null],
  ],
};
const failure = {
  errorClass: 'not-json',
  message: 'Unexpected end of input',
  attempts: 2,
  group: 'holdfast',
  failedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
};

function texts(headers: [string, Buffer][]): [string, string][] {
  return headers.map(([name, value]) => [name, value.toString('latin1')]);
}

describe('deadLetterOf', () => {
  it('keeps key, value and headers byte for byte, repeated names and their order included', () => {
    const letter = deadLetterOf(record, failure);
    expect(letter.topic).toBe('OrderPlaced.dlq');
    expect(letter.key).toBe(record.key);
    expect(letter.value).toBe(record.value);
    expect(texts(letter.headers).slice(0, 4)).toEqual([
      ['ce_id', 'one'],
      ['binary', '\xc3\x28'],
      ['ce_id', 'two'],
      ['empty', ''],
    ]);
  });

  it('says where the record came from and why it died, as text', () => {
    expect(texts(deadLetterOf(record, failure).headers).slice(4)).toEqual([
      ['dead-letter-topic', 'OrderPlaced'],
      ['dead-letter-partition', '3'],
      ['dead-letter-offset', '42'],
      ['dead-letter-timestamp', '1700000000000'],
      ['dead-letter-group', 'holdfast'],
      ['dead-letter-error', 'not-json'],
      ['dead-letter-message', 'Unexpected end of input'],
      ['dead-letter-attempts', '2'],
      ['dead-letter-failed-at', '2026-01-02T03:04:05.006Z'],
    ]);
  });

  it('cuts a long message between characters', () => {
    const { headers } = deadLetterOf(record, { ...failure, message: 'é'.repeat(400) });
    const message = headers.find(([name]) => name === 'dead-letter-message')?.[1];
    expect(message?.toString()).toBe('é'.repeat(250));
  });

  it('keeps null key and value', () => {
    expect(deadLetterOf({ ...record, key: null, value: null }, failure)).toMatchObject({
      key: null,
      value: null,
    });
  });

  it('replaces what an earlier death wrote', () => {
    const again = deadLetterOf(
      { ...record, headers: [['dead-letter-error', Buffer.from('older')]] },
      failure,
    );
    expect(texts(again.headers).filter(([name]) => name === 'dead-letter-error')).toEqual([
      ['dead-letter-error', 'not-json'],
    ]);
  });

  it('leaves out a key and headers that nobody could write down, and says so', () => {
    const large = Buffer.alloc(1_000_000);
    const headers: ConsumedRecord['headers'] = [['large', large], ...record.headers, ['larger', large]];
    const letter = deadLetterOf({ ...record, key: large, headers }, failure);
    expect(letter.key).toBeNull();
    expect(texts(letter.headers).slice(0, 4)).toEqual(
      texts(deadLetterOf(record, failure).headers).slice(0, 4),
    );
    expect(String(new Map(letter.headers).get('dead-letter-message'))).toBe(
      'Unexpected end of input Too large to be kept, and left out: its key and 2 of its headers.',
    );
  });
});
