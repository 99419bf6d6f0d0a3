/** Dead letters as commands show them: counted by topic and error, and one by one. */

import { table } from '../answer.js';
import type { SelectedLetter } from './dlq-selection.js';

/** Letters that people are shown one by one. */
export const SHOWN = 50;

/** Counts by topic and error, and the first letters one by one. */
export class Tally {
  readonly listed: SelectedLetter[] = [];
  readonly #counts = new Map<
    string,
    { topic: string; error: string; letters: number; oldest: number; newest: number }
  >();
  total = 0;

  constructor(private readonly maxListed: number) {}

  add(letter: SelectedLetter): void {
    this.total += 1;
    if (this.listed.length < this.maxListed) this.listed.push(letter);
    const { topic } = letter;
    const { errorClass: error, failedAt } = letter.letter;
    const count = this.#counts.get(`${topic} ${error}`);
    if (count) {
      count.letters += 1;
      count.oldest = Math.min(count.oldest, failedAt);
      count.newest = Math.max(count.newest, failedAt);
    } else
      this.#counts.set(`${topic} ${error}`, { topic, error, letters: 1, oldest: failedAt, newest: failedAt });
  }

  get counts(): { topic: string; error: string; letters: number; oldest: string; newest: string }[] {
    return [...this.#counts.values()].map(({ oldest, newest, ...count }) => ({
      ...count,
      oldest: new Date(oldest).toISOString(),
      newest: new Date(newest).toISOString(),
    }));
  }
}

export function countTable(counts: Tally['counts']): string {
  return table(
    ['topic', 'error', 'letters', 'oldest', 'newest'],
    counts.map(({ topic, error, letters, oldest, newest }) => [topic, error, letters, oldest, newest]),
  );
}

export function letterTable(letters: readonly SelectedLetter[]): string {
  return table(
    ['letter', 'died', 'error', 'redrives', 'state', 'message'],
    letters.map((letter) => {
      const { failedAt, errorClass, redrives, message } = letter.letter;
      const died = new Date(failedAt).toISOString();
      return [letter.id, died, errorClass, redrives, stateOf(letter), printable(message)];
    }),
  );
}

export function stateOf({ act, isOpen }: SelectedLetter): string {
  if (!act) return 'open';
  return isOpen ? 'open (a redrive was interrupted)' : act.act;
}

export function moreThan(shown: number, total: number): string {
  return total > shown ? `… and ${total - shown} more (--json lists up to --max-listed)\n` : '';
}

/** Text of others, in a terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

export function letterView(selected: SelectedLetter): Record<string, unknown> {
  const { id, topic, letter, act } = selected;
  const { record, errorClass, message, attempts, failedAt, group, origin, redrives, file } = letter;
  return {
    letter: id,
    topic,
    state: selected.isOpen ? 'open' : act?.act,
    error: errorClass,
    message,
    failedAt: new Date(failedAt).toISOString(),
    attempts,
    group,
    origin,
    redrives,
    key: record.key?.toString() ?? null,
    bytes: record.value?.length ?? 0,
    ...(file !== undefined && { file }),
    ...(act && { act: { act: act.act, done: act.done, at: act.at, actor: act.actor, reason: act.reason } }),
  };
}

/** As text; what is none, as base64. */
export function textOf(bytes: Buffer | null): string | null {
  if (bytes === null) return null;
  return isText(bytes) ? bytes.toString() : `base64:${bytes.toString('base64')}`;
}

export function isText(bytes: Buffer | null): boolean {
  return (
    bytes !== null &&
    Buffer.from(bytes.toString()).equals(bytes) &&
    !/[^\P{Cc}\t\r\n]/u.test(bytes.toString())
  );
}

/** A class that is mistyped is no class at all; saying only "0" would pass for success. */
export const NONE_FITS = 'no open dead letter fits: `dlq list` shows which are open, with their errors\n';

export function doneText(total: number, what: 'redriven' | 'discarded', done = false): string {
  const letters = total === 1 ? '1 dead letter' : `${total} dead letters`;
  return done ? `${letters} ${what}\n` : `${letters} would be ${what}; --yes does it\n`;
}
