import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react';

/**
 * For what takes the thing away that has the focus, as a button that is done with. Once the page shows it so, the
 * focus goes to the first of the places that is there; who has gone on elsewhere meanwhile stays there.
 */
export function keepFocus(...places: string[]): void {
  requestAnimationFrame(() =>
    setTimeout(() => {
      if (document.activeElement !== document.body) return;
      for (const place of [...places, '#main']) {
        const element = document.querySelector<HTMLElement>(place);
        if (element) return element.focus({ preventScroll: true });
      }
    }),
  );
}

/** The day, or the cell of the table, from which arrow keys go on. */
export const IN_GRID = '[role=gridcell][tabindex="0"]';

/** The heading of a sheet; while one is open, nothing else of the page can have the focus. */
export const SHEET_BELOW = 'dialog[open] .sheet-head h2';

/** A ref for what may go away by itself while it has the focus, as the number of held units does when nobody pays. */
export function useFocusHandedOn<Own extends HTMLElement>(...places: string[]): RefObject<Own | null> {
  const own = useRef<Own>(null);
  useLayoutEffect(() => {
    const element = own.current;
    // It is still in the page here.
    return () => {
      if (element && element === document.activeElement) keepFocus(...places);
    };
  }, []);
  return own;
}

/** Of a list whose items take their buttons away with them, as an order that was rejected does. */
export function useKeptFocus(length: number, ...places: string[]): void {
  const before = useRef(length);
  useEffect(() => {
    if (length < before.current) keepFocus(...places);
    before.current = length;
  });
}
