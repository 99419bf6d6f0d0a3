/** What went wrong and what to do about it, for people. */

import { strings } from '../strings.js';
import { Problem } from './client.js';
import type { ProblemBody } from './types.js';

export interface ProblemText {
  title: string;
  /** one a field or number */
  lines: string[];
}

const MOST_LINES = 8;

export function problemText(error: unknown): ProblemText {
  if (!(error instanceof Problem)) return { title: strings.problems.unknown, lines: [] };
  const { status, body, isUncertain } = error;
  const lines = [
    ...(body.errors ?? []).map(({ field, pointer, problem, remedy }) =>
      strings.problems.line(field ?? pointer ?? '', problem ?? '', remedy ?? ''),
    ),
    ...(body.report?.cells ?? []).flatMap(({ result, message }) =>
      result === 'refused' && message !== undefined ? [message] : [],
    ),
  ];
  const more = lines.length - MOST_LINES;
  return {
    title: isUncertain ? strings.problems.unanswered : titleFor(status, body),
    lines: more > 0 ? [...lines.slice(0, MOST_LINES), strings.problems.more(more)] : lines,
  };
}

function titleFor(status: number, { code, detail, requestId }: ProblemBody): string {
  const { problems } = strings;
  if (status === 0) return problems.unreachable;
  if (status === 401) return problems.signedOut;
  // Trying again does not help here: whoever runs it reads how it is mended.
  if (code === 'damaged-document' && detail !== undefined) return problems.damaged(detail);
  if (status >= 500) return problems.server(requestId);
  if (detail !== undefined) return detail;
  if (status === 403) return problems.notAllowed;
  if (status === 404) return problems.notFound;
  return problems.unknown;
}
