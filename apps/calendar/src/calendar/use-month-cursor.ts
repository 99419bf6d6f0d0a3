import { useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { monthOf } from './dates.js';

export interface MonthCursor {
  /** the day that has the focus, or gets it when the grid is entered */
  cursor: string;
  /** puts it on a day, in another month too */
  moveTo: (date: string) => void;
  grid: RefObject<HTMLDivElement | null>;
}

interface Options {
  month: string;
  weeks: readonly string[][];
  today: string;
  goToMonth: (month: string) => void;
}

/** One day of the grid can be reached by Tab; arrows move on from it. */
export function useMonthCursor({ month, weeks, today, goToMonth }: Options): MonthCursor {
  const [wanted, setWanted] = useState(today);
  const grid = useRef<HTMLDivElement>(null);
  const mustFocus = useRef(false);
  const visible = useMemo(() => new Set(weeks.flat()), [weeks]);
  const cursor = visible.has(wanted) ? wanted : monthOf(today) === month ? today : `${month}-01`;

  useEffect(() => {
    if (!mustFocus.current || cursor !== wanted) return;
    mustFocus.current = false;
    grid.current?.querySelector<HTMLElement>(`[data-date="${cursor}"]`)?.focus();
  }, [cursor, wanted, month]);

  return {
    cursor,
    grid,
    moveTo(date) {
      mustFocus.current = true;
      setWanted(date);
      if (!visible.has(date)) goToMonth(monthOf(date));
    },
  };
}
