/** What this folder takes from inside of the pinned kafkajs. */

declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(bytes: Buffer);
    readInt16(): number;
    readInt32(): number;
    /** as kafkajs's own `Long` */
    readInt64(): { toString(): string };
    readString(): string;
    readBytes(size: number): Buffer;
    readArray<T>(read: (decoder: Decoder) => T): T[];
    readArrayAsync<T>(read: (decoder: Decoder) => Promise<T>): Promise<T[]>;
    canReadBytes(size: number): boolean;
  }
}

declare module 'kafkajs/src/protocol/recordBatch/v0/decoder.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js';
  export default function decodeRecordBatch(decoder: Decoder): Promise<{ records: unknown[] }>;
}

declare module 'kafkajs/src/protocol/messageSet/decoder.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js';
  export default function decodeMessageSet(decoder: Decoder, size: number): Promise<unknown[]>;
}

declare module 'kafkajs/src/protocol/requests/fetch/v11/response.js' {
  const response: { decode: (bytes: Buffer) => Promise<unknown> };
  export default response;
}

declare module 'kafkajs/src/consumer/filterAbortedMessages.js' {
  /** Leaves out what belongs to transactions that were given up. */
  export default function filterAbortedMessages<Message>(fetched: {
    messages: Message[];
    abortedTransactions?: { producerId: string; firstOffset: string }[];
  }): Message[];
}

declare module 'kafkajs/src/network/connection.js' {
  export default class Connection {
    connect(): Promise<unknown>;
    disconnect(): Promise<unknown>;
  }
}

declare module 'kafkajs/src/broker/index.js' {
  export default class Broker {
    isConnected(): boolean;
    connect(): Promise<void>;
    /** @param topics all where there are none */
    metadata(topics?: readonly string[]): Promise<unknown>;
  }
}

declare module 'kafkajs/src/cluster/index.js' {
  export default class Cluster {
    /** null when no broker has answered */
    metadata(of?: { topics?: readonly string[] }): Promise<unknown>;
  }
}

declare module 'kafkajs/src/protocol/requests/metadata/v6/response.js' {
  /** `parse` throws what the answer says of any topic. */
  const response: { parse: (answer: unknown) => Promise<unknown> };
  export default response;
}
