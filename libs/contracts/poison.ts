/**
 * Why a record cannot be read, for the dead letter's headers. The words name the place, the rule and the
 * remedy, and never what the record says: dead letters are read by more people than orders are.
 */

import type { ErrorObject } from 'ajv';
import { MAX_LINES } from './fields.js';
import type { ConsumedTopic } from './topics.js';

/** Classes of unreadable records, in the order in which they are looked for. */
export const POISON_CLASSES = [
  /** no value at all: a tombstone, or nothing but an empty buffer */
  'empty-value',
  'not-utf8',
  'not-json',
  'not-an-object',
  /** a required field is not there */
  'missing-field',
  /** a field is of the wrong type, or breaks its rule */
  'invalid-field',
] as const;
export type PoisonClass = (typeof POISON_CLASSES)[number];

export interface Poison {
  errorClass: PoisonClass;
  message: string;
}

export const EMPTY_VALUE: Poison = {
  errorClass: 'empty-value',
  message: 'The record has no value. Send the event as a JSON object.',
};
export const NOT_UTF8: Poison = {
  errorClass: 'not-utf8',
  message:
    'The value is not UTF-8. Send JSON text in UTF-8, uncompressed and without a schema registry prefix.',
};
export const NOT_JSON: Poison = {
  errorClass: 'not-json',
  message: 'The value is not one JSON text. Send a single, complete JSON object.',
};
export const NOT_AN_OBJECT: Poison = {
  errorClass: 'not-an-object',
  message: 'The value is JSON, but not an object. Send the event as a JSON object, one a record.',
};

const ID_RULE = 'must be a string of 1 to 128 UTF-8 bytes without control characters or "/", and not "-"';

const RULES: Record<string, string> = {
  occurredAt:
    'must be a time that exists, ISO 8601 with an offset and a year from 1970 to 9998, e.g. 2026-03-14T09:26:53Z',
  fulfillmentDate:
    'must be a date that exists, YYYY-MM-DD, e.g. 2026-03-20; leave it out where there is none',
  quantity: 'must be a whole number from 1 to 1,000,000, as a JSON number',
  lines: `must be a list of 1 to ${MAX_LINES} lines; split what is larger into several`,
  restock: 'must be true or false, as a JSON boolean',
  reason: 'must be a string',
};

const REFUND_LINES_RULE = `must be a list of 1 to ${MAX_LINES} lines; leave it out to refund every unit of the order`;

/** @param error the first mistake that the schema found */
export function poisonOf(topic: ConsumedTopic, error: ErrorObject | undefined): Poison {
  const pointer = error?.instancePath ?? '';
  if (error?.keyword === 'required') {
    const missing = `${pointer}/${String(error.params['missingProperty'])}`;
    return { errorClass: 'missing-field', message: `${missing} is missing; it ${ruleOf(topic, missing)}.` };
  }
  if (pointer === '') return NOT_AN_OBJECT;
  return { errorClass: 'invalid-field', message: `${pointer} ${ruleOf(topic, pointer)}.` };
}

function ruleOf(topic: ConsumedTopic, pointer: string): string {
  const name = pointer.slice(pointer.lastIndexOf('/') + 1);
  if (/^\d+$/.test(name)) return 'must be an object, one line of the order';
  if (name === 'lines' && topic === 'OrderRefunded') return REFUND_LINES_RULE;
  return RULES[name] ?? ID_RULE;
}
