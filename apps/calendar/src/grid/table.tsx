import { useMemo } from 'react';
import { byProduct } from '../calendar/slots.js';
import { strings } from '../strings.js';
import { monthName } from '../ui/format.js';
import { TableHead } from './table-head.js';
import { TableRow } from './table-row.js';
import { useTableEditing, type TableProps } from './use-table-editing.js';

export function Table({ scene, dates, drafts, setDrafts, cursor, setCursor, canEdit }: TableProps) {
  const { slots, inView, month, today } = scene;
  const groups = useMemo(() => byProduct(slots), [slots]);
  const editing = useTableEditing({ scene, dates, drafts, setDrafts, cursor, setCursor, canEdit });
  return (
    <div
      ref={editing.table}
      role="grid"
      className="table"
      aria-label={strings.table.label(monthName(month))}
      aria-describedby="table-keys"
      aria-multiselectable="true"
      aria-busy={inView.state === 'loading'}
      onPaste={editing.onPaste}
      onCopy={editing.onCopy}
    >
      <TableHead groups={groups} />
      <div role="rowgroup" className="table-rows">
        {dates.map((date, row) => (
          <TableRow
            key={date}
            date={date}
            slots={slots}
            stock={inView.stock}
            fresh={inView.fresh}
            drafts={drafts}
            isToday={date === today}
            isPast={date < today}
            isLoading={inView.state === 'loading'}
            cursor={row === cursor.row ? cursor.column : undefined}
            isChosen={(column) => editing.isChosen({ row, column })}
            editing={row === cursor.row ? editing.editing : undefined}
            commit={editing.commit}
            cancel={editing.cancel}
            onCell={(column, kind, extend) => editing.onCell({ row, column }, kind, extend)}
            onKeyDown={editing.onKeyDown}
          />
        ))}
      </div>
    </div>
  );
}
