import { useEffect, useRef } from 'react';

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

/** Of a list whose items take their buttons away with them, as an order that was rejected does. */
export function useKeptFocus(length: number, ...places: string[]): void {
  const before = useRef(length);
  useEffect(() => {
    if (length < before.current) keepFocus(...places);
    before.current = length;
  });
}
