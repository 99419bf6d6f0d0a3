/**
 * The documents of docs/schemas read as another program would: by a plain validator that knows nothing of
 * ours. What we send has to pass it, and what it passes of others' messages, we have to read.
 */

import { Ajv2020 } from 'ajv/dist/2020.js';
import { MESSAGE_NAMES, schemaDocument, type MessageName } from '../json-schema.js';

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
ajv.addFormat('date', (text) => isMoment(`${text}T00:00:00Z`));
ajv.addFormat('date-time', isMoment);

function isMoment(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === text.slice(0, 10);
}

const validators = new Map(MESSAGE_NAMES.map((name) => [name, ajv.compile(schemaDocument(name))]));

/** What is wrong with a message, as text; empty when nothing is. */
export function mistakesOf(name: MessageName, message: unknown): string[] {
  const validate = validators.get(name);
  if (!validate) throw new Error(`no schema for ${name}`);
  validate(message);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}
