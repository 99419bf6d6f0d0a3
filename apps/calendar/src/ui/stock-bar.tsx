import type { Balances } from '../api/types.js';
import { partsOf } from '../calendar/balance.js';

/** Sold, refunded, held, left: told apart by pattern as well as by colour. The numbers stand beside it. */
export function StockBar({ balances }: { balances: Balances }) {
  return (
    <span className={balances.free === null ? 'bar bar-open' : 'bar'} aria-hidden="true">
      {partsOf(balances).map(({ kind, share }) => (
        <span key={kind} className={`bar-${kind}`} style={{ flexGrow: share }} />
      ))}
    </span>
  );
}
