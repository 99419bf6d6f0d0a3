/** What of a document breaks the promises of a released one: topics, their settings, keys, headers and values. */

import { schemaBreaks, type Break, type Promised } from './schema-breaks.js';
import type {
  AsyncApiDocument,
  ChannelObject,
  JsonSchema,
  MessageObject,
  OperationObject,
  Reference,
  TopicConfiguration,
} from './types.js';

/** One line each, led by the topic; empty when nobody has to change. */
export function breakingChanges(released: AsyncApiDocument, current: AsyncApiDocument): Break[] {
  return Object.entries(released.operations).flatMap(([id, operation]) => {
    const name = lastOf(operation.channel);
    if (!current.operations[id])
      return [`${name}: ${verbOf(operation)} no more (the topic is gone or renamed)`];
    const channels = [released.channels[name], current.channels[name]] as const;
    if (!channels[0] || !channels[1]) return [`${name}: the topic is gone`];
    const promised = operation.action === 'receive' ? 'accepted' : 'published';
    return [
      ...topicBreaks(channels[0], channels[1]),
      ...messagesBreaks({ released, current }, [channels[0], channels[1]], promised),
    ].map((found) => `${name}: ${found}`);
  });
}

function verbOf({ action }: OperationObject): string {
  return action === 'receive' ? 'it is accepted' : 'it is published';
}

function topicBreaks(released: ChannelObject, current: ChannelObject): Break[] {
  const before = released.bindings.kafka;
  const after = current.bindings.kafka;
  const found: Break[] = [];
  if (after.topic !== before.topic) found.push(`the topic is ${after.topic}, was ${before.topic}`);
  if (after.partitions !== before.partitions)
    found.push(
      `it has ${after.partitions} partitions, had ${before.partitions}: a store’s messages change theirs`,
    );
  return [...found, ...configurationBreaks(before.topicConfiguration, after.topicConfiguration)];
}

function configurationBreaks(before: TopicConfiguration, after: TopicConfiguration): Break[] {
  const found: Break[] = [];
  const smaller = (keyword: 'retention.ms' | 'retention.bytes' | 'max.message.bytes', whom: string): void => {
    const [was, is] = [before[keyword], after[keyword]];
    // -1 stands for no limit.
    if (is >= 0 && (was < 0 || is < was)) found.push(`${keyword} is ${is}, was ${was}: ${whom}`);
  };
  smaller('retention.ms', 'who is away for longer misses messages');
  smaller('retention.bytes', 'who is away for longer misses messages');
  smaller('max.message.bytes', 'what was accepted is refused');
  for (const keyword of ['cleanup.policy', 'message.timestamp.type'] as const) {
    const [was, is] = [String(before[keyword]), String(after[keyword])];
    if (was !== is) found.push(`${keyword} is ${is}, was ${was}`);
  }
  return found;
}

interface Documents {
  released: AsyncApiDocument;
  current: AsyncApiDocument;
}

function messagesBreaks(
  { released, current }: Documents,
  [before, after]: readonly [ChannelObject, ChannelObject],
  promised: Promised,
): Break[] {
  return Object.entries(before.messages).flatMap(([name, reference]) => {
    const now = after.messages[name];
    if (!now) return [`message ${name} is gone`];
    return messageBreaks(
      { document: released, message: messageAt(released, reference) },
      { document: current, message: messageAt(current, now) },
      promised,
    );
  });
}

interface Located {
  document: AsyncApiDocument;
  message: MessageObject;
}

function messageBreaks(released: Located, current: Located, promised: Promised): Break[] {
  const [before, after] = [released.message, current.message];
  const found: Break[] = [];
  if (after.contentType !== before.contentType)
    found.push(`content type is ${after.contentType}, was ${before.contentType}`);
  const compare = (what: string, was: JsonSchema, is: JsonSchema): Break[] =>
    schemaBreaks(was, is, promised).map((one) => `${what} ${one}`);
  return [
    ...found,
    ...compare('key', before.bindings.kafka.key, after.bindings.kafka.key),
    ...compare('header', before.headers, after.headers),
    ...compare('value', payloadAt(released), payloadAt(current)),
  ];
}

function messageAt({ components }: AsyncApiDocument, reference: Reference): MessageObject {
  const message = components.messages[lastOf(reference)];
  if (!message) throw new Error(`${reference.$ref} is not in the document`);
  return message;
}

function payloadAt({ document, message }: Located): JsonSchema {
  const { payload } = message;
  if (typeof payload.$ref !== 'string') return payload as JsonSchema;
  const schema = document.components.schemas[lastOf({ $ref: payload.$ref })];
  if (!schema) throw new Error(`${payload.$ref} is not in the document`);
  return schema;
}

function lastOf({ $ref }: Reference): string {
  return $ref.slice($ref.lastIndexOf('/') + 1);
}
