import { Parser } from '@asyncapi/parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { POISON_CLASSES } from '../poison.js';
import { CONSUMED_TOPICS, topicsFor } from '../topics.js';
import { asText, asyncApiDocument } from './document.js';
import { documentFiles, RELEASED_FOLDER } from './files.js';

const root = join(__dirname, '..', '..', '..');
const document = asyncApiDocument();

describe('docs/asyncapi.json and docs/messages.md', () => {
  it('are current (`npm run schemas` writes them)', () => {
    for (const [path, text] of documentFiles()) {
      const file = join(root, path);
      const written = existsSync(file) ? readFileSync(file, 'utf8') : 'not there';
      expect([path, written]).toEqual([path, text]);
    }
  });

  it('are a valid AsyncAPI 3 document by the format’s own parser', async () => {
    const { document: parsed, diagnostics } = await new Parser().parse(asText(document));
    expect(diagnostics.map(({ message, path }) => `${path.join('.')}: ${message}`)).toEqual([]);
    expect(parsed?.version()).toBe('3.1.0');
    const received = parsed?.operations().filterByReceive() ?? [];
    const addresses = received.flatMap((operation) => operation.channels().all());
    expect(addresses.map((channel) => channel.address()).sort()).toEqual([...CONSUMED_TOPICS].sort());
    const broken = asText(document).replace('"action": "receive"', '"action": "take"');
    expect((await new Parser().parse(broken)).diagnostics).not.toEqual([]);
  });

  it('have examples whose headers and values are what their schemas say', () => {
    // The parser does not look at the examples of a version 3 document.
    const ajv = new Ajv2020({
      strict: true,
      allowUnionTypes: true,
      formats: { date: true, 'date-time': true },
    });
    for (const { name, headers, examples } of Object.values(document.components.messages)) {
      const isHeaders = ajv.compile(headers);
      const isPayload = ajv.compile(document.components.schemas[name] ?? {});
      for (const example of examples) {
        const valid = isHeaders(example.headers ?? {}) && isPayload(example.payload);
        expect([name, valid]).toEqual([name, true]);
      }
    }
  });

  it('have every topic as it is made on the broker', () => {
    const made = topicsFor().map(({ name, partitions, configs }) => [
      name,
      partitions,
      configs['retention.ms'],
      configs['max.message.bytes'],
      configs['cleanup.policy'],
      configs['message.timestamp.type'],
    ]);
    const said = Object.values(document.channels).map(({ bindings: { kafka } }) => [
      kafka.topic,
      kafka.partitions,
      String(kafka.topicConfiguration['retention.ms']),
      String(kafka.topicConfiguration['max.message.bytes']),
      String(kafka.topicConfiguration['cleanup.policy']),
      kafka.topicConfiguration['message.timestamp.type'],
    ]);
    expect(said).toEqual(made);
  });

  it('lead from the page’s lists to each topic', () => {
    const page = readFileSync(join(root, 'docs', 'messages.md'), 'utf8');
    const anchors = [...page.matchAll(/^## (.+)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replace('.', ''),
    );
    const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.sort()).toEqual(anchors.sort());
    expect(POISON_CLASSES).toContain(
      document.components.messages['PaymentReceived.dlq']?.examples[0]?.headers?.['dead-letter-error'],
    );
  });

  it('are there for every release', () => {
    expect(readdirSync(join(root, RELEASED_FOLDER)).length).toBeGreaterThan(0);
  });
});
