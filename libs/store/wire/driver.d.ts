/** What wire/encoded-sequence.ts uses of the driver's inside. */
declare module 'mongodb/lib/cmap/commands.js' {
  export class DocumentSequence {
    constructor(field: string, documents?: readonly object[]);
    readonly field: string;
    toBin(): Uint8Array;
  }

  export class OpMsgRequest {
    constructor(databaseName: string, command: Record<string, unknown>, options: object);
    /** @returns the parts of the message, one after the other */
    toBin(): Uint8Array[];
    /** takes the sections out of the command */
    extractDocumentSequences(command: Record<string, unknown>): Uint8Array;
  }
}
