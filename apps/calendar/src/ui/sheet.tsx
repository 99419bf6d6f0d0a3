/** A dialog at the side of the page, at its foot on a small screen; or a small one in the middle. */

import { useEffect, useId, useRef, type ReactNode } from 'react';
import { strings } from '../strings.js';
import { IN_GRID, keepFocus, SHEET_BELOW } from './focus.js';
import { Icon } from './icon.js';
import { useNotices } from './notices.js';

interface SheetProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  kind?: 'side' | 'middle';
}

const FIELDS = ':is(input, select, textarea):not(:disabled)';

export function Sheet({ title, onClose, children, kind = 'side' }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const { addHost } = useNotices();
  useEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    shown?.showModal();
    // By itself it would begin at the button that closes it.
    shown?.querySelector<HTMLElement>(FIELDS)?.focus();
    const removeHost = shown && addHost(shown);
    return () => {
      removeHost?.();
      shown?.close();
      // What opened it may be gone with what was done in it, as the number of held units is when they are not held.
      const isThere = before instanceof HTMLElement && before.isConnected && before !== document.body;
      if (isThere) before.focus();
      else keepFocus(SHEET_BELOW, IN_GRID);
    };
  }, [addHost]);
  return (
    <dialog
      ref={dialog}
      className={`sheet sheet-${kind}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div className="sheet-body">
        <header className="sheet-head">
          <h2 id={titleId} tabIndex={-1}>
            {title}
          </h2>
          <button type="button" className="icon-button" aria-label={strings.close} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
