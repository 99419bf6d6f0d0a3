import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ApiProblem, DAMAGED, problemBody, problemFrom } from './problem.js';
import { requestIdOf } from './request-id.js';

/** Whatever is thrown becomes a problem; what is a fault of ours is logged, and told without its inside. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log = new Logger('api');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const requestId = requestIdOf(response);
    const request = http.getRequest<Request>();
    const problem = problemFrom(error) ?? this.#unexpected(error, request, requestId);
    if (problem.code === DAMAGED) {
      this.#log.error(`${request.method} ${request.path} (request ${requestId}): ${problem.message}`);
    }
    // Begun already, as a stream is: all that is left is to end it.
    if (response.headersSent) {
      response.destroy();
      return;
    }
    for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value);
    response.status(problem.status).type('application/problem+json');
    response.send(JSON.stringify(problemBody(problem, requestId)));
  }

  #unexpected(error: unknown, request: Request, requestId: string): ApiProblem {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#log.error(`${request.method} ${request.path} (request ${requestId}): ${what}`);
    const detail = `Something went wrong here; tell the operator the request id ${requestId}.`;
    return new ApiProblem(500, 'unexpected', detail);
  }
}
