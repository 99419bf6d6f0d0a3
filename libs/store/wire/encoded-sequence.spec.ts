import { DocumentSequence, OpMsgRequest } from 'mongodb/lib/cmap/commands.js';
import { sequenceOf } from './encoded-sequence.js';

const DOCUMENTS = [
  { _id: 'a', free: 3 },
  { _id: 'b', free: null },
];
/** Two messages differ in their number alone. */
const REQUEST_ID = { at: 4, end: 8 };

function messageOf(command: Record<string, unknown>): Buffer[] {
  return new OpMsgRequest('shop', command, {}).toBin().map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)); // prettier-ignore
}

function whole(parts: Buffer[]): Buffer {
  return Buffer.concat(parts).fill(0, REQUEST_ID.at, REQUEST_ID.end);
}

describe('an encoded section', () => {
  it("makes the message that the driver's own makes", () => {
    const ours = messageOf({ insert: 'stock', documents: sequenceOf('documents', DOCUMENTS), ordered: true });
    const drivers = messageOf({
      insert: 'stock',
      documents: new DocumentSequence('documents', DOCUMENTS),
      ordered: true,
    });
    expect(whole(ours).equals(whole(drivers))).toBe(true);
  });

  it('is not copied on its way into the message', () => {
    const sequence = sequenceOf('documents', DOCUMENTS);
    const parts = messageOf({ insert: 'stock', documents: sequence });
    expect(parts.at(-1)?.buffer).toBe(sequence.toBin().buffer);
  });

  it('stands beside another one as the driver puts them', () => {
    const command = () => ({ bulkWrite: 1, ops: sequenceOf('ops', DOCUMENTS), nsInfo: sequenceOf('nsInfo', [{ ns: 'shop.stock' }]) }); // prettier-ignore
    const sections = [command().ops, command().nsInfo].map((sequence) => Buffer.from(sequence.toBin()));
    expect(Buffer.from(messageOf(command()).at(-1) as Buffer).equals(Buffer.concat(sections))).toBe(true);
  });

  it('cannot be sent again once it is let go', () => {
    const documents = sequenceOf('documents', DOCUMENTS);
    documents.letGo();
    expect(() => messageOf({ insert: 'stock', documents })).toThrow('documents were sent before');
  });
});
