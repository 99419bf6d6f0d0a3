/** What wire/commands.ts uses of the driver's inside. */
declare module 'mongodb/lib/cmap/commands.js' {
  export class DocumentSequence {
    constructor(field: string, documents?: readonly object[]);
    readonly field: string;
    toBin(): Uint8Array;
  }
}
