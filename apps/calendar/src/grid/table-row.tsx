import type { KeyboardEvent } from 'react';
import { levelOf } from '../calendar/balance.js';
import { numbersText, slotName } from '../calendar/names.js';
import { balancesAt, keyOf, placeOf, type Slot, type Stock } from '../calendar/slots.js';
import { strings } from '../strings.js';
import { dayLong, dayWithWeekday } from '../ui/format.js';
import { StockBar } from '../ui/stock-bar.js';
import { CellInput, type Editing, type Then } from './cell-input.js';
import { wrongOf, type Draft, type Drafts } from './drafts.js';

interface TableRowProps {
  date: string;
  slots: readonly Slot[];
  stock: Stock;
  fresh: ReadonlySet<string>;
  drafts: Drafts;
  isToday: boolean;
  isPast: boolean;
  isLoading: boolean;
  /** column of the focus, when it is in this row */
  cursor: number | undefined;
  isChosen: (column: number) => boolean;
  editing: Editing | undefined;
  commit: (text: string, then: Then) => void;
  cancel: () => void;
  onCell: (column: number, kind: 'go' | 'edit', extend: boolean) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

export function TableRow(props: TableRowProps) {
  const { date, slots, isToday, isPast } = props;
  const marks = ['table-row', ...(isToday ? ['row-today'] : []), ...(isPast ? ['row-past'] : [])];
  return (
    <div role="row" className={marks.join(' ')} aria-label={dayLong(date)}>
      <span role="rowheader" className="table-date">
        {dayWithWeekday(date)}
      </span>
      {slots.map((slot, column) => (
        <TableCell key={slot.id} slot={slot} column={column} {...props} />
      ))}
    </div>
  );
}

function TableCell({ slot, column, ...row }: TableRowProps & { slot: Slot; column: number }) {
  const { date, stock, fresh, drafts, cursor, editing, isLoading } = row;
  const key = keyOf(placeOf(slot, date));
  const balances = balancesAt(stock, slot, date);
  const draft = drafts.get(key);
  const isCursor = cursor === column;
  const marks = [
    'cell',
    `level-${levelOf(balances)}`,
    ...(draft ? ['cell-edited'] : []),
    ...(draft && (wrongOf(draft) || draft.refused !== undefined) ? ['cell-wrong'] : []),
    ...(row.isChosen(column) ? ['cell-chosen'] : []),
    ...(fresh.has(key) ? ['cell-fresh'] : []),
    ...(slot.counted ? [] : ['cell-closed']),
  ];
  const label = `${dayLong(date)}, ${slotName(slot)}: ${draft ? strings.table.draft(draft.text, numbersText(balances)) : numbersText(balances)}`;
  if (isCursor && editing) {
    return (
      <span role="gridcell" className={`${marks.join(' ')} cell-editing`}>
        <CellInput editing={editing} label={label} commit={row.commit} cancel={row.cancel} />
      </span>
    );
  }
  return (
    <span
      role="gridcell"
      className={marks.join(' ')}
      data-cell={key}
      tabIndex={isCursor ? 0 : -1}
      aria-label={isLoading ? undefined : label}
      aria-selected={row.isChosen(column) || isCursor}
      aria-readonly={!slot.counted}
      aria-invalid={draft !== undefined && wrongOf(draft) !== undefined}
      // A finger has no keys to begin with: it taps once more.
      onClick={({ shiftKey, nativeEvent }) =>
        row.onCell(column, isCursor && isTouch(nativeEvent) ? 'edit' : 'go', shiftKey)
      }
      onDoubleClick={() => row.onCell(column, 'edit', false)}
      onKeyDown={row.onKeyDown}
    >
      {!isLoading && <CellFace draft={draft} balances={balances} />}
    </span>
  );
}

function isTouch(event: Event): boolean {
  return event instanceof PointerEvent && event.pointerType === 'touch';
}

function CellFace({
  draft,
  balances,
}: {
  draft: Draft | undefined;
  balances: ReturnType<typeof balancesAt>;
}) {
  const { free, held, sold } = balances;
  return (
    <span className="cell-face" aria-hidden="true">
      <span className="cell-left">
        {draft ? (
          <>
            <del>{free ?? '∞'}</del> {draft.text.trim() === '' ? '∞' : draft.text}
          </>
        ) : (
          <>
            <span className="mark" />
            {free ?? '∞'}
          </>
        )}
      </span>
      {held + sold > 0 && <span className="cell-more">{strings.table.claimed(held, sold)}</span>}
      <StockBar balances={balances} />
    </span>
  );
}
