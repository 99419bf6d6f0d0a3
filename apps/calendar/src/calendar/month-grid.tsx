/** The month as a grid of days: one cell has the focus, the chosen ones are marked. */

import { useMemo, type KeyboardEvent, type MouseEvent } from 'react';
import { strings } from '../strings.js';
import { dayLong, monthName } from '../ui/format.js';
import { codesOf } from './codes.js';
import { DayCell, linesOf } from './day-cell.js';
import { monthDates, monthOf } from './dates.js';
import { dateAfterKey } from './month-keys.js';
import type { Scene } from './scene.js';
import { extendedTo, group, NOTHING, only, toggled, type Selection } from './selection.js';
import { byProduct } from './slots.js';
import { useMonthCursor } from './use-month-cursor.js';
import { WeekdayRow } from './weekday-row.js';

interface MonthGridProps {
  scene: Scene;
  selection: Selection;
  setSelection: (selection: Selection) => void;
  isSeveral: boolean;
  goToMonth: (month: string) => void;
  /** Enter: on to the numbers of what is chosen */
  edit: () => void;
}

export function MonthGrid({ scene, selection, setSelection, isSeveral, goToMonth, edit }: MonthGridProps) {
  const { month, weeks, today, slots, inView } = scene;
  const groups = useMemo(() => byProduct(slots), [slots]);
  const codes = useMemo(() => codesOf(linesOf(groups).map(({ title }) => title)), [groups]);
  const { cursor, moveTo, grid } = useMonthCursor({ month, weeks, today, goToMonth });
  const { onClick, onKeyDown } = handlers({ month, selection, setSelection, isSeveral, moveTo, edit });

  return (
    <div className="month-and-keys">
      <CodeKey codes={codes} />
      <div
        ref={grid}
        role="grid"
        className="month"
        aria-label={strings.calendar.gridLabel(monthName(month))}
        aria-describedby="month-keys"
        aria-multiselectable="true"
        aria-busy={inView.state === 'loading'}
      >
        <WeekdayRow
          month={month}
          week={weeks[0] ?? []}
          selection={selection}
          setSelection={setSelection}
          keep={isSeveral}
          moveTo={moveTo}
        />
        {weeks.map((week) => (
          // Named, as it would be called by all that is in it.
          <div
            role="row"
            className="week"
            key={week[0]}
            aria-label={strings.calendar.week(dayLong(week[0] ?? ''))}
          >
            {week.map((date) => (
              <DayCell
                key={date}
                date={date}
                groups={groups}
                codes={codes}
                stock={inView.stock}
                fresh={inView.fresh}
                isToday={date === today}
                isPast={date < today}
                isOutside={monthOf(date) !== month}
                isSelected={selection.dates.has(date)}
                isCursor={date === cursor}
                isLoading={inView.state === 'loading'}
                onClick={onClick}
                onKeyDown={onKeyDown}
              />
            ))}
          </div>
        ))}
      </div>
      <p id="month-keys" className="month-keys">
        {strings.calendar.keys}
      </p>
    </div>
  );
}

/** What the short names mean, where there is no room for whole ones; read out are the whole ones. */
function CodeKey({ codes }: { codes: ReadonlyMap<string, string> }) {
  return (
    <ul className="code-key" aria-hidden="true">
      {[...codes].map(([title, code]) => (
        <li key={title}>
          {codes.size > 1 && <strong>{code}</strong>} {title}
        </li>
      ))}
    </ul>
  );
}

type Handling = Pick<MonthGridProps, 'selection' | 'setSelection' | 'isSeveral' | 'edit'> & {
  month: string;
  moveTo: (date: string) => void;
};

/** What clicks and keys on a day do. */
function handlers({ month, selection, setSelection, isSeveral, moveTo, edit }: Handling) {
  const onClick = (event: MouseEvent, date: string): void => {
    moveTo(date);
    const adds = event.ctrlKey || event.metaKey;
    if (event.shiftKey) setSelection(extendedTo(selection, date, adds));
    else if (adds || isSeveral) setSelection(toggled(selection, date));
    else setSelection(only(date));
  };
  const onKeyDown = (event: KeyboardEvent, date: string): void => {
    const control = event.ctrlKey || event.metaKey;
    const to = dateAfterKey(date, event.key, control);
    if (to !== undefined) {
      if (event.shiftKey) setSelection(extendedTo(selection.anchor === null ? only(date) : selection, to));
      moveTo(to);
    } else if (event.key === ' ') setSelection(toggled(selection, date));
    else if (event.key === 'Enter') {
      if (!selection.dates.has(date)) setSelection(only(date));
      edit();
    } else if (event.key === 'Escape') setSelection(NOTHING);
    else if (event.key === 'a' && control) setSelection(group(NOTHING, monthDates(month), false));
    else return;
    event.preventDefault();
  };
  return { onClick, onKeyDown };
}
