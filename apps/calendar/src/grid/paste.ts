/** A block of cells as spreadsheets put it on the clipboard: tabs between cells, line ends between rows. */

/** Quoted cells may hold tabs and line ends; a doubled quote is a quote. The last line end ends the last row. */
export function parseBlock(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  const source = text.replace(/\r\n?/g, '\n').replace(/\n$/, '');
  for (let at = 0; at < source.length; at++) {
    const character = source[at] as string;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (source[at + 1] === '"') cell += source[at++];
      else quoted = false;
    } else if (character === '"' && cell === '') quoted = true;
    else if (character === '\t' || character === '\n') {
      rows.at(-1)?.push(cell);
      cell = '';
      if (character === '\n') rows.push([]);
    } else cell += character;
  }
  rows.at(-1)?.push(cell);
  return rows;
}

export function blockText(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.join('\t')).join('\n');
}

export interface Spot {
  row: number;
  column: number;
}

export interface Area {
  from: Spot;
  to: Spot;
}

export function areaOf(one: Spot, other: Spot): Area {
  return {
    from: { row: Math.min(one.row, other.row), column: Math.min(one.column, other.column) },
    to: { row: Math.max(one.row, other.row), column: Math.max(one.column, other.column) },
  };
}

export function isInside({ from, to }: Area, { row, column }: Spot): boolean {
  return row >= from.row && row <= to.row && column >= from.column && column <= to.column;
}

export function rowsOf({ from, to }: Area): Spot[][] {
  return Array.from({ length: to.row - from.row + 1 }, (_, down) =>
    Array.from({ length: to.column - from.column + 1 }, (_, right) => ({
      row: from.row + down,
      column: from.column + right,
    })),
  );
}

export function spotsOf(area: Area): Spot[] {
  return rowsOf(area).flat();
}

export interface Placed {
  entries: { spot: Spot; text: string }[];
  /** cells of the block that fell outside the table */
  outside: number;
}

/** Where a block lands: one value fills the chosen area; a larger block starts at its first cell. */
export function placeBlock(block: readonly (readonly string[])[], area: Area, size: Spot): Placed {
  const placed: Placed = { entries: [], outside: 0 };
  if (block.length === 1 && block[0]?.length === 1) {
    const text = block[0][0] as string;
    return { entries: spotsOf(area).map((spot) => ({ spot, text })), outside: 0 };
  }
  for (const [down, row] of block.entries()) {
    for (const [right, text] of row.entries()) {
      const spot = { row: area.from.row + down, column: area.from.column + right };
      if (spot.row < size.row && spot.column < size.column) placed.entries.push({ spot, text });
      else placed.outside++;
    }
  }
  return placed;
}

/** Where an arrow or another key leads; undefined for a key that moves nothing. */
export function moved({ row, column }: Spot, key: string, size: Spot, control: boolean): Spot | undefined {
  const last = { row: size.row - 1, column: size.column - 1 };
  const to: Record<string, Spot> = {
    ArrowUp: { row: control ? 0 : row - 1, column },
    ArrowDown: { row: control ? last.row : row + 1, column },
    ArrowLeft: { row, column: control ? 0 : column - 1 },
    ArrowRight: { row, column: control ? last.column : column + 1 },
    Home: { row: control ? 0 : row, column: 0 },
    End: { row: control ? last.row : row, column: last.column },
    PageUp: { row: row - 7, column },
    PageDown: { row: row + 7, column },
  };
  const spot = to[key];
  if (!spot) return undefined;
  const within = (value: number, most: number): number => Math.max(0, Math.min(most, value));
  return { row: within(spot.row, last.row), column: within(spot.column, last.column) };
}

/** The next cell to the right, then the next row's first; undefined after the last. */
export function nextSpot({ row, column }: Spot, size: Spot, step: 1 | -1): Spot | undefined {
  const at = row * size.column + column + step;
  if (at < 0 || at >= size.row * size.column) return undefined;
  return { row: Math.floor(at / size.column), column: at % size.column };
}
