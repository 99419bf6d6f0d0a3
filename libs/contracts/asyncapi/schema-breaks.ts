/**
 * What of a changed schema breaks a promise that the released one made. There are two promises:
 *
 * - `accepted`, of what others publish: everything that was accepted still is, and still means something;
 * - `published`, of what we publish: everything that we send is as was said, and nothing that was said is missing.
 *
 * So the first may only become wider and the second only narrower. What this does not understand counts as broken.
 */

import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema } from './types.js';

export type Promised = 'accepted' | 'published';

/** One line: what is wrong at which place of the message, and for whom. */
export type Break = string;

interface Place {
  promised: Promised;
  /** as in `/lines/[]/quantity`; empty for the whole message */
  path: string;
}

type Rule = (released: JsonSchema, current: JsonSchema, place: Place) => Break[];

export function schemaBreaks(
  released: JsonSchema,
  current: JsonSchema,
  promised: Promised,
  path = '',
): Break[] {
  const place = { promised, path };
  return RULES.flatMap((rule) => rule(released, current, place));
}

const ANNOTATIONS = new Set(['$schema', '$id', 'title', 'description', 'examples', 'default', 'deprecated']);
const UNDERSTOOD = new Set(['type', 'properties', 'required', 'items', 'enum', 'const']);
const LOWER = ['minimum', 'minLength', 'minItems'] as const;
const UPPER = ['maximum', 'maxLength', 'maxItems'] as const;
const TEXT_RULES = ['pattern', 'format'] as const;
const COMPARED = new Set<string>([...LOWER, ...UPPER, ...TEXT_RULES]);

const RULES: readonly Rule[] = [types, fields, items, values, bounds, textRules, others];

function types(released: JsonSchema, current: JsonSchema, { promised, path }: Place): Break[] {
  const before = typesOf(released);
  const after = typesOf(current);
  const [narrow, wide] = promised === 'accepted' ? [before, after] : [after, before];
  if (contains(wide, narrow)) return [];
  const change = `is ${named(after)}, was ${named(before)}`;
  const whom = promised === 'accepted' ? 'what was accepted is refused' : 'readers may not know it';
  return [`${where(path)} ${change}: ${whom}`];
}

/** undefined: any */
function typesOf({ type }: JsonSchema): string[] | undefined {
  return type === undefined ? undefined : [type as string | string[]].flat();
}

function contains(wide: string[] | undefined, narrow: string[] | undefined): boolean {
  if (wide === undefined) return true;
  if (narrow === undefined) return false;
  return narrow.every((type) => wide.includes(type) || (type === 'integer' && wide.includes('number')));
}

function fields(released: JsonSchema, current: JsonSchema, { promised, path }: Place): Break[] {
  const before = propertiesOf(released);
  const after = propertiesOf(current);
  const needed = { before: requiredOf(released), after: requiredOf(current) };
  const found: Break[] = [];
  for (const [name, schema] of Object.entries(before)) {
    const own = `${path}/${name}`;
    const now = after[name];
    if (!now) {
      const whom = promised === 'accepted' ? 'senders still send it' : 'readers still look for it';
      found.push(`${own} is gone: ${whom}`);
    } else found.push(...schemaBreaks(schema, now, promised, own));
  }
  if (promised === 'accepted') {
    for (const name of needed.after.filter((field) => !needed.before.includes(field))) {
      const what = name in before ? 'is required, was optional' : 'is new and required';
      found.push(`${path}/${name} ${what}: who does not send it is refused`);
    }
  } else {
    // One that is gone was named already.
    const kept = needed.before.filter((name) => !(name in before) || name in after);
    for (const name of kept.filter((field) => !needed.after.includes(field))) {
      found.push(`${path}/${name} is optional, was required: readers rely on it`);
    }
  }
  return found;
}

function propertiesOf({ properties }: JsonSchema): Record<string, JsonSchema> {
  return (properties ?? {}) as Record<string, JsonSchema>;
}

function requiredOf({ required }: JsonSchema): string[] {
  return (required ?? []) as string[];
}

function items(released: JsonSchema, current: JsonSchema, { promised, path }: Place): Break[] {
  const [before, after] = [released['items'], current['items']] as (JsonSchema | undefined)[];
  if (before === undefined && after === undefined) return [];
  return schemaBreaks(before ?? {}, after ?? {}, promised, `${path}/[]`);
}

/** `enum`, and `const` as an enum of one. */
function values(released: JsonSchema, current: JsonSchema, { promised, path }: Place): Break[] {
  const before = valuesOf(released);
  const after = valuesOf(current);
  const at = where(path);
  if (before === undefined) {
    const narrower = after !== undefined && promised === 'accepted';
    return narrower
      ? [`${at} only takes ${listed(after)}, took any value: what was accepted is refused`]
      : [];
  }
  if (after === undefined)
    return promised === 'accepted'
      ? []
      : [`${at} may be any value, was one of ${listed(before)}: readers may not know it`];
  const gone = before.filter((value) => !after.includes(value));
  const added = after.filter((value) => !before.includes(value));
  const found: Break[] = [];
  if (gone.length > 0) {
    const whom = promised === 'accepted' ? 'what was accepted is refused' : 'readers wait for it in vain';
    found.push(`${at} no longer has ${listed(gone)}: ${whom}`);
  }
  if (added.length > 0 && promised === 'published')
    found.push(`${at} now has ${listed(added)}: readers who check it, or handle each, do not know it`);
  return found;
}

function valuesOf(schema: JsonSchema): unknown[] | undefined {
  if ('const' in schema) return [schema['const']];
  return schema['enum'] as unknown[] | undefined;
}

function bounds(released: JsonSchema, current: JsonSchema, { promised, path }: Place): Break[] {
  const whom =
    promised === 'accepted'
      ? 'what was accepted is refused'
      : 'readers who made room for no more do not take it';
  const check = (keyword: string, sign: 1 | -1): Break[] => {
    const open = -Infinity * sign;
    const before = (released[keyword] ?? open) as number;
    const after = (current[keyword] ?? open) as number;
    const narrower = sign * (after - before) > 0;
    const broken = after !== before && narrower === (promised === 'accepted');
    return broken ? [`${where(path)} ${keyword} is ${shown(after)}, was ${shown(before)}: ${whom}`] : [];
  };
  return [
    ...LOWER.flatMap((keyword) => check(keyword, 1)),
    ...UPPER.flatMap((keyword) => check(keyword, -1)),
  ];
}

/** Which of two patterns or formats is the wider one is not looked into: any change but to or from none breaks. */
function textRules(released: JsonSchema, current: JsonSchema, { promised, path }: Place): Break[] {
  return TEXT_RULES.flatMap((keyword) => {
    const before = released[keyword];
    const after = current[keyword];
    const harmless = promised === 'accepted' ? after === undefined : before === undefined;
    if (before === after || harmless) return [];
    const whom =
      promised === 'accepted' ? 'what was accepted may be refused' : 'readers who check it may not take it';
    return [`${where(path)} ${keyword} is ${shown(after)}, was ${shown(before)}: ${whom}`];
  });
}

function others(released: JsonSchema, current: JsonSchema, { path }: Place): Break[] {
  const keywords = new Set([...Object.keys(released), ...Object.keys(current)]);
  return [...keywords]
    .filter((keyword) => !ANNOTATIONS.has(keyword) && !UNDERSTOOD.has(keyword) && !COMPARED.has(keyword))
    .filter((keyword) => !isDeepStrictEqual(released[keyword], current[keyword]))
    .map((keyword) => `${where(path)} ${keyword} has changed, which cannot be judged here`);
}

function where(path: string): string {
  return path === '' ? 'the message' : path;
}

function named(types: string[] | undefined): string {
  return types === undefined ? 'anything' : types.join(' or ');
}

function listed(all: readonly unknown[]): string {
  return all.map((value) => JSON.stringify(value)).join(', ');
}

function shown(value: unknown): string {
  if (value === undefined || value === Infinity || value === -Infinity) return 'none';
  return JSON.stringify(value);
}
