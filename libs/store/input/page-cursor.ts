/** Where a page of a list ended, as opaque text that names the list it is of. */

import { InputFault } from './input-fault.js';

export interface Page<Item> {
  items: Item[];
  /** null: there is nothing more */
  nextCursor: string | null;
}

export type CursorPart = string | number;

export function encodeCursor(list: string, parts: readonly CursorPart[]): string {
  return Buffer.from(JSON.stringify([list, ...parts])).toString('base64url');
}

/**
 * @param kinds of the parts, in order
 * @throws InputFault when the text is no cursor of this list
 */
export function decodeCursor(
  list: string,
  kinds: readonly ('string' | 'number')[],
  cursor: string,
): CursorPart[] {
  const parts = partsOf(cursor);
  const fits =
    parts?.[0] === list &&
    parts.length === kinds.length + 1 &&
    kinds.every((kind, at) => typeof parts[at + 1] === kind);
  if (!parts || !fits) {
    const remedy =
      'give the nextCursor of the page before, with the same filters; leave it out for the first page';
    throw new InputFault([{ field: 'cursor', problem: 'is no cursor of this list', remedy }]);
  }
  return parts.slice(1) as CursorPart[];
}

function partsOf(cursor: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The page of the first `limit` of what was found, where one more than that was asked for. */
export function pageOf<Found, Item>(
  found: readonly Found[],
  limit: number,
  itemOf: (found: Found) => Item,
  cursorOf: (last: Found) => string,
): Page<Item> {
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = found.length > limit && last !== undefined ? cursorOf(last) : null;
  return { items: shown.map(itemOf), nextCursor };
}
