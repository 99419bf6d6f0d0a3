import type { UnlimitedWarning } from '@holdfast/store';
import type { Answer } from '../answer.js';

/** Named one by one as long as anybody would read them. */
const SHOWN_WARNINGS = 20;

export function warnOfUnlimited(answer: Answer, warnings: readonly UnlimitedWarning[]): void {
  for (const { message } of warnings.slice(0, SHOWN_WARNINGS)) answer.warn(message);
  const more = warnings.length - SHOWN_WARNINGS;
  if (more > 0) answer.warn(`… and ${more} more are unlimited (--json names them all)`);
}
