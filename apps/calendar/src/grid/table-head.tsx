import { slotName } from '../calendar/names.js';
import type { ProductSlots } from '../calendar/slots.js';
import { strings } from '../strings.js';

/** Products, and below them their variants. */
export function TableHead({ groups }: { groups: readonly ProductSlots[] }) {
  const hasVariants = groups.some(({ slots }) => slots.some(({ variant }) => variant !== null));
  return (
    <div role="rowgroup" className="table-head">
      {/* Screen readers take the headers of the first row by their place, however many columns each spans: where
          there is a second row, it says products and variants both. */}
      <div role="row" className="table-row" aria-hidden={hasVariants}>
        <span role="columnheader" className="table-date" aria-label={strings.table.date} />
        {groups.map(({ productId, title, slots }) => (
          <span
            key={productId}
            role="columnheader"
            className="table-product"
            style={{ gridColumnEnd: `span ${slots.length}` }}
          >
            <span className="table-product-name">{title}</span>
          </span>
        ))}
      </div>
      {hasVariants && (
        <div role="row" className="table-row">
          <span role="columnheader" className="table-date">
            {strings.table.date}
          </span>
          {groups.flatMap(({ slots }) =>
            slots.map((slot) => (
              <span key={slot.id} role="columnheader" className="table-variant" aria-label={slotName(slot)}>
                {slot.variant ?? (slots.length > 1 ? strings.noVariant : strings.table.left)}
              </span>
            )),
          )}
        </div>
      )}
    </div>
  );
}
