import type { KeyboardEvent, MouseEvent } from 'react';
import { strings } from '../strings.js';
import { StockBar } from '../ui/stock-bar.js';
import { glanceOf, levelOf } from './balance.js';
import { dayLabel, leftText } from './names.js';
import { balancesAt, keyOf, placeOf, type ProductSlots, type Stock } from './slots.js';
import { VariantMarks } from './variant-marks.js';

const MOST_PRODUCTS = 4;

/** Those of which a day has a line. */
export function linesOf(groups: readonly ProductSlots[]): readonly ProductSlots[] {
  return groups.length > MOST_PRODUCTS ? groups.slice(0, MOST_PRODUCTS - 1) : groups;
}

export interface DayCellProps {
  date: string;
  groups: readonly ProductSlots[];
  /** short names, by title */
  codes: ReadonlyMap<string, string>;
  stock: Stock;
  fresh: ReadonlySet<string>;
  isToday: boolean;
  isPast: boolean;
  isOutside: boolean;
  isSelected: boolean;
  isCursor: boolean;
  isLoading: boolean;
  onClick: (event: MouseEvent, date: string) => void;
  onKeyDown: (event: KeyboardEvent, date: string) => void;
}

export function DayCell(props: DayCellProps) {
  const { date, groups, stock, fresh, isToday, isSelected, isCursor, isLoading, onClick, onKeyDown } = props;
  const shown = linesOf(groups);
  const marks = [
    'day',
    ...(isToday ? ['day-today'] : []),
    ...(props.isPast ? ['day-past'] : []),
    ...(props.isOutside ? ['day-outside'] : []),
  ];
  return (
    <div
      role="gridcell"
      className={marks.join(' ')}
      data-date={date}
      tabIndex={isCursor ? 0 : -1}
      aria-selected={isSelected}
      aria-current={isToday ? 'date' : undefined}
      aria-label={isLoading ? dayLabel(date, [], stock, isToday) : dayLabel(date, groups, stock, isToday)}
      onClick={(event) => onClick(event, date)}
      onKeyDown={(event) => onKeyDown(event, date)}
    >
      <span className="day-number" aria-hidden="true">
        {Number(date.slice(8))}
        {isToday && <span className="day-word">{strings.todayWord}</span>}
      </span>
      {!isLoading && (
        <span className={shown.length === 1 ? 'day-lines day-lines-one' : 'day-lines'} aria-hidden="true">
          {shown.map((group) => (
            <DayLine
              key={group.productId}
              date={date}
              group={group}
              code={props.codes.get(group.title)}
              stock={stock}
              fresh={fresh}
            />
          ))}
          {groups.length > shown.length && (
            <span className="day-more">{strings.moreProducts(groups.length - shown.length)}</span>
          )}
        </span>
      )}
    </div>
  );
}

type DayLineProps = Pick<DayCellProps, 'date' | 'stock' | 'fresh'> & {
  group: ProductSlots;
  code: string | undefined;
};

function DayLine({ date, group: { title, slots }, code, stock, fresh }: DayLineProps) {
  const each = slots.map((slot) => balancesAt(stock, slot, date));
  const glance = glanceOf(each);
  const { all } = glance;
  const level = levelOf(all);
  const isFresh = slots.some((slot) => fresh.has(keyOf(placeOf(slot, date))));
  const claimed = [
    ...(all.held > 0 ? [strings.held(all.held)] : []),
    ...(all.sold > 0 ? [strings.sold(all.sold)] : []),
    ...(all.refunded > 0 ? [strings.refunded(all.refunded)] : []),
  ];
  const isQuiet = level === 'unlimited' && claimed.length === 0 && glance.out.length === 0;
  return (
    <span className={`line level-${level}${isQuiet ? ' line-quiet' : ''}${isFresh ? ' line-fresh' : ''}`}>
      <span className="line-name">
        <span className="word-long">{title}</span>
        <span className="word-short">{code}</span>
      </span>
      <span className="line-left">
        <span className="mark" />
        <span className="word-long">{isQuiet ? '∞' : leftText(all)}</span>
        <span className="word-short">{all.free ?? '∞'}</span>
      </span>
      {claimed.length > 0 && <span className="line-more">{claimed.join(' · ')}</span>}
      <VariantMarks slots={slots} each={each} glance={glance} />
      {!isQuiet && <StockBar balances={all} />}
    </span>
  );
}
