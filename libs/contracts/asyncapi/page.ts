/** The AsyncAPI document as a page to read: docs/messages.md. */

import { DAY_MS } from '../text.js';
import type { AsyncApiDocument, ChannelObject, JsonSchema, MessageObject } from './types.js';

export function pageOf(document: AsyncApiDocument): string {
  const { info, operations, channels } = document;
  const topics = Object.values(operations).map(({ action, channel }) => {
    return { action, channel: channels[channel.$ref.slice('#/channels/'.length)] as ChannelObject };
  });
  const listed = (action: string) => topics.filter((topic) => topic.action === action);
  return [
    `# ${info.title} ${info.version}`,
    'Written by `npm run schemas` from [asyncapi.json](asyncapi.json); for changes see the code in libs/contracts.',
    info.description,
    '| you publish | what it says |\n| --- | --- |\n' + listed('receive').map(row).join('\n'),
    '| you consume | what it says |\n| --- | --- |\n' + listed('send').map(row).join('\n'),
    ...topics.map(({ channel }) => section(document, channel)),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function row({ channel }: { channel: ChannelObject }): string {
  return `| [${channel.address}](#${anchorOf(channel.address)}) | ${cell(channel.description)} |`;
}

/** As GitHub makes it of a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

function section(document: AsyncApiDocument, channel: ChannelObject): string {
  const message = document.components.messages[channel.address] as MessageObject;
  const payload = resolved(document, message.payload);
  const fields = fieldRows(payload, '');
  const headers = fieldRows(message.headers, '');
  const [example] = message.examples;
  const json = message.contentType === 'application/json';
  return [
    `## ${channel.address}`,
    channel.description,
    brokerLine(channel),
    ...(fields.length > 0 ? [table('field', fields)] : [`Value: ${cell(String(payload['description']))}`]),
    `Key: ${cell(String(message.bindings.kafka.key['description']))}`,
    ...(headers.length > 0
      ? [table('header', headers)]
      : [`Headers: ${cell(String(message.headers['description']))}`]),
    ...(json && example ? ['```json\n' + JSON.stringify(example.payload, undefined, 2) + '\n```'] : []),
  ].join('\n\n');
}

function resolved(document: AsyncApiDocument, schema: MessageObject['payload']): JsonSchema {
  if (typeof schema.$ref !== 'string') return schema as JsonSchema;
  return document.components.schemas[schema.$ref.slice('#/components/schemas/'.length)] ?? {};
}

function brokerLine({ bindings: { kafka } }: ChannelObject): string {
  const { 'retention.ms': retention, 'max.message.bytes': bytes } = kafka.topicConfiguration;
  const kept = retention < 0 ? 'kept for good' : `kept ${retention / DAY_MS} days`;
  return `${kafka.partitions} partitions unless set otherwise; ${kept}; at most ${Math.round(bytes / 1024)} KiB a batch of records.`;
}

function table(what: string, rows: string[]): string {
  return `| ${what} | type | required | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

function fieldRows(schema: JsonSchema, path: string): string[] {
  const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  const required = (schema['required'] ?? []) as string[];
  return Object.entries(properties).flatMap(([name, field]) => {
    const own = `| \`${path}${name}\` | ${typeOf(field)} | ${required.includes(name) ? 'yes' : ''} | ${cell(String(field['description'] ?? ''))} |`;
    const items = (field['items'] ?? {}) as JsonSchema;
    return [own, ...fieldRows(field, `${path}${name}.`), ...fieldRows(items, `${path}${name}[].`)];
  });
}

function typeOf(schema: JsonSchema): string {
  if ('const' in schema) return code(schema['const']);
  if (Array.isArray(schema['enum'])) return schema['enum'].map(code).join(', ');
  const types = [schema['type'] ?? 'anything'].flat().join(' or ');
  const low = schema['minimum'] ?? schema['minItems'];
  const high = schema['maximum'] ?? schema['maxItems'];
  if (low === undefined && high === undefined) return types;
  return `${types}, ${high === undefined ? `from ${String(low)}` : `${String(low ?? 0)} to ${String(high)}`}`;
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}

/** Of one line, and without what would end the cell. */
function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
}
