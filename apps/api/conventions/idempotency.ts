/**
 * Writes with an `Idempotency-Key`: done once, answered as often as they are asked. Refusals that nothing came of
 * leave the key free for another attempt.
 */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Response } from 'express';
import { catchError, from, mergeMap, type Observable } from 'rxjs';
import {
  beginRequest,
  forgetRequest,
  keepAnswer,
  LOCK_MS,
  releaseRequest,
  type Database,
  type KeptAnswer,
  type LockedRequest,
} from '@holdfast/store';
import type { SignedRequest } from '../access/principal.js';
import { DATABASE } from '../database/database.module.js';
import { ApiProblem, invalidInput, problemBody, problemFrom, type Problem } from './problem.js';

const HEADER = 'Idempotency-Key';
const REPLAYED = 'Idempotency-Replayed';
const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const KEY = /^[\x20-\x7e]{1,128}$/;
/** Nothing was done: the same key may come with a mended request. */
const UNDONE = new Set([400, 401, 403, 404, 413, 415, 429]);

const RELEASE_AGAIN_MS = 500;

const seeds = new WeakMap<object, string>();

/** An id for what the request makes; the same one when the request is sent again with its `Idempotency-Key`. */
export function madeUpId(request: object, prefix: string): string {
  return `${prefix}-${seeds.get(request) ?? randomUUID()}`;
}

@Injectable()
export class Idempotency implements NestInterceptor {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<SignedRequest>();
    const key = request.get(HEADER);
    // Without a principal it is a sign-in, which is not to be repeated for whoever knows a header.
    if (key === undefined || !WRITES.has(request.method) || !request.principal) return next.handle();
    if (!KEY.test(key)) {
      const remedy = 'use 1 to 128 printable ASCII characters';
      throw invalidInput([{ field: HEADER, problem: 'is not a key', remedy }]);
    }
    const asked: LockedRequest = {
      caller: request.principal.keyId,
      key,
      content: [request.method, request.originalUrl, JSON.stringify(request.body ?? null)],
      seed: randomUUID(),
    };
    const response = http.getResponse<Response>();
    return from(beginRequest(this.database, asked)).pipe(
      catchError((error: unknown) => {
        // It may have begun all the same.
        void this.#release(asked);
        throw error;
      }),
      mergeMap((begun) => {
        switch (begun.kind) {
          case 'go':
            seeds.set(request, begun.seed);
            return this.#first({ ...asked, seed: begun.seed }, next, response);
          case 'answered':
            return from(replayed(begun.answer, response));
          case 'other-request': {
            const detail = `This ${HEADER} came with another request before; use a new one for each.`;
            throw new ApiProblem(422, 'idempotency-key-reused', detail);
          }
          case 'under-way': {
            const detail = 'The same request is still under way; send it again in a second.';
            throw new ApiProblem(409, 'idempotency-in-progress', detail, {}, { 'Retry-After': '1' });
          }
        }
      }),
    );
  }

  #first(asked: LockedRequest, next: CallHandler, response: Response): Observable<unknown> {
    return next.handle().pipe(
      mergeMap(async (body: unknown) => {
        await keepAnswer(this.database, asked, await kept(response.statusCode, 'application/json', body));
        return body;
      }),
      catchError(async (error: unknown) => {
        await this.#failed(asked, problemFrom(error)).catch(() => void this.#release(asked));
        throw error;
      }),
    );
  }

  async #failed(asked: LockedRequest, problem: ApiProblem | undefined): Promise<void> {
    // Away, or a fault of ours: a part may be done.
    if (problem?.status === 503) return void this.#release(asked);
    if (!problem || problem.status >= 500) return releaseRequest(this.database, asked);
    if (UNDONE.has(problem.status)) return forgetRequest(this.database, asked);
    const answer = await kept(problem.status, 'application/problem+json', problemBody(problem, ''));
    await keepAnswer(this.database, asked, answer);
  }

  /**
   * Nobody waits for it, and it is tried until the lock would lapse by itself: who sends the request again is not to
   * wait so long once the database is back. Never rejects.
   */
  async #release(asked: LockedRequest): Promise<void> {
    for (
      const give = Date.now() + LOCK_MS;
      Date.now() < give;
      await delay(RELEASE_AGAIN_MS, undefined, { ref: false })
    ) {
      try {
        return await releaseRequest(this.database, asked);
      } catch {
        // Away, still.
      }
    }
  }
}

async function kept(status: number, type: string, body: unknown): Promise<KeptAnswer> {
  return { status, type, body: await promisify(gzip)(JSON.stringify(body ?? null)) };
}

async function replayed(answer: KeptAnswer, response: Response): Promise<unknown> {
  const body: unknown = JSON.parse((await promisify(gunzip)(answer.body)).toString());
  if (answer.status >= 400) {
    const { status, code, detail, type: _, title: _t, requestId: _r, ...extensions } = body as Problem;
    throw new ApiProblem(status, code, detail, extensions, { [REPLAYED]: 'true' });
  }
  response.setHeader(REPLAYED, 'true');
  return body;
}
