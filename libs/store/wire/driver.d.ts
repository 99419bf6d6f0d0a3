/** What wire/commands.ts uses of the driver's inside. */
declare module 'mongodb/lib/cmap/commands.js' {
  export class DocumentSequence {
    constructor(field: string, documents?: readonly object[]);
    toBin(): Uint8Array;
  }
}
