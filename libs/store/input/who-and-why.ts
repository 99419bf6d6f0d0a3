/** Who made a change, and why: kept with everything that people do to stock and orders. */

import type { CauseDoc } from '../documents/documents.js';
import type { InputProblem } from './input-fault.js';

export const MAX_REASON = 500;
export const MAX_ACTOR = 200;

export interface WhoAndWhy {
  /** who did it, kept with the change */
  actor: string;
  reason?: string;
}

export function whoAndWhyProblems({ actor, reason }: WhoAndWhy): InputProblem[] {
  const problems: InputProblem[] = [];
  if (actor.trim() === '' || actor.length > MAX_ACTOR) {
    const remedy = `say who makes the change, in at most ${MAX_ACTOR} characters`;
    problems.push({ field: 'actor', problem: `${actor.length} characters`, remedy });
  }
  if (reason !== undefined && reason.length > MAX_REASON) {
    const problem = `${reason.length} characters`;
    problems.push({ field: 'reason', problem, remedy: `use at most ${MAX_REASON}` });
  }
  return problems;
}

/** The cause of a fact that people made. Outcomes say its topic and event id alone. */
export function causeOfChange(
  source: 'ops' | 'api',
  changeId: string,
  { actor, reason }: WhoAndWhy,
): CauseDoc {
  return { topic: source, eventId: changeId, actor, ...(reason !== undefined && { reason }) };
}
