import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MESSAGE_NAMES, schemaDocument, schemaFiles, type MessageName } from './json-schema.js';
import { parseRecord } from './parse.js';
import { mistakesOf } from './testing/outside-validator.js';
import { CONSUMED_TOPICS, PUBLISHED_TOPICS, type ConsumedTopic } from './topics.js';

const folder = join(__dirname, '..', '..', 'docs', 'schemas');
const meta = { partition: 0, offset: 0, timestamp: 1_773_476_900_000 };
const isConsumed = (name: MessageName): name is ConsumedTopic =>
  (CONSUMED_TOPICS as readonly string[]).includes(name);
const examplesOf = (name: MessageName) => schemaDocument(name)['examples'] as Record<string, unknown>[];
const isRead = (topic: ConsumedTopic, message: unknown) =>
  parseRecord(topic, Buffer.from(JSON.stringify(message)), meta).poison === undefined;

describe('docs/schemas', () => {
  it('is current (`npm run schemas` writes it)', () => {
    const written = existsSync(folder) ? readdirSync(folder).sort() : [];
    expect(written).toEqual([...schemaFiles().keys()].sort());
    for (const [name, text] of schemaFiles())
      expect([name, readFileSync(join(folder, name), 'utf8')]).toEqual([name, text]);
  });

  it('has one document for every topic', () => {
    expect([...MESSAGE_NAMES].sort()).toEqual([...CONSUMED_TOPICS, ...PUBLISHED_TOPICS].sort());
  });

  it.each(MESSAGE_NAMES)('%s: description, and examples that are valid', (name) => {
    expect(schemaDocument(name)['description']).toMatch(/\.$/);
    expect(examplesOf(name).length).toBeGreaterThan(0);
    for (const example of examplesOf(name)) {
      expect(mistakesOf(name, example)).toEqual([]);
      if (isConsumed(name)) expect(isRead(name, example)).toBe(true);
    }
  });

  it.each(MESSAGE_NAMES)(
    '%s: every field has a description, and an example where it is a plain value',
    (name) => {
      const visit = (node: unknown, path: string) => {
        if (typeof node !== 'object' || node === null) return;
        const { properties, items } = node as { properties?: Record<string, unknown>; items?: unknown };
        for (const [field, schema] of Object.entries(properties ?? {})) {
          const { description, examples, type } = schema as Record<string, unknown>;
          expect([path + field, description]).toEqual([path + field, expect.stringMatching(/\.$/)]);
          const plain = !['array', 'object'].some((kind) => [type].flat().includes(kind));
          if (plain) expect([path + field, examples]).toEqual([path + field, [expect.anything()]]);
          visit(schema, `${path}${field}/`);
        }
        visit(items, path);
      };
      visit(schemaDocument(name), '/');
    },
  );
});

/** Formats are ours to check, patterns and lengths others': both have to mean the same. */
describe('our own checks and the documents agree', () => {
  const ids = [
    'a',
    '-',
    '--',
    '',
    'a/b',
    'a\n',
    'a\0',
    'a\x7f',
    'a\x85',
    'é',
    '🥖'.repeat(32),
    'a'.repeat(128),
    'a'.repeat(129),
    3,
    {},
  ];
  const dates = ['2026-03-20', '2024-02-29', '2026-02-30', '2026-02-29', '20260320', '', 7];
  const times = [
    '2026-03-14T09:26:53Z',
    '2026-03-14T09:26Z',
    '2026-03-14T09:26:53.1234567+05:45',
    '2026-03-14',
    '2026-03-14T09:26:53',
    'now',
    5,
  ];
  const quantities = [0, 1, 1.5, 1_000_000, 1_000_001, '1'];
  const values: Record<string, unknown[]> = {
    occurredAt: times,
    restock: [true, false, 'true', 0],
    reason: ['x', '', 3],
  };

  it.each(CONSUMED_TOPICS)('%s', (topic) => {
    const example = examplesOf(topic)[0] as Record<string, unknown>;
    const same = (message: unknown) => {
      const agreed = mistakesOf(topic, message).length === 0;
      expect([message, isRead(topic, message)]).toEqual([message, agreed]);
    };
    for (const field of Object.keys(example)) {
      const { [field]: _, ...without } = example;
      same(without);
      same({ ...example, [field]: null });
      if (field !== 'lines') for (const value of values[field] ?? ids) same({ ...example, [field]: value });
    }
    if (!('lines' in example)) return;
    const line = (example['lines'] as Record<string, unknown>[])[0];
    for (const length of [0, 1, 500, 501]) same({ ...example, lines: Array.from({ length }, () => line) });
    for (const productId of ids) same({ ...example, lines: [{ ...line, productId }] });
    for (const variantId of [...ids, null]) same({ ...example, lines: [{ ...line, variantId }] });
    for (const fulfillmentDate of [...dates, null])
      same({ ...example, lines: [{ ...line, fulfillmentDate }] });
    for (const quantity of [...quantities, null]) same({ ...example, lines: [{ ...line, quantity }] });
  });
});
