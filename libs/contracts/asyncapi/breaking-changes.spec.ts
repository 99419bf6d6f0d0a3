import { breakingChanges } from './breaking-changes.js';
import { asyncApiDocument } from './document.js';
import { schemaBreaks, type Promised } from './schema-breaks.js';
import type { AsyncApiDocument, ChannelObject, JsonSchema, MessageObject } from './types.js';

/** A change of one field; `field` as it was and as it is. */
interface Change {
  title: string;
  was: JsonSchema;
  is: JsonSchema;
  /** by what it breaks; absent: it breaks nothing */
  accepted?: RegExp;
  published?: RegExp;
}

const object = (properties: Record<string, object>, required: string[] = []): JsonSchema => {
  return { type: 'object', required, properties };
};
const a = { type: 'string' };

const CHANGES: Change[] = [
  { title: 'nothing', was: object({ a }, ['a']), is: object({ a }, ['a']) },
  {
    title: 'words: description, title, examples',
    was: object({ a }),
    is: { ...object({ a: { ...a, description: 'Other.', examples: ['x'] } }), title: 'T' },
  },
  { title: 'a new optional field', was: object({}), is: object({ a }) },
  {
    title: 'a new required field',
    was: object({}),
    is: object({ a }, ['a']),
    accepted: /^\/a is new and required/,
  },
  {
    title: 'a field removed',
    was: object({ a }),
    is: object({}),
    accepted: /^\/a is gone/,
    published: /^\/a is gone/,
  },
  {
    title: 'a required field removed',
    was: object({ a }, ['a']),
    is: object({}),
    accepted: /^\/a is gone/,
    published: /^\/a is gone/,
  },
  {
    title: 'optional becomes required',
    was: object({ a }),
    is: object({ a }, ['a']),
    accepted: /^\/a is required, was optional/,
  },
  {
    title: 'required becomes optional',
    was: object({ a }, ['a']),
    is: object({ a }),
    published: /^\/a is optional, was required/,
  },
  {
    title: 'another type',
    was: object({ a }),
    is: object({ a: { type: 'integer' } }),
    accepted: /^\/a is integer, was string/,
    published: /^\/a is integer, was string/,
  },
  {
    title: 'null is a type, too, from now on',
    was: object({ a }),
    is: object({ a: { type: ['string', 'null'] } }),
    published: /^\/a is string or null, was string/,
  },
  {
    title: 'null is no type any more',
    was: object({ a: { type: ['string', 'null'] } }),
    is: object({ a }),
    accepted: /^\/a is string, was string or null/,
  },
  {
    title: 'whole numbers become any numbers',
    was: object({ a: { type: 'integer' } }),
    is: object({ a: { type: 'number' } }),
    published: /^\/a is number, was integer/,
  },
  {
    title: 'the type is no longer said',
    was: object({ a }),
    is: object({ a: {} }),
    published: /^\/a is anything, was string/,
  },
  {
    title: 'an enum value removed',
    was: { enum: ['x', 'y'] },
    is: { enum: ['x'] },
    accepted: /no longer has "y"/,
    published: /no longer has "y"/,
  },
  { title: 'an enum value added', was: { enum: ['x'] }, is: { enum: ['x', 'y'] }, published: /now has "y"/ },
  { title: 'an enum reordered', was: { enum: ['x', 'y'] }, is: { enum: ['y', 'x'] } },
  { title: 'an enum from now on', was: a, is: { ...a, enum: ['x'] }, accepted: /only takes "x"/ },
  { title: 'no enum any more', was: { ...a, enum: ['x'] }, is: a, published: /may be any value/ },
  {
    title: 'another constant',
    was: { const: 'v1' },
    is: { enum: ['v2'] },
    accepted: /no longer has "v1"/,
    published: /no longer has "v1".*\n.*now has "v2"/,
  },
  { title: 'minimum raised', was: { minimum: 1 }, is: { minimum: 2 }, accepted: /minimum is 2, was 1/ },
  { title: 'minimum lowered', was: { minimum: 1 }, is: { minimum: 0 }, published: /minimum is 0, was 1/ },
  { title: 'a minimum from now on', was: {}, is: { minimum: 0 }, accepted: /minimum is 0, was none/ },
  { title: 'no minimum any more', was: { minimum: 0 }, is: {}, published: /minimum is none, was 0/ },
  { title: 'maximum lowered', was: { maximum: 9 }, is: { maximum: 8 }, accepted: /maximum is 8, was 9/ },
  { title: 'maximum raised', was: { maximum: 9 }, is: { maximum: 10 }, published: /maximum is 10, was 9/ },
  { title: 'shorter texts', was: { maxLength: 9 }, is: { maxLength: 8 }, accepted: /maxLength/ },
  { title: 'texts may be longer', was: { maxLength: 8 }, is: { maxLength: 9 }, published: /maxLength/ },
  { title: 'texts may not be empty', was: {}, is: { minLength: 1 }, accepted: /minLength/ },
  { title: 'fewer lines', was: { maxItems: 500 }, is: { maxItems: 100 }, accepted: /maxItems/ },
  { title: 'more lines', was: { maxItems: 500 }, is: { maxItems: 900 }, published: /maxItems/ },
  { title: 'at least one line', was: { minItems: 0 }, is: { minItems: 1 }, accepted: /minItems/ },
  {
    title: 'another pattern',
    was: { pattern: '^a$' },
    is: { pattern: '^b$' },
    accepted: /pattern is/,
    published: /pattern is/,
  },
  {
    title: 'a pattern from now on',
    was: {},
    is: { pattern: '^a$' },
    accepted: /pattern is "\^a\$", was none/,
  },
  { title: 'no format any more', was: { format: 'date' }, is: {}, published: /format is none, was "date"/ },
  {
    title: 'of a field of a line',
    was: object({ lines: { type: 'array', items: object({ a }) } }),
    is: object({ lines: { type: 'array', items: object({}) } }),
    accepted: /^\/lines\/\[\]\/a is gone/,
    published: /^\/lines\/\[\]\/a is gone/,
  },
  {
    title: 'lines have a shape from now on',
    was: { type: 'array' },
    is: { type: 'array', items: a },
    accepted: /^\/\[\] is string, was anything/,
  },
  {
    title: 'a keyword that is not understood',
    was: object({}),
    is: { ...object({}), additionalProperties: false },
    accepted: /additionalProperties has changed/,
    published: /additionalProperties has changed/,
  },
];

describe.each<Promised>(['accepted', 'published'])('schemaBreaks of what is %s', (promised) => {
  const rows = CHANGES.map(
    (change) => [change[promised] ? 'breaks' : 'is harmless', change.title, change] as const,
  );
  it.each(rows)('%s: %s', (_effect, _title, change) => {
    const found = schemaBreaks(change.was, change.is, promised);
    const expected = change[promised];
    expect(found.join('\n')).toMatch(expected ?? /^$/);
  });
});

interface DocumentChange {
  title: string;
  change: (parts: {
    document: AsyncApiDocument;
    channel: (name: string) => ChannelObject;
    message: (name: string) => MessageObject;
  }) => void;
  breaks?: RegExp[];
}

const DOCUMENT_CHANGES: DocumentChange[] = [
  { title: 'nothing', change: () => {} },
  {
    title: 'a new topic',
    change: ({ document }) => {
      document.channels['New'] = { ...(document.channels['OrderExpired'] as ChannelObject), address: 'New' };
      document.operations['send:New'] = {
        action: 'send',
        channel: { $ref: '#/channels/New' },
        title: 'New',
        summary: '',
        messages: [],
      };
    },
  },
  {
    title: 'a topic that is no longer published',
    change: ({ document }) => delete document.operations['send:OrderExpired'],
    breaks: [/^OrderExpired: it is published no more/],
  },
  {
    title: 'a topic that is published instead of accepted',
    change: ({ document }) => {
      const operation = document.operations['receive:OrderPlaced'];
      if (!operation) throw new Error('no such operation');
      delete document.operations['receive:OrderPlaced'];
      document.operations['send:OrderPlaced'] = { ...operation, action: 'send' };
    },
    breaks: [/^OrderPlaced: it is accepted no more/],
  },
  {
    title: 'a topic with another name on the broker',
    change: ({ channel }) => (channel('StockOutcome').bindings.kafka.topic = 'Stock'),
    breaks: [/^StockOutcome: the topic is Stock, was StockOutcome/],
  },
  {
    title: 'other partitions',
    change: ({ channel }) => (channel('StockOutcome').bindings.kafka.partitions = 12),
    breaks: [/^StockOutcome: it has 12 partitions, had 6/],
  },
  {
    title: 'the ledger is no longer kept for good',
    change: ({ channel }) =>
      (channel('StockOutcome').bindings.kafka.topicConfiguration['retention.ms'] = 1_000_000_000_000),
    breaks: [/^StockOutcome: retention.ms is 1000000000000, was -1/],
  },
  {
    title: 'notifications are kept for longer',
    change: ({ channel }) =>
      (channel('CustomerNotification').bindings.kafka.topicConfiguration['retention.ms'] = -1),
  },
  {
    title: 'a smaller record',
    change: ({ channel }) =>
      (channel('OrderPlaced').bindings.kafka.topicConfiguration['max.message.bytes'] = 1000),
    breaks: [/^OrderPlaced: max.message.bytes is 1000/],
  },
  {
    title: 'compacted topics',
    change: ({ channel }) =>
      (channel('StockOutcome').bindings.kafka.topicConfiguration['cleanup.policy'] = ['compact']),
    breaks: [/^StockOutcome: cleanup.policy is compact, was delete/],
  },
  {
    title: 'a header that readers rely on is gone',
    change: ({ message }) => {
      const { ce_id: _, ...rest } = message('StockOutcome').headers['properties'] as Record<string, object>;
      message('StockOutcome').headers = { ...message('StockOutcome').headers, properties: rest };
    },
    breaks: [/^StockOutcome: header \/ce_id is gone/],
  },
  {
    title: 'another number in the type of a message',
    change: ({ message }) => {
      const properties = message('StockOutcome').headers['properties'] as Record<string, object>;
      properties['ce_type'] = { type: 'string', const: 'holdfast.StockOutcome.v2' };
    },
    breaks: [/^StockOutcome: header \/ce_type no longer has/, /^StockOutcome: header \/ce_type now has/],
  },
  {
    title: 'a key of another kind',
    change: ({ message }) => (message('OrderPlaced').bindings.kafka.key = { type: 'integer' }),
    breaks: [/^OrderPlaced: key the message is integer, was string/],
  },
  {
    title: 'another content type',
    change: ({ message }) => (message('OrderExpired').contentType = 'application/avro'),
    breaks: [/^OrderExpired: content type is application\/avro/],
  },
  {
    title: 'a message that is gone from its topic',
    change: ({ channel }) => (channel('OrderExpired').messages = {}),
    breaks: [/^OrderExpired: message OrderExpired is gone/],
  },
  {
    title: 'a value’s field is gone, wherever its schema stands',
    change: ({ document, message }) => {
      const { deltas: _, ...rest } = document.components.schemas['StockOutcome']?.['properties'] as Record<
        string,
        object
      >;
      message('StockOutcome').payload = { ...document.components.schemas['StockOutcome'], properties: rest };
    },
    breaks: [/^StockOutcome: value \/deltas is gone/],
  },
];

describe('breakingChanges', () => {
  it.each(DOCUMENT_CHANGES)('$title', ({ change, breaks = [] }) => {
    const document = structuredClone(asyncApiDocument());
    const named = <T>(all: Record<string, T>, name: string): T => {
      const found = all[name];
      if (!found) throw new Error(`no ${name}`);
      return found;
    };
    change({
      document,
      channel: (name) => named(document.channels, name),
      message: (name) => named(document.components.messages, name),
    });
    const found = breakingChanges(asyncApiDocument(), document);
    expect(found).toEqual(breaks.map((pattern) => expect.stringMatching(pattern)));
  });
});
