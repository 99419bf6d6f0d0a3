/** What a request may bring. */

import type { NextFunction, Request, Response } from 'express';
import { ApiProblem } from './problem.js';

export const MAX_BODY = '4mb';

/** Another kind of body would be passed over in silence, and the request done as if it had none. */
export function bodyMustBeJson(request: Request, _response: Response, next: NextFunction): void {
  const length = request.headers['content-length'];
  const hasBody = (length !== undefined && length !== '0') || 'transfer-encoding' in request.headers;
  if (!hasBody || request.is('application/json') !== false) return next();
  next(
    new ApiProblem(415, 'not-json', 'The body has to be JSON; send it with Content-Type: application/json.'),
  );
}
