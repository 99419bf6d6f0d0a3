/** What a command says: JSON on stdout for programs, aligned tables for people; progress on stderr. */

export interface Streams {
  out(text: string): void;
  err(text: string): void;
  /** whether stderr is a terminal, so that progress may overwrite itself */
  isTerminal: boolean;
}

export type Cell = string | number | null | undefined;

/** Columns as wide as their widest cell, numbers to the right; `null` and nothing as they are called. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map(cellText));
  const widths = headings.map((heading, at) =>
    texts.reduce((width, row) => Math.max(width, (row[at] ?? '').length), heading.length),
  );
  const right = headings.map((_, at) => rows.some((row) => typeof row[at] === 'number'));
  const shown = (cells: readonly string[]): string =>
    widths
      .map((width, at) => (right[at] ? (cells[at] ?? '').padStart(width) : (cells[at] ?? '').padEnd(width)))
      .join('  ')
      .trimEnd();
  return (
    [shown(headings), shown(widths.map((width) => '-'.repeat(width))), ...texts.map(shown)].join('\n') + '\n'
  );
}

function cellText(cell: Cell): string {
  // Ids may hold anything but control characters, and those never come here.
  return cell === null || cell === undefined ? '-' : String(cell);
}

/** `name: value` lines, values aligned. */
export function fields(pairs: readonly (readonly [string, Cell])[]): string {
  const width = pairs.reduce((most, [name]) => Math.max(most, name.length), 0);
  return pairs.map(([name, value]) => `${(name + ':').padEnd(width + 2)}${cellText(value)}\n`).join('');
}

export function unitsLeft(free: number | null): string | number {
  return free ?? 'unlimited';
}

export class Answer {
  constructor(
    private readonly streams: Streams,
    readonly json: boolean,
  ) {}

  /** The result: as JSON, or as `text` for people. */
  result(value: unknown, text: () => string): void {
    this.streams.out(this.json ? JSON.stringify(value, null, 2) + '\n' : text());
  }

  /** Something worth noticing; programs find it in the result. */
  warn(message: string): void {
    if (!this.json) this.streams.err(`warning: ${message}\n`);
  }

  /** How far something is: one line that overwrites itself in a terminal, silence elsewhere unless `last`. */
  progress(message: string, last = false): void {
    if (this.streams.isTerminal) this.streams.err(`\r\x1b[2K${message}${last ? '\n' : ''}`);
    else if (last) this.streams.err(`${message}\n`);
  }
}
