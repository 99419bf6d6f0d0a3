/** Values that programs stumble over, and ways to spoil what is right. */

import type { Random } from '../../apps/demo/traffic/random.js';

const STRINGS = [
  '',
  '-',
  ' ',
  '/',
  '..',
  '../../etc/passwd',
  '\u0000',
  '\n',
  '\ud800',
  '\ufeff',
  '\u202e',
  'é'.repeat(64),
  'x'.repeat(128),
  'x'.repeat(129),
  '💥'.repeat(33),
  '__proto__',
  'constructor',
  '$where',
  'a.b',
  '{"$gt":""}',
  "'; drop table orders; --",
  'NaN',
  'null',
  '1e999',
  '2026-02-30',
  '0000-00-00',
  '2026-12-01',
  '9999-12-31T23:59:59.999Z',
  '1970-01-01T00:00:00Z',
  '2026-12-01T09:00:00',
  '2026-12-01T09:00:00+99:00',
  'e-1',
  's0',
];
const NUMBERS = [0, -0, -1, 1, 0.5, 1e6, 1e6 + 1, 2 ** 31, -(2 ** 31), 2 ** 53, 1e21, 1e308, 5e-324];

/** Anything that JSON can say. */
export function oddValue(random: Random, depth = 0): unknown {
  switch (random.whole(0, depth > 3 ? 4 : 8)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
    case 3:
      return random.pick(STRINGS);
    case 4:
      return random.pick(NUMBERS);
    case 5:
      return Array.from({ length: random.whole(0, 4) }, () => oddValue(random, depth + 1));
    case 6:
      return { [random.pick(STRINGS)]: oddValue(random, depth + 1) };
    case 7:
      return { $gt: '' };
    default:
      return nested(random.whole(1, 60));
  }
}

export function oddString(random: Random): string {
  return random.pick(STRINGS);
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let at = 0; at < depth; at++) value = [value];
  return value;
}

/** The same with something in it changed, taken away or added; itself where there is nothing to change. */
export function spoiled(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null) return oddValue(random);
  if (Array.isArray(value)) {
    const items = [...(value as unknown[])];
    const at = random.whole(0, Math.max(0, items.length - 1));
    const how = random.whole(0, 3);
    if (how === 0) items.splice(at, 1);
    else if (how === 1) items.push(oddValue(random));
    else if (how === 2 && items.length > 0) items.push(items[at]);
    else items[at] = spoiled(items[at], random);
    return items;
  }
  const entries = Object.entries(value);
  const at = random.whole(0, Math.max(0, entries.length - 1));
  const [name, inner] = entries[at] ?? ['a', 1];
  switch (random.whole(0, 4)) {
    case 0:
      entries.splice(at, 1);
      break;
    case 1:
      entries[at] = [name, oddValue(random)];
      break;
    case 2:
      entries[at] = [oddString(random), inner];
      break;
    case 3:
      entries.push([oddString(random), oddValue(random)]);
      break;
    default:
      entries[at] = [name, spoiled(inner, random)];
  }
  return Object.fromEntries(entries);
}

/** The same bytes, some of them others. */
export function spoiledBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.whole(0, Math.max(0, bytes.length - 1));
  switch (random.whole(0, 4)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([
        bytes.subarray(0, at),
        randomBytes(random, random.whole(1, 8)),
        bytes.subarray(at),
      ]);
    case 2:
      return Buffer.concat([bytes, bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.whole(1, 4))]);
    default: {
      const copy = Buffer.from(bytes);
      for (let flips = random.whole(1, 3); flips > 0 && copy.length > 0; flips--) {
        const place = random.whole(0, copy.length - 1);
        copy[place] = (copy[place] ?? 0) ^ (1 << random.whole(0, 7));
      }
      return copy;
    }
  }
}

export function randomBytes(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) bytes[at] = random.whole(0, 255);
  return bytes;
}
