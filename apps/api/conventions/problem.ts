/** What goes wrong, as RFC 9457 says it: one shape, whatever threw it. */

import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { ContentFault, GuardFault, TransientFault } from '@holdfast/core';
import { DamagedFault, faultOf, InputFault, type InputProblem } from '@holdfast/store';

/** Field errors that one answer names; more are counted. */
const MAX_ERRORS = 100;

export interface FieldError {
  /** JSON pointer into the body, e.g. `/cells/3/quantity`; of a query or path parameter, `/<name>` */
  pointer: string;
  /** the same as people write it, e.g. `cells[3].quantity` */
  field: string;
  problem: string;
  /** what to give instead */
  remedy: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  requestId: string;
  errors?: FieldError[];
  [extension: string]: unknown;
}

/** A refusal that the caller is to see. */
export class ApiProblem extends Error {
  override name = 'ApiProblem';
  constructor(
    readonly status: number,
    /** kebab-case, for programs; part of what the API promises */
    readonly code: string,
    detail: string,
    readonly extensions: Record<string, unknown> = {},
    readonly headers: Record<string, string> = {},
  ) {
    super(detail);
  }
}

export function notFound(what: string): ApiProblem {
  return new ApiProblem(404, 'not-found', `There is no ${what}.`);
}

/** What is stored is not what it should be: told with its remedy, and logged. */
export const DAMAGED = 'damaged-document';

/** @returns undefined when the error is a fault of ours */
export function problemFrom(thrown: unknown): ApiProblem | undefined {
  const error = faultOf(thrown);
  if (error instanceof ApiProblem) return error;
  if (error instanceof InputFault) return invalidInput(error.problems);
  if (error instanceof TransientFault) {
    const detail = 'The database does not answer; send the same request again in a moment.';
    return new ApiProblem(503, 'database-away', detail, {}, { 'Retry-After': '1' });
  }
  if (error instanceof DamagedFault) {
    return new ApiProblem(500, DAMAGED, error.message, { subject: error.subject });
  }
  if (error instanceof GuardFault) return new ApiProblem(500, DAMAGED, error.message);
  if (error instanceof ContentFault) return new ApiProblem(413, error.errorClass, error.message);
  if (error instanceof HttpException) return fromHttp(error.getStatus(), error.message);
  return fromBodyParser(error);
}

export function invalidInput(problems: readonly InputProblem[]): ApiProblem {
  const errors = problems.slice(0, MAX_ERRORS).map((each) => ({ pointer: pointerOf(each.field), ...each }));
  const fields = problems.length === 1 ? 'One field is wrong' : `${problems.length} fields are wrong`;
  const first = problems[0];
  const detail = first
    ? `${fields}; nothing was changed. ${first.field}: ${first.problem}; ${first.remedy}.`
    : `${fields}; nothing was changed.`;
  return new ApiProblem(400, 'invalid-input', detail, { errors });
}

/** `cells[3].quantity` → `/cells/3/quantity` */
export function pointerOf(field: string): string {
  const parts = field.split(/[.[\]]+/).filter((part) => part !== '');
  return parts.map((part) => '/' + part.replaceAll('~', '~0').replaceAll('/', '~1')).join('');
}

const CODES: Record<number, string> = {
  400: 'bad-request',
  401: 'not-signed-in',
  403: 'not-allowed',
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'body-too-large',
  415: 'not-json',
};

function fromHttp(status: number, message: string): ApiProblem {
  if (status === 404) {
    return new ApiProblem(404, 'not-found', 'There is nothing here; /docs lists what there is.');
  }
  // What cannot be parsed at all; the parser's message may quote the body, so it stays here.
  if (status === 400 && message.startsWith('Failed to decode')) {
    return new ApiProblem(400, 'bad-request', 'The path is not well-formed; encode what stands in it.');
  }
  if (status === 400)
    return new ApiProblem(400, 'malformed-json', 'The body is no JSON object; nothing was changed.');
  return new ApiProblem(status, CODES[status] ?? 'refused', message);
}

/** The body parser's errors carry a status and a type; their messages may quote the body. */
function fromBodyParser(error: unknown): ApiProblem | undefined {
  if (!(error instanceof Error) || !('type' in error) || !('status' in error)) return undefined;
  switch (error.type) {
    case 'entity.too.large':
      return new ApiProblem(
        413,
        'body-too-large',
        'The body has more than 4 MB; send it in several requests.',
      );
    case 'entity.parse.failed':
      return new ApiProblem(400, 'malformed-json', 'The body is no JSON object; nothing was changed.');
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new ApiProblem(415, 'not-json', 'The body has to be JSON in UTF-8.');
    default: {
      const status = Number(error.status);
      if (!(status >= 400 && status < 500)) return undefined;
      return new ApiProblem(status, 'bad-request', 'The body could not be read; send it again.');
    }
  }
}

export function problemBody({ status, code, message, extensions }: ApiProblem, requestId: string): Problem {
  return {
    type: `urn:holdfast:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Refused',
    status,
    detail: message,
    code,
    requestId,
    ...extensions,
  };
}
