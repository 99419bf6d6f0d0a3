/** Focus, keys and clipboard of the table, as a spreadsheet has them. */

import { useEffect, useRef, useState, type ClipboardEvent, type KeyboardEvent } from 'react';
import type { Scene } from '../calendar/scene.js';
import { strings } from '../strings.js';
import { useNotices } from '../ui/notices.js';
import type { Editing, Then } from './cell-input.js';
import type { Drafts, SetDrafts } from './drafts.js';
import {
  areaOf,
  type Area,
  rowsOf,
  blockText,
  isInside,
  moved,
  nextSpot,
  parseBlock,
  placeBlock,
  spotsOf,
  type Spot,
} from './paste.js';
import { tableCells, type TableCells } from './table-cells.js';

export interface TableProps {
  scene: Scene;
  dates: string[];
  drafts: Drafts;
  setDrafts: SetDrafts;
  cursor: Spot;
  setCursor: (spot: Spot) => void;
  canEdit: boolean;
}

/** What the keys of a cell that is not being edited do, besides moving. */
type Command = 'edit' | 'blank' | 'drop' | { type: string };

export function useTableEditing({ scene, dates, drafts, setDrafts, cursor, setCursor, canEdit }: TableProps) {
  const { announce } = useNotices();
  const table = useRef<HTMLDivElement>(null);
  const mustFocus = useRef(false);
  const [anchor, setAnchor] = useState<Spot>();
  const [editing, setEditing] = useState<Editing>();
  const cells = tableCells({ scene, dates, drafts, setDrafts });
  const size = { row: dates.length, column: scene.slots.length };
  const area = areaOf(anchor ?? cursor, cursor);

  useEffect(() => {
    if (!mustFocus.current || editing) return;
    mustFocus.current = false;
    table.current?.querySelector<HTMLElement>('[role=gridcell][tabindex="0"]')?.focus();
  });

  const go = (spot: Spot | undefined, extend = false): void => {
    mustFocus.current = true;
    setEditing(undefined);
    setAnchor(extend ? (anchor ?? cursor) : undefined);
    if (spot) setCursor(spot);
  };
  const edit = (spot: Spot, start: string, isTyped = false): void => {
    if (canEdit && cells.placeAt(spot)) setEditing({ start, isTyped });
  };
  const commit = (typed: string, then: Then): void => {
    cells.write((then === 'fill' ? spotsOf(area) : [cursor]).map((spot) => ({ spot, text: typed })));
    mustFocus.current = then !== 'stay';
    setEditing(undefined);
    if (then === 'down') go(moved(cursor, 'ArrowDown', size, false));
    else if (then === 'right' || then === 'left') go(nextSpot(cursor, size, then === 'right' ? 1 : -1));
  };
  const run = (command: Command): void => {
    if (typeof command === 'object') edit(cursor, command.type, true);
    else if (command === 'edit') edit(cursor, cells.textAt(cursor));
    else if (command === 'drop') {
      setAnchor(undefined);
      cells.drop(spotsOf(area));
    } else if (canEdit) cells.write(spotsOf(area).map((spot) => ({ spot, text: '' })));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const control = event.ctrlKey || event.metaKey;
    const to = moved(cursor, event.key, size, control);
    const command = to ? undefined : commandOf(event, control);
    if (to) go(to, event.shiftKey);
    else if (command) run(command);
    else return;
    event.preventDefault();
  };
  return {
    table,
    /** of the cell that is being edited; undefined while none is */
    editing,
    isChosen: (spot: Spot) => anchor !== undefined && isInside(area, spot),
    commit,
    cancel: () => go(undefined),
    onCell(spot: Spot, kind: 'go' | 'edit', extend: boolean) {
      if (kind === 'go') go(spot, extend);
      else edit(spot, cells.textAt(spot));
    },
    onKeyDown,
    // While a cell is edited, the clipboard is its field's.
    ...(!editing && clipboard({ cells, area, size, canEdit, announce })),
  };
}

interface ClipboardOptions {
  cells: TableCells;
  area: Area;
  size: Spot;
  canEdit: boolean;
  announce: (text: string) => void;
}

/** Blocks of cells, as spreadsheets exchange them. */
function clipboard({ cells, area, size, canEdit, announce }: ClipboardOptions) {
  return {
    onPaste(event: ClipboardEvent): void {
      if (!canEdit) return;
      event.preventDefault();
      const block = parseBlock(event.clipboardData.getData('text/plain'));
      const { entries, outside } = placeBlock(block, area, size);
      cells.write(entries);
      announce(strings.table.pasted(entries.length, outside));
    },
    onCopy(event: ClipboardEvent): void {
      event.preventDefault();
      const rows = rowsOf(area).map((spots) => spots.map(cells.textAt));
      event.clipboardData.setData('text/plain', blockText(rows));
    },
  };
}

function commandOf({ key, altKey }: KeyboardEvent, control: boolean): Command | undefined {
  if (key === 'Enter' || key === 'F2') return 'edit';
  if (key === 'Delete' || key === 'Backspace') return 'blank';
  if (key === 'Escape') return 'drop';
  if (control || altKey) return undefined;
  return /^[0-9+\-−]$/.test(key) ? { type: key } : undefined;
}
