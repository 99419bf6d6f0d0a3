import { strings } from '../strings.js';
import { monthName } from '../ui/format.js';
import { Icon } from '../ui/icon.js';
import { addToMonth, monthOf } from './dates.js';
import { ProductFilter } from './product-filter.js';
import type { Slot } from './slots.js';

interface MonthBarProps {
  view: 'calendar' | 'table';
  month: string;
  today: string;
  go: (month: string, view?: 'calendar' | 'table') => void;
  slots: readonly Slot[];
  hidden: ReadonlySet<string>;
  setHidden: (hidden: ReadonlySet<string>) => void;
  several: { isOn: boolean; set: (isOn: boolean) => void };
}

export function MonthBar({ view, month, today, go, slots, hidden, setHidden, several }: MonthBarProps) {
  return (
    <div className="month-bar">
      <div className="month-moves">
        <button
          type="button"
          className="icon-button"
          aria-label={strings.calendar.previousMonth}
          onClick={() => go(addToMonth(month, -1))}
        >
          <Icon name="previous" />
        </button>
        <h1 aria-live="polite">{monthName(month)}</h1>
        <button
          type="button"
          className="icon-button"
          aria-label={strings.calendar.nextMonth}
          onClick={() => go(addToMonth(month, 1))}
        >
          <Icon name="next" />
        </button>
        <button
          type="button"
          className="button button-quiet"
          disabled={month === monthOf(today)}
          onClick={() => go(monthOf(today))}
        >
          {strings.calendar.today}
        </button>
      </div>
      <div className="month-tools">
        {view === 'calendar' && (
          <button
            type="button"
            className="button button-quiet toggle"
            aria-pressed={several.isOn}
            onClick={() => several.set(!several.isOn)}
            title={strings.calendar.severalHint}
          >
            {strings.calendar.several}
          </button>
        )}
        <ProductFilter slots={slots} hidden={hidden} setHidden={setHidden} />
        <div className="segments" role="group" aria-label={strings.calendar.viewAs}>
          {(['calendar', 'table'] as const).map((one) => (
            <button key={one} type="button" aria-pressed={view === one} onClick={() => go(month, one)}>
              {one === 'calendar' ? strings.calendar.asMonth : strings.calendar.asTable}
            </button>
          ))}
        </div>
      </div>
    </div>
  );
}
