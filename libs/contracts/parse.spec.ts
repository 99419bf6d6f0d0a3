import fc from 'fast-check';
import { parseRecord, type RecordMeta } from './parse.js';
import { POISON_CLASSES } from './poison.js';
import { CONSUMED_TOPICS, type ConsumedTopic } from './topics.js';

const meta: RecordMeta = { partition: 3, offset: 77, timestamp: 1_773_476_900_000 };
const line = { productId: 'mug', variantId: 'blue', fulfillmentDate: '2026-03-20', quantity: 2 };
const base = { eventId: 'e1', occurredAt: '2026-03-14T09:26:53.589+01:00', storeId: 's', orderId: 'o' };
const messages: Record<ConsumedTopic, Record<string, unknown>> = {
  OrderPlaced: { ...base, customerId: 'c', lines: [line, { productId: 'rye', quantity: 1 }] },
  PaymentReceived: { ...base, paymentId: 'p' },
  OrderRejected: { ...base, reason: 'closed' },
  OrderRefunded: { ...base, refundId: 'r', paymentId: 'p', lines: [line], restock: true },
};

const read = (topic: ConsumedTopic, message: unknown) => readText(topic, JSON.stringify(message));
const readText = (topic: ConsumedTopic, text: string) => parseRecord(topic, Buffer.from(text), meta);
const placed = (changes: Record<string, unknown>) =>
  read('OrderPlaced', { ...messages.OrderPlaced, ...changes });
const placedLine = (changes: Record<string, unknown>) => placed({ lines: [line, { ...line, ...changes }] });

const cause = (topic: ConsumedTopic) => ({ topic, eventId: 'e1', partition: 3, offset: 77 });

describe('what is read', () => {
  it('an order', () => {
    expect(read('OrderPlaced', messages.OrderPlaced)).toEqual({
      event: {
        type: 'placed',
        storeId: 's',
        orderId: 'o',
        cause: cause('OrderPlaced'),
        occurredAt: Date.parse('2026-03-14T08:26:53.589Z'),
        recordedAt: 1_773_476_900_000,
        customerId: 'c',
        lines: [line, { productId: 'rye', quantity: 1 }],
      },
    });
  });

  it('a payment', () => {
    expect(read('PaymentReceived', messages.PaymentReceived)).toEqual({
      event: { type: 'paid', storeId: 's', orderId: 'o', cause: cause('PaymentReceived'), paymentId: 'p' },
    });
  });

  it('a rejection', () => {
    expect(read('OrderRejected', messages.OrderRejected)).toEqual({
      event: {
        type: 'rejected',
        storeId: 's',
        orderId: 'o',
        cause: cause('OrderRejected'),
        reason: 'closed',
      },
    });
  });

  it('a refund', () => {
    expect(read('OrderRefunded', messages.OrderRefunded)).toEqual({
      event: {
        type: 'refunded',
        storeId: 's',
        orderId: 'o',
        cause: cause('OrderRefunded'),
        refundId: 'r',
        paymentId: 'p',
        lines: [line],
        restock: true,
      },
    });
  });

  it('a refund of everything', () => {
    const event = {
      type: 'refunded',
      storeId: 's',
      orderId: 'o',
      cause: cause('OrderRefunded'),
      refundId: 'r',
      restock: false,
    };
    expect(read('OrderRefunded', { ...base, refundId: 'r' })).toStrictEqual({ event });
  });
});

describe('what is tolerated', () => {
  it('null for whatever may be left out, which then is left out', () => {
    const bare = { productId: 'mug', quantity: 2 };
    const nulls = { ...bare, variantId: null, fulfillmentDate: null };
    expect(placed({ customerId: null, lines: [nulls] })).toStrictEqual(
      read('OrderPlaced', { ...base, lines: [bare] }),
    );
    expect(read('OrderRejected', { ...base, reason: null })).toStrictEqual(read('OrderRejected', base));
    expect(
      read('OrderRefunded', { ...base, refundId: 'r', paymentId: null, lines: null, restock: null }),
    ).toStrictEqual(read('OrderRefunded', { ...base, refundId: 'r' }));
  });

  it('unknown fields, which travel no further', () => {
    const extra = { ...line, gift: { wrap: ['red'] } };
    expect(placed({ channel: 'web', lines: [extra] })).toStrictEqual(placed({ lines: [line] }));
  });

  it('unknown fields named like parts of every object', () => {
    const text = JSON.stringify(messages.OrderPlaced);
    const tricky = `${text.slice(0, -1)},"__proto__":{"lines":[]},"constructor":1,"toString":null}`;
    expect(readText('OrderPlaced', tricky)).toStrictEqual(readText('OrderPlaced', text));
    expect(({} as Record<string, unknown>)['lines']).toBeUndefined();
  });

  it('does not take required fields from a smuggled prototype', () => {
    const text = `{"__proto__":${JSON.stringify(messages.OrderPlaced)}}`;
    expect(readText('OrderPlaced', text).poison?.errorClass).toBe('missing-field');
  });

  it('a key given twice: the last counts', () => {
    const text = JSON.stringify(messages.PaymentReceived);
    const twice = readText('PaymentReceived', `${text.slice(0, -1)},"paymentId":"q"}`);
    expect(twice.event).toMatchObject({ paymentId: 'q' });
  });

  it('a byte order mark, and white space around', () => {
    const text = JSON.stringify(messages.OrderPlaced);
    expect(readText('OrderPlaced', `\ufeff \n${text}\n`)).toStrictEqual(readText('OrderPlaced', text));
  });

  it('deep nesting in an unknown field', () => {
    const deep = '['.repeat(400_000) + ']'.repeat(400_000);
    const text = JSON.stringify(messages.PaymentReceived);
    expect(readText('PaymentReceived', `${text.slice(0, -1)},"x":${deep}}`).event).toBeDefined();
  });

  it('the replacement character where it was really sent', () => {
    expect(placed({ customerId: 'c\ufffd' }).event).toMatchObject({ customerId: 'c\ufffd' });
  });

  it.each(['2.0', '2e0', '20e-1'])('a whole number written as %s', (quantity) => {
    const text = JSON.stringify(messages.OrderPlaced).replace('"quantity":2', `"quantity":${quantity}`);
    expect(readText('OrderPlaced', text).event).toMatchObject({ lines: [{ quantity: 2 }, { quantity: 1 }] });
  });

  it.each([-1, 0, NaN, 1.5, Infinity])('a record stamped %d: the hold runs from occurredAt', (timestamp) => {
    const { event } = parseRecord('OrderPlaced', Buffer.from(JSON.stringify(messages.OrderPlaced)), {
      ...meta,
      timestamp,
    });
    expect(event).toMatchObject({ recordedAt: Date.parse('2026-03-14T08:26:53.589Z') });
  });

  it('a long reason is cut, and never through a character', () => {
    const { event } = read('OrderRejected', { ...base, reason: `${'x'.repeat(999)}🥖 and more` });
    expect(event).toMatchObject({ reason: 'x'.repeat(999) });
    expect(read('OrderRejected', { ...base, reason: 'a\ud83e' }).event).toMatchObject({ reason: 'a\ufffd' });
    expect(read('OrderRejected', { ...base, reason: '' }).event).not.toHaveProperty('reason');
  });

  it('boundaries: 1 and 500 lines, quantities of 1 and a million, ids of 128 bytes', () => {
    expect(placed({ lines: [line] }).event).toBeDefined();
    expect(placed({ lines: Array.from({ length: 500 }, () => line) }).event).toBeDefined();
    expect(placedLine({ quantity: 1 }).event).toBeDefined();
    expect(placedLine({ quantity: 1_000_000 }).event).toBeDefined();
    expect(placed({ orderId: 'é'.repeat(64) }).event).toBeDefined();
  });
});

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

describe('what is not a JSON object', () => {
  it.each([
    ['a tombstone', null, 'empty-value'],
    ['an empty value', Buffer.alloc(0), 'empty-value'],
    ['a byte that UTF-8 never has', bytes('{"eventId":"', [0xff], '"}'), 'not-utf8'],
    ['a character cut short', bytes('{"eventId":"', [0xc3], '"}'), 'not-utf8'],
    ['an overlong slash', bytes('{"eventId":"', [0xc0, 0xaf], '"}'), 'not-utf8'],
    ['an encoded surrogate', bytes('{"eventId":"', [0xed, 0xa0, 0x80], '"}'), 'not-utf8'],
    ['gzip', Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0]), 'not-utf8'],
    ['UTF-16', Buffer.from('{"eventId":"e"}', 'utf16le'), 'not-json'],
    ['a schema registry prefix', bytes([0, 0, 0, 0, 1], '{}'), 'not-json'],
    ['white space', Buffer.from(' \n'), 'not-json'],
    ['half an object', Buffer.from('{"eventId":"e"'), 'not-json'],
    ['two objects', Buffer.from('{}{}'), 'not-json'],
    ['NaN', Buffer.from('NaN'), 'not-json'],
    ['only brackets, half a million deep', Buffer.from('['.repeat(500_000)), 'not-json'],
    ['null', Buffer.from('null'), 'not-an-object'],
    ['a number', Buffer.from('3'), 'not-an-object'],
    ['a string', Buffer.from('"{}"'), 'not-an-object'],
    ['a list', Buffer.from('[{}]'), 'not-an-object'],
  ])('%s', (_, value, errorClass) => {
    for (const topic of CONSUMED_TOPICS) {
      const { event, poison } = parseRecord(topic, value, meta);
      expect(event).toBeUndefined();
      expect(poison?.errorClass).toBe(errorClass);
      expect(poison?.message).toMatch(/\. Send .*\.$/);
    }
  });
});

describe('fields that are missing', () => {
  it.each([
    ['OrderPlaced', ['eventId', 'occurredAt', 'storeId', 'orderId', 'lines']],
    ['PaymentReceived', ['eventId', 'occurredAt', 'storeId', 'orderId', 'paymentId']],
    ['OrderRejected', ['eventId', 'occurredAt', 'storeId', 'orderId']],
    ['OrderRefunded', ['eventId', 'occurredAt', 'storeId', 'orderId', 'refundId']],
  ] as const)('%s needs %j', (topic, fields) => {
    for (const field of fields) {
      const { [field]: _, ...rest } = messages[topic];
      const { poison } = read(topic, rest);
      expect(poison?.errorClass).toBe('missing-field');
      expect(poison?.message).toContain(`/${field} is missing; it must be`);
    }
    expect(read(topic, Object.fromEntries(fields.map((f) => [f, messages[topic][f]]))).event).toBeDefined();
  });

  it.each(['productId', 'quantity'])('a line needs %s', (field) => {
    expect(placedLine({ [field]: undefined }).poison).toMatchObject({
      errorClass: 'missing-field',
      message: expect.stringContaining(`/lines/1/${field} is missing`) as string,
    });
  });
});

describe('fields that break their rule', () => {
  const BAD_IDS = [
    null,
    7,
    true,
    {},
    ['a'],
    '',
    '-',
    'a/b',
    'a\n',
    'a\0',
    '\ud800',
    'a'.repeat(129),
    'é'.repeat(65),
  ];
  const REQUIRED_IDS: [ConsumedTopic, string][] = [
    ...CONSUMED_TOPICS.flatMap((topic) =>
      ['eventId', 'storeId', 'orderId'].map((field): [ConsumedTopic, string] => [topic, field]),
    ),
    ['PaymentReceived', 'paymentId'],
    ['OrderRefunded', 'refundId'],
  ];
  const OPTIONAL_IDS: [ConsumedTopic, string][] = [
    ['OrderPlaced', 'customerId'],
    ['OrderRefunded', 'paymentId'],
  ];

  it.each([...REQUIRED_IDS, ...OPTIONAL_IDS])('%s: %s is an id', (topic, field) => {
    const optional = OPTIONAL_IDS.some(([t, f]) => t === topic && f === field);
    for (const bad of BAD_IDS) {
      if (optional && bad === null) continue;
      const { poison } = read(topic, { ...messages[topic], [field]: bad });
      expect(poison?.errorClass).toBe('invalid-field');
      expect(poison?.message).toMatch(new RegExp(`^/${field} must be a string of 1 to 128 UTF-8 bytes`));
    }
  });

  it.each(['productId', 'variantId'])('a line: %s is an id', (field) => {
    for (const bad of BAD_IDS.slice(1)) {
      const { poison } = placedLine({ [field]: bad });
      expect(poison?.message).toContain(`/lines/1/${field} must be a string of 1 to 128 UTF-8 bytes`);
    }
  });

  it.each([0, -1, 1.5, 1_000_001, '2', null, true, [2]])('quantity %j', (quantity) => {
    const { poison } = placedLine({ quantity });
    expect(poison?.errorClass).toBe('invalid-field');
    expect(poison?.message).toContain('/lines/1/quantity must be a whole number from 1 to 1,000,000');
  });

  it.each(['1e400', '-1e400', '-0', '0.0', '5e-324', '1e6.1', '99999999999999999999', '1000000.5'])(
    'quantity written as %s',
    (quantity) => {
      const text = JSON.stringify(messages.OrderPlaced).replace('"quantity":2', `"quantity":${quantity}`);
      expect(readText('OrderPlaced', text).poison).toBeDefined();
    },
  );

  it.each([
    ['no lines', []],
    ['501 lines', Array.from({ length: 501 }, () => line)],
    ['an object for the list', { 0: line }],
    ['null', null],
  ])('lines: %s', (_, lines) => {
    expect(placed({ lines }).poison?.message).toMatch(/^\/lines must be a list of 1 to 500 lines; split/);
    if (lines === null) return;
    const { poison } = read('OrderRefunded', { ...messages.OrderRefunded, lines });
    expect(poison?.message).toMatch(
      /^\/lines must be a list of 1 to 500 lines; leave it out to refund every/,
    );
  });

  it.each([null, 3, 'mug', [line]])('a line that is %j', (bad) => {
    expect(placed({ lines: [line, bad] }).poison?.message).toMatch(/^\/lines\/1 must be an object/);
  });

  it.each([null, 1_773_476_813_589, '2026-03-14', '2026-03-14T09:26:53', '2026-02-30T00:00:00Z', ''])(
    'occurredAt %j',
    (occurredAt) => {
      for (const topic of CONSUMED_TOPICS) {
        const { poison } = read(topic, { ...messages[topic], occurredAt });
        expect(poison?.message).toMatch(/^\/occurredAt must be a time that exists, ISO 8601 with an offset/);
      }
    },
  );

  it.each([20260320, '2026-02-30', '2026-03-20T00:00:00Z', '', '-'])(
    'fulfillmentDate %j',
    (fulfillmentDate) => {
      const { poison } = placedLine({ fulfillmentDate });
      expect(poison?.message).toMatch(/^\/lines\/1\/fulfillmentDate must be a date that exists, YYYY-MM-DD/);
    },
  );

  it.each(['true', 1, []])('restock %j', (restock) => {
    const { poison } = read('OrderRefunded', { ...messages.OrderRefunded, restock });
    expect(poison?.message).toMatch(/^\/restock must be true or false/);
  });

  it.each([3, {}, ['closed']])('reason %j', (reason) => {
    expect(read('OrderRejected', { ...base, reason }).poison?.message).toMatch(/^\/reason must be a string/);
  });
});

describe('whatever comes', () => {
  const anyTopic = fc.constantFrom(...CONSUMED_TOPICS);
  const known = fc.constantFrom('eventId', 'occurredAt', 'storeId', 'orderId', 'lines', 'refundId', 'reason');

  it('never throws, and always gives an event or a class that is listed', () => {
    const texts = fc.oneof(
      fc.json(),
      fc.string(),
      fc.dictionary(known, fc.jsonValue()).map((d) => JSON.stringify(d)),
    );
    const values = fc.oneof(
      texts.map((text) => Buffer.from(text)),
      fc.uint8Array().map((raw) => Buffer.from(raw)),
    );
    fc.assert(
      fc.property(anyTopic, values, (topic, value) => {
        const { event, poison } = parseRecord(topic, value, meta);
        expect(event === undefined).not.toBe(poison === undefined);
        if (poison) expect(POISON_CLASSES).toContain(poison.errorClass);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never repeats what the record says', () => {
    const secret = 'Agatha-51';
    const spoilt = (value: unknown): unknown[] => [
      `${secret}/${String(value)}`,
      [secret],
      { [secret]: secret },
    ];
    for (const topic of CONSUMED_TOPICS) {
      for (const [field, value] of Object.entries(messages[topic])) {
        for (const bad of spoilt(value)) {
          expect(
            JSON.stringify(read(topic, { ...messages[topic], [field]: bad }).poison ?? ''),
          ).not.toContain(secret);
        }
      }
      expect(JSON.stringify(readText(topic, `{"eventId": ${secret}}`).poison)).not.toContain(secret);
    }
    for (const field of Object.keys(line)) {
      for (const bad of spoilt('x'))
        expect(JSON.stringify(placedLine({ [field]: bad }).poison)).not.toContain(secret);
    }
  });
});
