/** Lets a line through when it is new, and then once in a while with how often it came: an outage is no flood. */

const AGAIN_AFTER_MS = 30_000;
const MAX_LINES = 200;

export class RepeatedLines {
  readonly #lines = new Map<string, { toldAt: number; held: number }>();

  /** @param now epoch ms; @returns what to write, or undefined for nothing */
  pass(line: string, now: number): string | undefined {
    const known = this.#lines.get(line);
    if (known && now - known.toldAt < AGAIN_AFTER_MS) {
      known.held += 1;
      return undefined;
    }
    if (this.#lines.size >= MAX_LINES) this.#lines.clear();
    this.#lines.set(line, { toldAt: now, held: 0 });
    return known && known.held > 0 ? `${line} (and ${known.held} times before)` : line;
  }
}
