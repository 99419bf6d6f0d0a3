import { useState, type KeyboardEvent } from 'react';
import { strings } from '../strings.js';
import { weekdayLong, weekdayShort, monthName } from '../ui/format.js';
import { monthDates, weekdayOf } from './dates.js';
import { group, type Selection } from './selection.js';

interface WeekdayRowProps {
  month: string;
  week: readonly string[];
  selection: Selection;
  setSelection: (selection: Selection) => void;
  /** the rest stays chosen */
  keep: boolean;
  /** puts the focus on a day */
  moveTo: (date: string) => void;
}

/** The names of the weekdays; each chooses all its days of the month. */
export function WeekdayRow({ month, week, selection, setSelection, keep, moveTo }: WeekdayRowProps) {
  const [cursor, setCursor] = useState(0);
  const members = (date: string): string[] =>
    monthDates(month).filter((one) => weekdayOf(one) === weekdayOf(date));
  const onKeyDown = (event: KeyboardEvent<HTMLButtonElement>, at: number): void => {
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    const to = at + step;
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      // To one of those that the name has chosen, where Enter goes on to their numbers.
      const [first] = members(week[at] ?? '');
      if (first !== undefined) moveTo(first);
    }
    if (step === 0 || to < 0 || to > 6) return;
    event.preventDefault();
    setCursor(to);
    const row = event.currentTarget.closest('[role=row]');
    row?.querySelectorAll<HTMLElement>('button')[to]?.focus();
  };
  return (
    <div role="row" className="week weekdays">
      {week.map((date, at) => (
        // Called by its day alone: it is said with each of them.
        <div role="columnheader" key={date} aria-label={weekdayLong(date)}>
          <button
            type="button"
            tabIndex={at === cursor ? 0 : -1}
            aria-label={strings.calendar.allWeekdays(weekdayLong(date), monthName(month))}
            title={strings.calendar.allWeekdays(weekdayLong(date), monthName(month))}
            onClick={(event) => {
              setCursor(at);
              setSelection(group(selection, members(date), keep || event.ctrlKey || event.metaKey));
            }}
            onKeyDown={(event) => onKeyDown(event, at)}
          >
            {weekdayShort(date)}
          </button>
        </div>
      ))}
    </div>
  );
}
