/**
 * What the messages' fields are made of.
 *
 * `format` names one of our own checks (text.ts), which decide; `pattern` and lengths say the same, as far as
 * JSON Schema can, to readers and to other validators. See validator.ts and json-schema.ts for who uses which.
 */

import Type from 'typebox';

export const MAX_LINES = 500;
export const MAX_LINE_QUANTITY = 1_000_000;

const ID_PATTERN = '^(?!-$)[^/\\u0000-\\u001f\\u007f-\\u009f]+$';
const DATE_PATTERN = '^\\d{4}-\\d{2}-\\d{2}$';
const TIME_PATTERN = '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})$';
const UTC_PATTERN = '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$';

const ID_RULE = '1 to 128 UTF-8 bytes, no control characters, no "/", and not "-"';
const ID = { format: 'holdfast-id', minLength: 1, maxLength: 128, pattern: ID_PATTERN };
const DATE = { format: 'date', pattern: DATE_PATTERN };

/** An absent field may also be sent as null: many serializers know no other way. */
const OR_NULL = ' May be left out or null.';

export function id(description: string, example: string) {
  return Type.String({ ...ID, description: `${description} (${ID_RULE}).`, examples: [example] });
}

export function optionalId(description: string, example: string) {
  return Type.Optional(
    Type.Unsafe<string | null>({
      type: ['string', 'null'],
      ...ID,
      description: `${description} (${ID_RULE}).${OR_NULL}`,
      examples: [example],
    }),
  );
}

/** A time in a message of others: any offset, seconds and fraction may be missing. */
export function time(description: string) {
  return Type.String({
    format: 'holdfast-time',
    maxLength: 48,
    pattern: TIME_PATTERN,
    description: `${description} ISO 8601 with an offset: Z or ±hh:mm; years 1970 to 9998.`,
    examples: ['2026-03-14T09:26:53.589+01:00'],
  });
}

/** A time in a message of ours: always UTC with milliseconds. */
export function utc(description: string) {
  return Type.String({
    format: 'date-time',
    pattern: UTC_PATTERN,
    description: `${description} ISO 8601 in UTC, with milliseconds.`,
    examples: ['2026-03-14T08:26:53.589Z'],
  });
}

export function date(description: string) {
  return Type.String({
    ...DATE,
    description: `${description} YYYY-MM-DD in the store's time zone.`,
    examples: ['2026-03-20'],
  });
}

function optionalDate(description: string) {
  return Type.Optional(
    Type.Unsafe<string | null>({
      type: ['string', 'null'],
      ...DATE,
      description: `${description} YYYY-MM-DD in the store's time zone.${OR_NULL}`,
      examples: ['2026-03-20'],
    }),
  );
}

export function optionalFlag(description: string) {
  return Type.Optional(
    Type.Unsafe<boolean | null>({
      type: ['boolean', 'null'],
      description: description + OR_NULL,
      examples: [true],
    }),
  );
}

export function optionalText(description: string, example: string) {
  return Type.Optional(
    Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: description + OR_NULL,
      examples: [example],
    }),
  );
}

/** Free text, or a value of another program's that we hand on. */
export function text(description: string, example: string) {
  return Type.String({ minLength: 1, description, examples: [example] });
}

export function whole(description: string, example: number, minimum?: number, maximum?: number) {
  return Type.Integer({
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    description,
    examples: [example],
  });
}

const quantity = () => whole('Units.', 2, 1, MAX_LINE_QUANTITY);

/** Lines as others send them. */
function inputLine(what: string) {
  return Type.Object(
    {
      productId: id('The product', 'mug'),
      variantId: optionalId('The variant', 'blue'),
      fulfillmentDate: optionalDate('The date for which it is ordered.'),
      quantity: quantity(),
    },
    { description: what },
  );
}

const LINES_SHAPE = { minItems: 1, maxItems: MAX_LINES };

export function inputLines(description: string) {
  return Type.Array(inputLine('One line of an order.'), { ...LINES_SHAPE, description });
}

export function optionalInputLines(description: string) {
  const line = inputLine('One line of the refund.');
  return Type.Optional(
    Type.Unsafe<Type.Static<typeof line>[] | null>({
      type: ['array', 'null'],
      items: line,
      ...LINES_SHAPE,
      description: description + OR_NULL,
    }),
  );
}

/** Lines as we send them: what does not apply is left out. */
export function lines(description: string) {
  const line = Type.Object({
    productId: id('The product', 'mug'),
    variantId: Type.Optional(id('The variant', 'blue')),
    fulfillmentDate: Type.Optional(date('The date for which it was ordered.')),
    quantity: quantity(),
  });
  return Type.Array(line, { ...LINES_SHAPE, description });
}
