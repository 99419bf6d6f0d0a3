/** One request to the API; what goes wrong is a Problem that says what to do. */

import type { ProblemBody } from './types.js';

export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    /** 0 = no answer came */
    readonly status: number,
    readonly body: ProblemBody,
    /** no answer came to something that changes numbers or settings */
    readonly isUncertain = false,
  ) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
  }
}

/** Whether it may have been done all the same, or is being done just now. */
export function isUnanswered(error: unknown): boolean {
  if (!(error instanceof Problem)) return false;
  return error.status === 0 || error.status >= 500 || error.body.code === 'idempotency-in-progress';
}

/** Told to the window when the session has ended. */
export const SIGNED_OUT = 'holdfast:signed-out';

export interface CallOptions {
  body?: unknown;
  signal?: AbortSignal;
  /** names what is sent, so that it is done once however often it is sent; a new one each time unless given */
  id?: string;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** @throws Problem */
export async function call<Answer>(method: Method, path: string, options: CallOptions = {}): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json, application/problem+json' };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  const isSession = path.startsWith('/session');
  if (method !== 'GET') {
    // A form of another site cannot send this header, so that it cannot write with this session's cookie.
    headers['x-holdfast-request'] = '1';
    if (!isSession) headers['idempotency-key'] = options.id ?? crypto.randomUUID();
  }
  let response: Response;
  let text: string;
  try {
    response = await fetch(`/v1${path}`, {
      method,
      headers,
      credentials: 'same-origin',
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      ...(options.signal && { signal: options.signal }),
    });
    text = await response.text();
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Problem(0, {}, method !== 'GET' && !isSession);
  }
  const body: unknown = text === '' ? undefined : jsonOf(text);
  if (response.status === 401 && !isSession) window.dispatchEvent(new Event(SIGNED_OUT));
  if (!response.ok) throw new Problem(response.status, (body ?? {}) as ProblemBody);
  return body as Answer;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** `?a=1&b=2`, without what is undefined. */
export function query(values: Record<string, string | readonly string[] | undefined | null>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string') search.append(name, value);
    else for (const one of value ?? []) search.append(name, one);
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
