import { useEffect, useRef } from 'react';
import { strings } from '../strings.js';
import { byProduct, type Slot } from './slots.js';

interface ProductFilterProps {
  slots: readonly Slot[];
  hidden: ReadonlySet<string>;
  setHidden: (hidden: ReadonlySet<string>) => void;
}

/** Which products the calendar shows. */
export function ProductFilter({ slots, hidden, setHidden }: ProductFilterProps) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const closeOutside = (event: Event): void => {
      if (!details.current?.contains(event.target as Node)) details.current?.removeAttribute('open');
    };
    document.addEventListener('pointerdown', closeOutside);
    return () => document.removeEventListener('pointerdown', closeOutside);
  }, []);
  const groups = byProduct(slots);
  if (groups.length < 2) return null;
  const shown = groups.filter(({ productId }) => !hidden.has(productId)).length;
  const toggle = (productId: string): void => {
    const after = new Set(hidden);
    if (!after.delete(productId)) after.add(productId);
    setHidden(after);
  };
  return (
    <details
      className="menu"
      ref={details}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        details.current?.removeAttribute('open');
        details.current?.querySelector('summary')?.focus();
      }}
    >
      <summary className="button button-quiet">{strings.calendar.products(shown, groups.length)}</summary>
      <div className="menu-body">
        <fieldset>
          <legend className="visually-hidden">{strings.calendar.productsShown}</legend>
          {groups.map(({ productId, title }) => (
            <label key={productId} className="check">
              <input type="checkbox" checked={!hidden.has(productId)} onChange={() => toggle(productId)} />
              {title}
            </label>
          ))}
        </fieldset>
        <p className="row">
          <button type="button" className="link" onClick={() => setHidden(new Set())}>
            {strings.calendar.all}
          </button>
          <button
            type="button"
            className="link"
            onClick={() => setHidden(new Set(groups.map(({ productId }) => productId)))}
          >
            {strings.calendar.none}
          </button>
        </p>
      </div>
    </details>
  );
}
