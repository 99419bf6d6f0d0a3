import { useId } from 'react';
import { strings } from '../strings.js';
import { Icon } from '../ui/icon.js';
import { useShop } from '../ui/shop.js';
import { StockBar } from '../ui/stock-bar.js';
import { together } from './balance.js';
import type { Behind } from './scene.js';
import { slotName } from './names.js';
import { NumberButtons } from './number-buttons.js';
import type { PanelDrafts } from './panel-drafts.js';
import { balancesAt, placeOf, type Slot, type Stock } from './slots.js';

interface SlotFieldProps {
  slot: Slot;
  /** `[null]` in a shop without dates */
  dates: readonly (string | null)[];
  stock: Stock;
  drafts: PanelDrafts;
  openBehind: (behind: Behind) => void;
}

/** What one product or variant has on the chosen dates, and the field for its new number. */
export function SlotField({ slot, dates, stock, drafts, openBehind }: SlotFieldProps) {
  const { canWrite } = useShop();
  const id = useId();
  const each = dates.map((date) => balancesAt(stock, slot, date));
  const all = together(each);
  const isSame = each.every(({ free }) => free === each[0]?.free);
  const current = isSame && all.free !== null ? String(each[0]?.free) : '';
  const text = drafts.text(slot);
  const wrong = drafts.wrong.get(slot.id);
  const [onlyDate] = dates;
  const name = slotName(slot);
  return (
    <div className={text === undefined ? 'slot' : 'slot slot-edited'}>
      <label htmlFor={id}>{slot.variant ?? strings.panel.left}</label>
      {canWrite && slot.counted && (
        <span className="slot-entry">
          <input
            id={id}
            inputMode="numeric"
            autoComplete="off"
            data-slot={slot.id}
            aria-label={strings.panel.fieldOf(name)}
            value={text ?? current}
            placeholder={text !== undefined || isSame ? strings.unlimited : strings.panel.different}
            aria-invalid={wrong !== undefined}
            aria-describedby={wrong && `${id}-problem`}
            onChange={(event) => drafts.set([slot], event.target.value)}
          />
          <button
            type="button"
            className="icon-button"
            aria-label={strings.panel.makeUnlimited(name)}
            title={strings.panel.makeUnlimited(name)}
            aria-pressed={text === ''}
            onClick={() => drafts.set([slot], text === '' ? undefined : '')}
          >
            <Icon name="infinity" />
          </button>
        </span>
      )}
      {!slot.counted && <span className="muted">{strings.panel.notCounted}</span>}
      <p id={`${id}-problem`} className="field-problem" role="alert">
        {wrong && strings.wrong[wrong]}
      </p>
      <div className="slot-now">
        <StockBar balances={all} />
        <NumberButtons
          balances={all}
          dates={dates.length}
          open={
            dates.length === 1 && onlyDate !== undefined
              ? (kind) => openBehind({ place: placeOf(slot, onlyDate), kind })
              : undefined
          }
          name={name}
        />
      </div>
    </div>
  );
}
