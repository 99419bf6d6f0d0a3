/** Fields of query strings, where everything arrives as text, and a name given twice as a list. */

import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { isDate, isId } from '@holdfast/contracts';
import { Field, shown, TextField, WholeField, type FieldOptions } from './fields.js';

export function QueryWhole(options: FieldOptions & { min: number; max: number }): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value,
    ),
    WholeField(options),
  );
}

export interface ListOptions extends FieldOptions {
  /** of one item */
  test: (item: string) => boolean;
  /** what an item that fails is not, e.g. `an id` */
  kind: string;
  remedy: string;
  max: number;
}

/** `a,b`, or the name given once for each: the latter is for items with a comma of their own. */
export function QueryList({ test, kind, remedy, max, ...options }: ListOptions): PropertyDecorator {
  const wrong = (value: unknown): unknown =>
    Array.isArray(value) ? value.find((item) => typeof item !== 'string' || !test(item)) : value;
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value)),
    Field(
      options,
      { type: String, isArray: true },
      {
        name: 'list',
        test: (value) =>
          Array.isArray(value) &&
          value.length <= max &&
          value.every((item) => typeof item === 'string' && test(item)),
        problem: (value) => {
          if (value === undefined) return 'is missing';
          if (Array.isArray(value) && value.length > max) return `has ${value.length} items`;
          return `${shown(wrong(value))} is not ${kind}`;
        },
        remedy: `${remedy}; at most ${max}, with commas between`,
      },
    ),
  );
}

const MAX_LISTED = 2_000;

export function QueryIds(options: FieldOptions): PropertyDecorator {
  const remedy = 'use ids of 1 to 128 bytes without "/" or control characters';
  return QueryList({ ...options, test: isId, kind: 'an id', remedy, max: MAX_LISTED });
}

/** Ids, or `-` for none. */
export function QueryIdsOrNone(options: FieldOptions): PropertyDecorator {
  const remedy = 'use ids of 1 to 128 bytes without "/" or control characters, or - for none';
  const test = (item: string): boolean => item === '-' || isId(item);
  return QueryList({ ...options, test, kind: 'an id', remedy, max: MAX_LISTED });
}

export function QueryDates(options: FieldOptions): PropertyDecorator {
  const remedy = 'use days that exist, as YYYY-MM-DD';
  return QueryList({ ...options, test: isDate, kind: 'a date', remedy, max: MAX_LISTED });
}

export const DEFAULT_LIMIT = 50;

/** What every list is asked with. */
export class PageQuery {
  @QueryWhole({ description: 'items of one page; 50 unless given', optional: true, min: 1, max: 200 })
  limit: number = DEFAULT_LIMIT;

  @TextField({ description: 'the nextCursor of the page before', optional: true, max: 1_000 })
  cursor?: string;
}

/** For the reads of libs/store, which tell an absent cursor by its absence. */
export function pageOfQuery({ limit, cursor }: PageQuery): { limit: number; cursor?: string } {
  return cursor === undefined ? { limit } : { limit, cursor };
}
