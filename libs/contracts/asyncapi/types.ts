/** An AsyncAPI 3 document, as far as ours uses the format. */

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Reference {
  $ref: string;
}

export interface MessageExample {
  name: string;
  headers?: Record<string, string>;
  payload: unknown;
}

export interface MessageObject {
  name: string;
  title: string;
  summary: string;
  contentType: string;
  correlationId?: { description: string; location: string };
  headers: JsonSchema;
  payload: JsonSchema | Reference;
  bindings: { kafka: { key: JsonSchema; bindingVersion: string } };
  examples: MessageExample[];
}

export interface TopicConfiguration {
  'cleanup.policy': string[];
  'retention.ms': number;
  'retention.bytes': number;
  'max.message.bytes': number;
  'message.timestamp.type': string;
}

export interface ChannelObject {
  address: string;
  title: string;
  description: string;
  messages: Record<string, Reference>;
  bindings: {
    kafka: {
      topic: string;
      partitions: number;
      topicConfiguration: TopicConfiguration;
      bindingVersion: string;
    };
  };
}

export interface OperationObject {
  /** as Holdfast sees it: it receives what others publish, and sends what they consume */
  action: 'receive' | 'send';
  channel: Reference;
  title: string;
  summary: string;
  messages: Reference[];
}

export interface AsyncApiDocument {
  asyncapi: string;
  id: string;
  info: { title: string; version: string; description: string; license: { name: string; url: string } };
  defaultContentType: string;
  channels: Record<string, ChannelObject>;
  operations: Record<string, OperationObject>;
  components: { messages: Record<string, MessageObject>; schemas: Record<string, JsonSchema> };
}
