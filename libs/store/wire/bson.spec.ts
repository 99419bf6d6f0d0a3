import fc from 'fast-check';
import { DocumentSequence } from 'mongodb/lib/cmap/commands.js';
import { mongo } from 'mongoose';
import { readDocument } from './bson-reader.js';
import { BsonWriter } from './bson-writer.js';

const { BSON } = mongo;

const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }));
const key = text.filter((name) => !name.includes('\0') && name !== '__proto__');
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 50 }).map((bytes) => new mongo.Binary(bytes)),
    fc.array(tie('value'), { maxLength: 12 }),
    fc.dictionary(key, tie('value'), { maxKeys: 8, noNullPrototype: true }),
  ),
}));
const documents = fc.array(fc.dictionary(key, value, { maxKeys: 8, noNullPrototype: true }), {
  maxLength: 5,
});

/** The documents alone: a section begins with its kind, its length, and the name of its field. */
function encoded(all: readonly object[], writer = new BsonWriter()): Buffer {
  return writer.encodeSection('f', all).subarray(1 + 4 + 'f\0'.length);
}

describe('documents as BSON', () => {
  it("are written to the byte as the driver's own serializer does", () => {
    fc.assert(
      fc.property(documents, (all) => {
        expect(encoded(all).equals(Buffer.concat(all.map((one) => BSON.serialize(one))))).toBe(true);
      }),
    );
  });

  it("stand in a command as the driver's own sequence has them", () => {
    fc.assert(
      fc.property(documents, (all) => {
        // Its length is only right once something was pushed; nothing is sent without a document.
        fc.pre(all.length > 0);
        const own = new DocumentSequence('documents', all);
        expect(new BsonWriter().encodeSection('documents', all).equals(own.toBin())).toBe(true);
      }),
    );
  });

  it("are read as the driver's own reader does", () => {
    fc.assert(
      fc.property(documents, (all) => {
        for (const document of all) {
          const bytes = Buffer.from(BSON.serialize(document));
          expect(readDocument(bytes)).toStrictEqual(BSON.deserialize(bytes));
        }
      }),
    );
  });

  it('leave undefined fields out, and keep their places in lists as null', () => {
    const bytes = encoded([{ a: undefined, b: [1, undefined, 2] }]);
    expect(readDocument(bytes)).toEqual({ b: [1, null, 2] });
  });

  it('keep large integers of 64 bits exact', () => {
    const large = mongo.Long.fromString('-9007199254740995');
    const bytes = Buffer.from(BSON.serialize({ large, small: mongo.Long.fromNumber(2 ** 40) }));
    expect(readDocument(bytes)).toEqual({ large, small: 2 ** 40 });
  });

  it('keep the moment of a snapshot', () => {
    const at = new mongo.Timestamp({ t: 4_000_000_000, i: 7 });
    const bytes = Buffer.from(BSON.serialize({ at }));
    expect(readDocument(bytes)).toEqual({ at });
  });

  it('grow beyond the first buffer', () => {
    const document = { list: Array.from({ length: 3_000 }, (_, at) => ({ name: 'x'.repeat(300), at })) };
    expect(readDocument(encoded([document]))).toEqual(document);
  });

  it('refuse what is not plain, and say which field', () => {
    const writer = new BsonWriter();
    expect(() => encoded([{ a: 1 }, { when: new Map() }], writer)).toThrow('when: a Map cannot be stored');
    expect(() => encoded([{ many: 1n }], writer)).toThrow('many: a bigint cannot be stored');
    expect(readDocument(encoded([{ whole: true }], writer))).toEqual({ whole: true });
  });

  it('are read by the driver where somebody wrote a type by hand that is never stored', () => {
    const written = { _id: 'a', free: mongo.Decimal128.fromString('3'), held: 2 };
    expect(readDocument(Buffer.from(BSON.serialize(written)))).toEqual(written);
  });
});
