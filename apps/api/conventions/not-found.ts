/** What no route and no file answers, also beside `/v1`: a problem like any other. Comes after everything else. */

import type { NextFunction, Request, Response } from 'express';
import { ApiProblem, problemBody, problemFrom } from './problem.js';
import { requestIdOf } from './request-id.js';

export function notFound(_request: Request, response: Response): void {
  answer(new ApiProblem(404, 'not-found', 'There is nothing here; /docs lists what there is.'), response);
}

/** What went wrong on the way, before a route was found: a path that cannot be decoded, as a rule. */
export function notReached(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) return next(error);
  answer(problemFrom(error) ?? pathProblem(error), response);
}

function pathProblem(error: unknown): ApiProblem {
  const status = Number((error as { status?: unknown }).status);
  if (status >= 400 && status < 500)
    return new ApiProblem(
      status,
      'bad-request',
      'The request is not well-formed; encode what stands in its path.',
    );
  return new ApiProblem(500, 'unexpected', 'Something went wrong here; tell the operator the request id.');
}

function answer(problem: ApiProblem, response: Response): void {
  response.status(problem.status).type('application/problem+json');
  response.send(JSON.stringify(problemBody(problem, requestIdOf(response))));
}
