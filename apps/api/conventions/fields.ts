/**
 * Fields of requests: each decorator says once what a field is, for the validation (with the remedy that a
 * mistake is answered with) and for the OpenAPI document.
 */

import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { ValidateBy, ValidateIf } from 'class-validator';
import { isDate, isId } from '@holdfast/contracts';

export interface FieldOptions {
  description: string;
  example?: unknown;
  /** may be left out */
  optional?: boolean;
  /** may be `null`, which means something else than leaving it out */
  nullable?: boolean;
}

interface Rule {
  name: string;
  test: (value: unknown) => boolean;
  problem: (value: unknown) => string;
  remedy: string;
}

/** One rule of a field. A value that is left out, or null where that is allowed, is not asked about. */
export function Field(options: FieldOptions, api: ApiPropertyOptions, rule: Rule): PropertyDecorator {
  const { name, test, problem, remedy } = rule;
  const { description, optional = false, nullable = false } = options;
  const absent = (value: unknown): boolean =>
    (optional && value === undefined) || (nullable && value === null);
  return applyDecorators(
    ApiProperty({
      ...api,
      description,
      required: !optional,
      ...(nullable && { nullable }),
      ...(options.example !== undefined && { example: options.example }),
    } as ApiPropertyOptions),
    ValidateIf((_, value) => !absent(value)),
    ValidateBy(
      { name, validator: { validate: test, defaultMessage: (args) => problem(args?.value) } },
      { context: { remedy: nullable ? `${remedy}, or null` : remedy } },
    ),
  );
}

/** A value as a message may show it. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : text.slice(0, 57) + '…';
}

function missingOr(problem: (value: unknown) => string): (value: unknown) => string {
  return (value) => (value === undefined ? 'is missing' : problem(value));
}

export function IdField(options: FieldOptions): PropertyDecorator {
  return Field(
    { example: 'rye-loaf', ...options },
    { type: String, minLength: 1, maxLength: 128 },
    {
      name: 'id',
      test: (value) => typeof value === 'string' && isId(value),
      problem: missingOr((value) => `${shown(value)} is not an id`),
      remedy: 'use 1 to 128 bytes of text without "/" or control characters, and not just "-"',
    },
  );
}

export function TextField(options: FieldOptions & { max: number; min?: number }): PropertyDecorator {
  const { max, min = 1 } = options;
  return Field(
    options,
    { type: String, minLength: min, maxLength: max },
    {
      name: 'text',
      test: (value) => typeof value === 'string' && value.trim().length >= min && value.length <= max,
      problem: missingOr((value) =>
        typeof value === 'string' ? `has ${value.length} characters` : `${shown(value)} is not text`,
      ),
      remedy: `use text of ${min} to ${max} characters`,
    },
  );
}

export function DateField(options: FieldOptions): PropertyDecorator {
  return Field(
    { example: '2026-12-24', ...options },
    { type: String, format: 'date' },
    {
      name: 'date',
      test: (value) => typeof value === 'string' && isDate(value),
      problem: missingOr((value) => `${shown(value)} is not a date`),
      remedy: 'use a day that exists, as YYYY-MM-DD',
    },
  );
}

export function FlagField(options: FieldOptions): PropertyDecorator {
  return Field(
    options,
    { type: Boolean },
    {
      name: 'flag',
      test: (value) => typeof value === 'boolean',
      problem: missingOr((value) => `${shown(value)} is neither true nor false`),
      remedy: 'use true or false',
    },
  );
}

export function WholeField(options: FieldOptions & { min: number; max: number }): PropertyDecorator {
  const { min, max } = options;
  return Field(
    options,
    { type: 'integer', minimum: min, maximum: max },
    {
      name: 'whole',
      test: (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
      problem: missingOr((value) => `${shown(value)} is not a whole number from ${min} to ${max}`),
      remedy: `use a whole number from ${min} to ${max}`,
    },
  );
}

export function AmountField(
  options: FieldOptions & { min: number; max: number; of: string },
): PropertyDecorator {
  const { min, max, of } = options;
  return Field(
    options,
    { type: Number, minimum: min, maximum: max },
    {
      name: 'amount',
      test: (value) => typeof value === 'number' && value >= min && value <= max,
      problem: missingOr((value) => `${shown(value)} is not a number of ${of}`),
      remedy: `use a number from ${min} to ${max}`,
    },
  );
}

export function ChoiceField<T extends string>(
  options: FieldOptions & { of: readonly T[] },
): PropertyDecorator {
  const { of: choices } = options;
  return Field(options, { enum: [...choices] } as ApiPropertyOptions, {
    name: 'choice',
    test: (value) => choices.includes(value as T),
    problem: missingOr((value) => `${shown(value)} is not one of them`),
    remedy: `use one of ${choices.join(', ')}`,
  });
}
