/** Lists and objects within a request, each of its parts validated as the class says. */

import { applyDecorators } from '@nestjs/common';
import type { ApiPropertyOptions } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ValidateNested } from 'class-validator';
import { Field, shown, type FieldOptions } from './fields.js';

type Class = new () => object;

export interface PartsOptions extends FieldOptions {
  of: () => Class;
  min?: number;
  max: number;
}

export function ListField({ of, min = 1, max, ...options }: PartsOptions): PropertyDecorator {
  return applyDecorators(
    Type(of),
    Field(options, { type: of, isArray: true, minItems: min, maxItems: max } as ApiPropertyOptions, {
      name: 'list',
      // Of an entry that is a list, only what is in it would be validated.
      test: (value) =>
        Array.isArray(value) && value.length >= min && value.length <= max && !value.some(Array.isArray),
      problem: (value) => {
        if (!Array.isArray(value)) return `${shown(value)} is not a list`;
        const at = value.findIndex(Array.isArray);
        return at >= 0 ? `entry ${at} is a list` : `has ${value.length} entries`;
      },
      remedy: `use a list of ${min} to ${max} objects`,
    }),
    ValidateNested({ each: true }),
  );
}

export function ObjectField({ of, ...options }: FieldOptions & { of: () => Class }): PropertyDecorator {
  return applyDecorators(
    Type(of),
    Field(options, { type: of } as ApiPropertyOptions, {
      name: 'object',
      test: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      problem: (value) => (value === undefined ? 'is missing' : `${shown(value)} is not an object`),
      remedy: 'use a JSON object',
    }),
    ValidateNested(),
  );
}

export interface ItemsOptions extends FieldOptions {
  test: (item: unknown) => boolean;
  api: ApiPropertyOptions;
  /** what an item that fails is not, e.g. `an id` */
  kind: string;
  remedy: string;
  max: number;
}

/** A list of plain values. */
export function ItemsField({ test, api, kind, remedy, max, ...options }: ItemsOptions): PropertyDecorator {
  return Field(options, { ...api, isArray: true, minItems: 1, maxItems: max } as ApiPropertyOptions, {
    name: 'items',
    test: (value) => Array.isArray(value) && value.length >= 1 && value.length <= max && value.every(test),
    problem: (value) => {
      if (!Array.isArray(value)) return `${shown(value)} is not a list`;
      if (value.length < 1 || value.length > max) return `has ${value.length} entries`;
      const at = value.findIndex((item) => !test(item));
      return `entry ${at}, ${shown(value[at])}, is not ${kind}`;
    },
    remedy: `${remedy}; at most ${max} of them`,
  });
}
