/** From what class-validator finds to problems that name each field with its remedy. */

import type { ValidationError, ValidationPipeOptions } from '@nestjs/common';
import type { InputProblem } from '@holdfast/store';
import { invalidInput } from './problem.js';

const MAX_PROBLEMS = 1_000;

export const VALIDATION: ValidationPipeOptions = {
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  stopAtFirstError: true,
  validationError: { target: false, value: false },
  exceptionFactory: (errors) => invalidInput(problemsOf(errors)),
};

export function problemsOf(errors: readonly ValidationError[]): InputProblem[] {
  const problems: InputProblem[] = [];
  for (const error of errors) collect(error, '', problems);
  return problems;
}

function collect(error: ValidationError, parent: string, problems: InputProblem[]): void {
  if (problems.length >= MAX_PROBLEMS) return;
  const field = fieldOf(parent, error.property);
  for (const [rule, message] of Object.entries(error.constraints ?? {})) {
    problems.push({ field, ...inWords(rule, message, remedyOf(error, rule)) });
  }
  for (const child of error.children ?? []) collect(child, field, problems);
}

function fieldOf(parent: string, property: string): string {
  if (/^\d+$/.test(property)) return `${parent}[${property}]`;
  return parent === '' ? (property ?? 'body') : `${parent}.${property}`;
}

function remedyOf(error: ValidationError, rule: string): string | undefined {
  const context: unknown = error.contexts?.[rule];
  if (typeof context !== 'object' || context === null || !('remedy' in context)) return undefined;
  return String(context.remedy);
}

function inWords(rule: string, message: string, remedy: string | undefined): Omit<InputProblem, 'field'> {
  switch (rule) {
    case 'whitelistValidation':
      return { problem: 'is not a field of this request', remedy: 'leave it away, or mend its name' };
    case 'nestedValidation':
      return { problem: 'is not of the right kind', remedy: 'use a JSON object, or a list of them' };
    case 'unknownValue':
      return { problem: 'is not an object', remedy: 'send a JSON object as the body' };
    default:
      return { problem: message, remedy: remedy ?? 'see /docs' };
  }
}
