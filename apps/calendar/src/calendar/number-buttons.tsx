import type { Balances, Kind } from '../api/types.js';
import { strings } from '../strings.js';
import { number } from '../ui/format.js';
import { levelOf } from './balance.js';
import { IN_GRID, SHEET_BELOW, useFocusHandedOn } from '../ui/focus.js';
import { leftText } from './names.js';

interface NumberButtonsProps {
  balances: Balances;
  /** how many dates the numbers are of, together */
  dates?: number;
  /** opens the orders behind a number; absent where there is no one place for it */
  open?: ((kind: Kind) => void) | undefined;
  /** whose numbers, for a screen reader */
  name: string;
}

/** `left 12 · held 3 · sold 25 · 40 in all`; each number leads to its orders. */
export function NumberButtons({ balances, dates = 1, open, name }: NumberButtonsProps) {
  const { held, sold, refunded, total } = balances;
  const counts = { held, sold, refunded };
  const kinds = (['held', 'sold', 'refunded'] as const).filter((kind) => kind !== 'refunded' || refunded > 0);
  return (
    <span className="numbers">
      <span className={`number level-${levelOf(balances)}`}>
        <span className="mark" aria-hidden="true" />
        {leftText(balances)}
      </span>
      {kinds.map((kind) =>
        open && counts[kind] > 0 ? (
          <OrdersButton
            key={kind}
            kind={kind}
            units={strings[kind](counts[kind])}
            name={name}
            open={() => open(kind)}
          />
        ) : (
          <span key={kind} className={counts[kind] > 0 ? `number number-${kind}` : 'number muted'}>
            {strings[kind](counts[kind])}
          </span>
        ),
      )}
      {total !== null && <span className="number muted">{strings.inAll(number(total))}</span>}
      {dates > 1 && <span className="number muted">{strings.panel.together(dates)}</span>}
    </span>
  );
}

interface OrdersButtonProps {
  kind: Kind;
  /** `3 held` */
  units: string;
  name: string;
  open: () => void;
}

function OrdersButton({ kind, units, name, open }: OrdersButtonProps) {
  const button = useFocusHandedOn<HTMLButtonElement>(SHEET_BELOW, '#panel-heading', IN_GRID);
  return (
    <button
      ref={button}
      type="button"
      className={`number number-${kind}`}
      aria-label={strings.behind.open(units, name)}
      onClick={open}
    >
      {units}
    </button>
  );
}
